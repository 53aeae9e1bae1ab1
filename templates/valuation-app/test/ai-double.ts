import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
  answerJson,
  bodyOf,
  endServers,
  FALLBACK,
  listen,
  PRIMARY,
  passOn,
  serveWorkersAi,
  twoModelRoute,
} from "@tenner/local-cloud/testing";

const { gateway, routes } = twoModelRoute("valuation-app-test", 15_000);
const IMAGE = "flux-1-schnell";

/** The gateway of the tests, as the Worker knows it. */
export const GATEWAY = gateway;

/**
 * The local cloud's own AI Gateway on the AI binding's wire, with an appraiser behind it that can be steered. Words in a
 * description steer it: `[[fail]]` 500 from every model, `[[fail-primary]]` 500 from the first, `[[garbage]]` prose,
 * `[[garbage-once]]` prose until it is asked to repair, `[[cut]]` half of the JSON, `[[hang]]` nothing ever,
 * `[[price:X]]` X in the place of the price, `[[gate:NAME]]` answers when `POST /open/NAME` was called, `[[no-picture]]`
 * no picture. `GET /calls/WORD` counts the questions with the word, and the pictures.
 */
export async function startAiDouble(): Promise<{ url: string; close(): Promise<void> }> {
  const asked: string[] = [];
  const painted: string[] = [];
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const gate = (name: string) => {
    const found = gates.get(name) ?? Promise.withResolvers<void>();
    gates.set(name, found);
    return found;
  };
  const models = createServer((request, response) => {
    if (request.method === "GET") answerJson(response, { data: [{ id: PRIMARY }, { id: FALLBACK }] });
    else void bodyOf(request).then((body) => answer(JSON.parse(body.toString()) as Inputs, response)); // the cloud's own
  });

  async function answer({ model, messages }: Inputs, response: ServerResponse): Promise<void> {
    const prompt = messages.map(({ content }) => content).join("\n");
    const has = (word: string) => prompt.includes(`[[${word}]]`);
    asked.push(prompt);
    if (has("hang")) return;
    if (has("fail") || (has("fail-primary") && model === PRIMARY)) return answerJson(response, { error: "down" }, 500);
    const gated = /\[\[gate:([\w-]+)\]\]/.exec(prompt)?.[1];
    if (gated) await gate(gated).promise;
    const repairing = messages.some(({ role }) => role === "assistant");
    const prose = has("garbage") || (has("garbage-once") && !repairing);
    const price = /\[\[price:([^\]]+)\]\]/.exec(prompt)?.[1] ?? "1250.5";
    const said = `{"item_name": "A thing", "price_usd": ${price}, "price_confidence": "high", "analysis": "It is what it is.", "what_you_could_do": ["Read a lot"]}`;
    const content = prose ? "It would fetch a good price." : has("cut") ? said.slice(0, 60) : said;
    answerJson(response, {
      object: "chat.completion",
      choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
      usage: { prompt_tokens: 70, completion_tokens: 30, total_tokens: 100 },
    });
  }

  const modelsUrl = await listen(models);
  const cloud = await serveWorkersAi({ upstreamUrl: `${modelsUrl}/v1`, routes });
  const server = createServer((request, response) => {
    const [, verb, word = ""] = (request.url ?? "").split("/").map(decodeURIComponent);
    const count = (list: readonly string[]) => list.filter((each) => each.includes(word)).length;
    if (verb === "calls") answerJson(response, { calls: count(asked), pictures: count(painted) });
    else if (verb === "open") {
      gate(word).resolve();
      answerJson(response, {});
    } else void forward(request, response);
  });

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const text = body.toString();
    if (text.includes(IMAGE)) {
      painted.push(text);
      if (text.includes("[[no-picture]]")) return answerJson(response, { error: "down" }, 500);
    }
    await passOn(cloud.url, request, body, response);
  }

  const url = await listen(server);
  let closing: Promise<unknown> | undefined;
  return {
    url,
    async close() {
      endServers(server, models);
      closing ??= cloud.close();
      await closing;
    },
  };
}

interface Inputs {
  model: string;
  messages: { role: string; content: string }[];
}
