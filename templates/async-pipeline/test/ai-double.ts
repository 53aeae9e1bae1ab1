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

const { gateway, routes } = twoModelRoute("async-pipeline-test", 3_000);

/** The gateway of the tests, as the Worker knows it. */
export const GATEWAY = gateway;

/**
 * The local cloud's own AI Gateway on the AI binding's wire, with models behind it that go wrong on demand. Words in an
 * item steer what becomes of it: `[[fail]]` 500, `[[fail-twice]]` two 500s, which are one failed call, `[[refuse]]` 400,
 * `[[busy]]` 429, `[[hang]]` never, `[[hang-once]]`, `[[garbage]]` no JSON, and in an answer to several items `[[skip]]`
 * left out, `[[bad]]` of the wrong form, `[[always-bad]]` also alone. `[[budget]]` the gateway's spend limit is reached.
 *
 * `POST /down/TENANT` takes the models away from a tenant, `DELETE` gives them back. `GET /calls/WORD` counts the calls
 * that reached a model with the word in their prompt.
 */
export async function startAiDouble(): Promise<{ url: string; close(): Promise<void> }> {
  const models = await startModels();
  const steered = await serveWorkersAi({ upstreamUrl: `${models.url}/v1`, routes });
  const broken = await serveWorkersAi({ upstreamUrl: `${models.url}/down/v1`, routes });
  // Spent by the first call: whatever comes after it is refused.
  const spent = await serveWorkersAi({ routes, gateway: { spend_limits: SPENT_BY_ONE_CALL } });
  await spendIt(spent.url, GATEWAY.id);
  const down = new Set<string>();

  const server = createServer((request, response) => {
    const [, verb, word = ""] = (request.url ?? "").split("/").map(decodeURIComponent);
    if (verb === "calls" || verb === "down") {
      if (verb === "down" && request.method === "POST") down.add(word);
      if (verb === "down" && request.method === "DELETE") down.delete(word);
      answerJson(response, models.calls(word));
      return;
    }
    void bodyOf(request).then((body) => {
      const text = body.toString();
      const tenant = /\\"tenant\\":\\"([^\\]+)\\"/.exec(text)?.[1] ?? "";
      const target = down.has(tenant) ? broken : text.includes("[[budget]]") ? spent : steered;
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
      closing ??= Promise.all([steered.close(), broken.close(), spent.close()]);
      await closing;
    },
  };
}

/** An OpenAI-compatible server with the models of the route; under /down one that always fails. */
async function startModels() {
  const prompts: string[] = [];
  const server = createServer((request, response) => {
    if (request.method === "GET") answerJson(response, { data: [{ id: PRIMARY }, { id: FALLBACK }] });
    else if (request.url?.startsWith("/down")) answerJson(response, { error: "down" }, 500);
    else void bodyOf(request).then((body) => answer(JSON.parse(body.toString()) as Inputs, response));
  });

  function answer(inputs: Inputs, response: ServerResponse): void {
    const prompt = inputs.messages.map((message) => message.content).join("\n");
    const has = (word: string) => prompt.includes(`[[${word}]]`);
    const before = prompts.filter((each) => each === prompt).length;
    prompts.push(prompt);
    if (has("hang") || (has("hang-once") && before < 2)) return;
    const refusal = refusalOf(has, before);
    if (refusal) {
      answerJson(response, { error: refusal.words }, refusal.status);
      return;
    }
    const schema = inputs.response_format?.json_schema.schema;
    const content = has("garbage")
      ? "no { JSON"
      : schema
        ? JSON.stringify(fill(schema, prompt))
        : `Answer ${prompts.length}`;
    answerJson(response, {
      object: "chat.completion",
      choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
      usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
    });
  }

  const url = await listen(server);
  return {
    url,
    calls: (word: string) => ({ calls: prompts.filter((prompt) => prompt.includes(word)).length }),
    close() {
      endServers(server);
    },
  };
}

/** What a model says no with, if it does. */
function refusalOf(has: (word: string) => boolean, before: number) {
  if (has("fail") || (has("fail-twice") && before < 2)) return { status: 500, words: "down" };
  if (has("refuse")) return { status: 400, words: "invalid input" };
  if (has("busy")) return { status: 429, words: "capacity" };
  return undefined;
}

/** An answer that fits: to several items one part each, as their words steer it. */
function fill(schema: Schema, prompt: string): unknown {
  const parts = schema.properties?.["item_1"];
  if (!parts) return prompt.includes("[[always-bad]]") ? { wrong: true } : sample(schema);
  const items = [...prompt.matchAll(/<item number="(\d+)">([\s\S]*?)<\/item>/g)];
  return Object.fromEntries(
    items.flatMap(([, number, text = ""]) => {
      if (text.includes("[[skip]]")) return [];
      return [[`item_${number}`, text.includes("bad]]") ? { wrong: true } : sample(parts)]];
    }),
  );
}

interface Inputs {
  model: string;
  messages: { role: string; content: string }[];
  response_format?: { json_schema: { schema: Schema } };
}
interface Schema {
  type?: string;
  enum?: unknown[];
  items?: Schema;
  minItems?: number;
  properties?: Record<string, Schema>;
}

function sample(schema: Schema): unknown {
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case "object":
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, each]) => [name, sample(each)]));
    case "array":
      return schema.items && schema.minItems ? Array.from({ length: 3 }, () => sample(schema.items ?? {})) : [];
    case "integer":
    case "number":
      return 42;
    case "boolean":
      return true;
    default:
      return "sample";
  }
}
