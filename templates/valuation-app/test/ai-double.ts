import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { serveWorkersAi } from "@tenner/local-cloud/testing";

const PRIMARY = "@cf/meta/llama-3.1-8b-instruct-fast";
const FALLBACK = "@cf/mistralai/mistral-small-3.1-24b-instruct";
const IMAGE = "flux-1-schnell";

/** The gateway of the tests, as the Worker knows it. */
export const GATEWAY = {
  id: "valuation-app-test",
  route: "chat",
  models: [PRIMARY, FALLBACK].map((model) => ({ model, attempts: 1, timeoutMs: 15_000 })),
};

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
    if (request.method === "GET") json(response, { data: [{ id: PRIMARY }, { id: FALLBACK }] });
    else void bodyOf(request).then((body) => answer(JSON.parse(body.toString()) as Inputs, response)); // the cloud's own
  });

  async function answer({ model, messages }: Inputs, response: ServerResponse): Promise<void> {
    const prompt = messages.map(({ content }) => content).join("\n");
    const has = (word: string) => prompt.includes(`[[${word}]]`);
    asked.push(prompt);
    if (has("hang")) return;
    if (has("fail") || (has("fail-primary") && model === PRIMARY)) return json(response, { error: "down" }, 500);
    const gated = /\[\[gate:([\w-]+)\]\]/.exec(prompt)?.[1];
    if (gated) await gate(gated).promise;
    const repairing = messages.some(({ role }) => role === "assistant");
    const prose = has("garbage") || (has("garbage-once") && !repairing);
    const price = /\[\[price:([^\]]+)\]\]/.exec(prompt)?.[1] ?? "1250.5";
    const said = `{"item_name": "A thing", "price_usd": ${price}, "price_confidence": "high", "analysis": "It is what it is.", "what_you_could_do": ["Read a lot"]}`;
    const content = prose ? "It would fetch a good price." : has("cut") ? said.slice(0, 60) : said;
    json(response, {
      object: "chat.completion",
      choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
      usage: { prompt_tokens: 70, completion_tokens: 30, total_tokens: 100 },
    });
  }

  const modelsUrl = await listen(models);
  const cloud = await serveWorkersAi({ upstreamUrl: `${modelsUrl}/v1`, routes: { chat: route() } });
  const server = createServer((request, response) => {
    const [, verb, word = ""] = (request.url ?? "").split("/").map(decodeURIComponent);
    const count = (list: readonly string[]) => list.filter((each) => each.includes(word)).length;
    if (verb === "calls") json(response, { calls: count(asked), pictures: count(painted) });
    else if (verb === "open") {
      gate(word).resolve();
      json(response, {});
    } else void forward(request, response);
  });

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const text = body.toString();
    if (text.includes(IMAGE)) {
      painted.push(text);
      if (text.includes("[[no-picture]]")) return json(response, { error: "down" }, 500);
    }
    await passOn(cloud.url, request, body, response);
  }

  const url = await listen(server);
  let closing: Promise<unknown> | undefined;
  return {
    url,
    async close() {
      for (const each of [server, models]) {
        each.closeAllConnections();
        each.close();
      }
      closing ??= cloud.close();
      await closing;
    },
  };
}

function route(): object[] {
  const model = (id: string, name: string, fallback: string) => ({
    id,
    type: "model",
    properties: { provider: "workers-ai", model: name, timeout: 15_000, retries: 0 },
    outputs: { success: { elementId: "end" }, fallback: { elementId: fallback } },
  });
  return [
    { id: "start", type: "start", outputs: { next: { elementId: "primary" } } },
    model("primary", PRIMARY, "fallback"),
    model("fallback", FALLBACK, "end"),
    { id: "end", type: "end", outputs: {} },
  ];
}

/** Forwards a call, and its end when the caller is gone. */
async function passOn(
  url: string,
  request: IncomingMessage,
  body: Buffer<ArrayBuffer>,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const headers = Object.entries(request.headers).filter(([name]) => !/^(host|connection|content-length)$/.test(name));
  const init = { method: request.method ?? "GET", headers: headers as [string, string][], signal: gone.signal }; // single values, as sent
  try {
    const answer = await fetch(`${url}${request.url}`, init.method === "GET" ? init : { ...init, body });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  } catch {
    response.destroy();
  }
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

async function bodyOf(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // a request without encoding gives buffers
  return Buffer.concat(chunks);
}

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Tools that only read the configuration (editors, knip) must be able to end.
  server.unref();
  // An address of a TCP server is never a string.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Inputs {
  model: string;
  messages: { role: string; content: string }[];
}
