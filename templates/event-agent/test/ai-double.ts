import { createServer, type ServerResponse } from "node:http";
import {
  answerJson,
  bodyOf,
  endServers,
  FALLBACK,
  listen,
  PRIMARY,
  passOn,
  SPENT_BY_ONE_CALL,
  serveWorkersAi,
  spendIt,
  twoModelRoute,
} from "@tenner/local-cloud/testing";

const { gateway, routes } = twoModelRoute("event-agent-test", 3_000);

/** The gateway of the tests, as the Worker knows it. */
export const GATEWAY = gateway;

/**
 * The local cloud's own AI Gateway on the AI binding's wire, with models behind it that go wrong on demand. Words in the
 * prompt steer them: `[[fail]]` 500, `[[refuse]]` 400, `[[busy]]` 429, `[[hang]]` never, `[[slow]]` 300 ms,
 * `[[garbage]]` no JSON, `[[garbage-once]]` JSON only for the repair, `[[primary-fails]]`, `[[fail-first]]` one 500,
 * `[[local-cloud]]` the local cloud's stand-in answers, `[[budget]]` the gateway's spend limit is exceeded.
 * `GET /calls/WORD` counts the calls whose prompt held the word, and those that the caller cut off.
 */
export async function startAiDouble(): Promise<{ url: string; close(): Promise<void> }> {
  const models = await startModels();
  const steered = await serveWorkersAi({ upstreamUrl: `${models.url}/v1`, routes });
  const standIn = await serveWorkersAi({ routes });
  // Spent by the first call: whatever comes after it is refused.
  const spent = await serveWorkersAi({ routes, gateway: { spend_limits: SPENT_BY_ONE_CALL } });
  await spendIt(spent.url, GATEWAY.id);

  const server = createServer((request, response) => {
    if (request.method === "GET" && request.url?.startsWith("/calls/"))
      return answerJson(response, models.calls(decodeURIComponent(request.url.slice("/calls/".length))));
    void bodyOf(request).then((body) => {
      const text = body.toString();
      const target = text.includes("[[budget]]") ? spent : text.includes("[[local-cloud]]") ? standIn : steered;
      return passOn(target.url, request, body, response);
    });
  });
  const url = await listen(server);
  let closing: Promise<unknown> | undefined;
  return {
    url,
    async close() {
      endServers(server);
      models.close();
      closing ??= Promise.all([steered.close(), standIn.close(), spent.close()]);
      await closing;
    },
  };
}

/** An OpenAI-compatible server with the models of the route. */
async function startModels() {
  const prompts: string[] = [];
  const cut: string[] = [];
  const server = createServer((request, response) => {
    if (request.method === "GET") return answerJson(response, { data: [{ id: PRIMARY }, { id: FALLBACK }] });
    void bodyOf(request).then((body) => answer(JSON.parse(body.toString()) as Inputs, response));
  });

  function answer(inputs: Inputs, response: ServerResponse): void {
    const prompt = inputs.messages.map((message) => message.content).join("\n");
    const has = (word: string) => prompt.includes(`[[${word}]]`);
    const before = prompts.filter((each) => each === prompt).length;
    prompts.push(prompt);
    response.on("close", () => {
      if (!response.writableFinished) cut.push(prompt);
    });
    const refusal = refusalOf(inputs.model, has, before);
    if (has("hang")) return;
    if (refusal) {
      answerJson(response, { error: refusal.words }, refusal.status);
      return;
    }
    const repairing = inputs.messages.some((message) => message.role === "assistant");
    const garbage = has("garbage") || (has("garbage-once") && !repairing);
    const schema = inputs.response_format?.json_schema.schema;
    const content = garbage ? "no { JSON" : schema ? JSON.stringify(sample(schema)) : `Answer ${prompts.length}`;
    const completion = {
      object: "chat.completion",
      choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
      usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
    };
    setTimeout(() => answerJson(response, completion), has("slow") ? 300 : 0);
  }

  const url = await listen(server);
  const count = (list: readonly string[], word: string) => list.filter((prompt) => prompt.includes(word)).length;
  return {
    url,
    calls: (word: string) => ({ calls: count(prompts, word), cut: count(cut, word) }),
    close() {
      endServers(server);
    },
  };
}

/** What a model says no with, if it does. */
function refusalOf(model: string, has: (word: string) => boolean, before: number) {
  if (has("fail") || (has("fail-first") && before === 0)) return { status: 500, words: "down" };
  if (has("primary-fails") && model === PRIMARY) return { status: 500, words: "down" };
  if (has("refuse")) return { status: 400, words: "invalid input" };
  if (has("busy")) return { status: 429, words: "capacity" };
  return undefined;
}

interface Inputs {
  model: string;
  messages: { role: string; content: string }[];
  response_format?: { json_schema: { schema: Schema } };
}
interface Schema {
  type?: string;
  enum?: unknown[];
  properties?: Record<string, Schema>;
}

function sample(schema: Schema): unknown {
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case "object":
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, each]) => [name, sample(each)]));
    case "array":
      return [];
    case "integer":
    case "number":
      return 42;
    case "boolean":
      return true;
    default:
      return "sample";
  }
}
