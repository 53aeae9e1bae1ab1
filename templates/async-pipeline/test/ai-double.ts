import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { serveWorkersAi } from "@tenner/local-cloud/testing";

const PRIMARY = "@cf/meta/llama-3.1-8b-instruct-fast";
const FALLBACK = "@cf/mistralai/mistral-small-3.1-24b-instruct";
const TIMEOUT_MS = 1_000;

/** The gateway of the tests, as the Worker knows it. */
export const GATEWAY = {
  id: "async-pipeline-test",
  route: "chat",
  models: [PRIMARY, FALLBACK].map((model) => ({ model, attempts: 1, timeoutMs: TIMEOUT_MS })),
};

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
  const routes = { chat: route() };
  const steered = await serveWorkersAi({ upstreamUrl: `${models.url}/v1`, routes });
  const broken = await serveWorkersAi({ upstreamUrl: `${models.url}/down/v1`, routes });
  // Spent by the first call: whatever comes after it is refused.
  const spent = await serveWorkersAi({ routes, gateway: { spend_limits: TINY_LIMIT } });
  await spend(spent.url);
  const down = new Set<string>();

  const server = createServer((request, response) => {
    const [, verb, word = ""] = (request.url ?? "").split("/").map(decodeURIComponent);
    if (verb === "calls" || verb === "down") {
      if (verb === "down" && request.method === "POST") down.add(word);
      if (verb === "down" && request.method === "DELETE") down.delete(word);
      json(response, models.calls(word));
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
      server.closeAllConnections();
      server.close();
      models.close();
      closing ??= Promise.all([steered.close(), broken.close(), spent.close()]);
      await closing;
    },
  };
}

const TINY_LIMIT = {
  enabled: true,
  rules: [
    { id: "tiny", enabled: true, limitType: "cost", limit: 0.000_000_001, window: 2_592_000, technique: "fixed" },
  ],
};

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

/** Makes the one call that a spent gateway has let through. */
async function spend(url: string): Promise<void> {
  const query = { model: PRIMARY, messages: [{ role: "user", content: "the first call" }] };
  const response = await fetch(`${url}/ai-gateway/universal/run/${GATEWAY.id}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([{ provider: "workers-ai", endpoint: "v1/chat/completions", headers: {}, query }]),
  });
  if (!response.ok) throw new Error(`the first call: ${response.status} ${await response.text()}`);
  await response.text();
}

/** An OpenAI-compatible server with the models of the route; under /down one that always fails. */
async function startModels() {
  const prompts: string[] = [];
  const server = createServer((request, response) => {
    if (request.method === "GET") json(response, { data: [{ id: PRIMARY }, { id: FALLBACK }] });
    else if (request.url?.startsWith("/down")) json(response, { error: "down" }, 500);
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
      json(response, { error: refusal.words }, refusal.status);
      return;
    }
    const schema = inputs.response_format?.json_schema.schema;
    const content = has("garbage")
      ? "no { JSON"
      : schema
        ? JSON.stringify(fill(schema, prompt))
        : `Answer ${prompts.length}`;
    json(response, {
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
      server.closeAllConnections();
      server.close();
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

/** Forwards a call, and its end when the caller is gone. */
async function passOn(url: string, request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  const headers = Object.entries(request.headers).filter(([name]) => !/^(host|connection|content-length)$/.test(name));
  const init = { method: request.method ?? "GET", headers: headers as [string, string][], signal: gone.signal };
  try {
    const answer = await fetch(`${url}${request.url}`, init.method === "GET" ? init : { ...init, body });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  } catch (error) {
    if (!gone.signal.aborted) json(response, { description: String(error) }, 502);
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
