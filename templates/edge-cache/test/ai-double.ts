import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { serveWorkersAi } from "@tenner/local-cloud/testing";

const PRIMARY = "@cf/meta/llama-3.1-8b-instruct-fast";
const FALLBACK = "@cf/mistralai/mistral-small-3.1-24b-instruct";
const TIMEOUT_MS = 15_000;

/** The gateway of the tests, as the Worker knows it. */
export const GATEWAY = {
  id: "edge-cache-test",
  route: "chat",
  models: [PRIMARY, FALLBACK].map((model) => ({ model, attempts: 1, timeoutMs: TIMEOUT_MS })),
};

/**
 * The local cloud's own AI Gateway on the AI binding's wire, with a model behind it that counts and can be steered. Words
 * in a question steer what becomes of it: `[[fail]]` 500 from every model, `[[fail-primary]]` 500 from the first,
 * `[[refuse]]` 400, `[[gate:NAME]]` answers (a stream: after its first word) when `POST /open/NAME` was called,
 * `[[cut]]` breaks off a stream in its middle, `[[say:WORDS]]` answers these, `[[judge:WORD]]` this where the
 * question is whether two questions are the same. `GET /calls/WORD` counts the questions with
 * the word that a model got, `GET /prompts/WORD` has them. `POST /replies/WORD` sets what such a question is answered with:
 * `{text}`, and `{json}` where JSON is asked for. `GET /keys/NAME` is an issuer's key set, which `POST /keys/NAME` has set; 500 before that.
 *
 * @param vectorizeUrl answers the other remote bindings: Miniflare knows one address for all of them
 */
export async function startAiDouble(vectorizeUrl: string): Promise<{ url: string; close(): Promise<void> }> {
  const asked: { prompt: string; model: string }[] = [];
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const gate = (name: string) => {
    const found = gates.get(name) ?? Promise.withResolvers<void>();
    gates.set(name, found);
    return found;
  };
  const keySets = new Map<string, string>();
  const replies = new Map<string, { text?: string; json?: object }>();
  const models = createServer((request, response) => {
    const [, verb, word = ""] = (request.url ?? "").split("/").map(decodeURIComponent);
    if (verb === "calls") json(response, { calls: asked.filter(({ prompt }) => prompt.includes(word)).length });
    else if (verb === "open") {
      gate(word).resolve();
      json(response, {});
    } else if (verb === "prompts") {
      json(
        response,
        asked.map(({ prompt }) => prompt).filter((prompt) => prompt.includes(word)),
      );
    } else if (verb === "replies") {
      void textOf(request).then((text) => {
        replies.set(word, JSON.parse(text) as { text?: string; json?: object }); // a test's own
        json(response, {});
      });
    } else if (verb === "keys") {
      void keySet(request, response, word);
    } else if (request.method === "GET") json(response, { data: [{ id: PRIMARY }, { id: FALLBACK }] });
    else void answer(request, response);
  });

  async function keySet(request: IncomingMessage, response: ServerResponse, name: string): Promise<void> {
    if (request.method === "POST") keySets.set(name, await textOf(request));
    const set = keySets.get(name);
    if (set === undefined) json(response, { error: "away" }, 500);
    else json(response, JSON.parse(set));
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const inputs = JSON.parse(await textOf(request)) as Inputs; // the cloud's own
    const prompt = inputs.messages.map(({ content }) => content).join("\n");
    asked.push({ prompt, model: inputs.model });
    const number = asked.length;
    const has = (word: string) => prompt.includes(`[[${word}]]`);
    if (has("fail") || (has("fail-primary") && inputs.model === PRIMARY)) return json(response, { error: "down" }, 500);
    if (has("refuse")) return json(response, { error: "invalid input" }, 400);
    const reply = [...replies].find(([word]) => prompt.includes(word))?.[1];
    const gated = /\[\[gate:([\w-]+)\]\]/.exec(prompt)?.[1];
    const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
    if (!inputs.stream) {
      if (gated) await gate(gated).promise;
      const [tool] = inputs.tools ?? [];
      const judges = prompt.startsWith("Two questions were put");
      const steer = judges ? /\[\[judge:(\w+)\]\]/ : /\[\[say:([^\]]*)\]\]/;
      const said = steer.exec(prompt)?.[1] ?? reply?.text ?? `Answer ${number}`;
      const content = inputs.response_format ? JSON.stringify(reply?.json ?? { number }) : said;
      const message = tool
        ? {
            content: null,
            tool_calls: [{ id: "call_1", type: "function", function: { name: tool.function.name, arguments: "{}" } }],
          }
        : { content };
      return json(response, {
        object: "chat.completion",
        choices: [
          { index: 0, message: { role: "assistant", ...message }, finish_reason: tool ? "tool_calls" : "stop" },
        ],
        usage,
      });
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    const event = (choice: object, more: object = {}) =>
      response.write(
        `data: ${JSON.stringify({ choices: [{ index: 0, finish_reason: null, ...choice }], ...more })}\n\n`,
      );
    const parts = reply?.text?.match(/.{1,7}/gs) ?? ["Answer", " in parts", ` ${number}`];
    event({ delta: { role: "assistant", content: parts[0] } });
    if (gated) await gate(gated).promise;
    if (has("cut")) {
      // What was written leaves first; the end that a whole answer has never comes.
      response.socket?.end();
      return;
    }
    for (const content of parts.slice(1)) event({ delta: { content } });
    event({ delta: {}, finish_reason: "stop" });
    response.write(`data: ${JSON.stringify({ choices: [], usage })}\n\n`);
    response.end("data: [DONE]\n\n");
  }

  const modelsUrl = await listen(models);
  const cloud = await serveWorkersAi({ upstreamUrl: `${modelsUrl}/v1`, routes: { chat: route() } });
  const server = createServer((request, response) => {
    const own = /^\/(calls|open|keys|prompts|replies)\//.test(request.url ?? "");
    const forAi = (request.headers["mf-binding"] ?? "AI") === "AI";
    void passOn(own ? modelsUrl : forAi ? cloud.url : vectorizeUrl, request, response);
  });
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
    properties: { provider: "workers-ai", model: name, timeout: TIMEOUT_MS, retries: 0 },
    outputs: { success: { elementId: "end" }, fallback: { elementId: fallback } },
  });
  return [
    { id: "start", type: "start", outputs: { next: { elementId: "primary" } } },
    model("primary", PRIMARY, "fallback"),
    model("fallback", FALLBACK, "end"),
    { id: "end", type: "end", outputs: {} },
  ];
}

/** Forwards a call as it comes, and its end when the caller is gone. */
async function passOn(url: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const headers = Object.entries(request.headers).filter(([name]) => !/^(host|connection|content-length)$/.test(name));
  const method = request.method ?? "GET";
  const body = await textOf(request);
  try {
    const init = { method, headers: headers as [string, string][], signal: gone.signal }; // single values, as sent
    const answer = await fetch(`${url}${request.url}`, method === "GET" ? init : { ...init, body });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.flushHeaders();
    for await (const part of answer.body ?? []) response.write(part);
    response.end();
  } catch {
    response.destroy();
  }
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer); // a request without encoding gives buffers
  return Buffer.concat(parts).toString();
}

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1", backlog: 2_048 }, resolve));
  // Tools that only read the configuration (editors, knip) must be able to end.
  server.unref();
  // An address of a TCP server is never a string.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Inputs {
  model: string;
  stream?: boolean;
  messages: { role: string; content: string }[];
  tools?: { function: { name: string } }[];
  response_format?: object;
}
