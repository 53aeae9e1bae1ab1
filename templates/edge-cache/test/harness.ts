import { applyD1Migrations, reset } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import OpenAI from "openai";
import { expect } from "vitest";
import { memory } from "../src/cache/memory-level.ts";

const ORIGIN = "https://edge-cache.test";

/** Makes the tables. For `beforeAll`. */
export async function migrate(): Promise<void> {
  // The file before this one ran in the same workerd.
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  await applyD1Migrations(env.LEDGER, env.TEST_LEDGER_MIGRATIONS);
}

export interface CallOptions {
  /** @default the program's, of tenant "default" */
  readonly key?: string | null | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Calls the Worker. */
export function api(method: string, path: string, { key = env.API_KEY, body, headers }: CallOptions = {}) {
  return exports.default.fetch(`${ORIGIN}${path}`, {
    method,
    headers: {
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** The stock client, against the Worker. */
export function openai(key = env.API_KEY): OpenAI {
  return new OpenAI({
    apiKey: key,
    baseURL: `${ORIGIN}/v1`,
    maxRetries: 0,
    fetch: (url, init) => exports.default.fetch(new Request(url, init)),
  });
}

/** A key of another tenant. */
export async function keyOf(tenant: string): Promise<string> {
  const response = await api("POST", "/v1/keys", { body: { tenant, name: `key of ${tenant}` } });
  expect(response.status).toBe(201);
  return (await response.json<{ key: string }>()).key;
}

/** A question that nobody has asked before. */
export function newQuestion(words = ""): string {
  return `${words} ${crypto.randomUUID()}`.trim();
}

/** A chat request with one question. */
export const asking = (content: string, more: object = {}) => ({
  model: "auto",
  messages: [{ role: "user" as const, content }],
  ...more,
});

export interface Asked {
  readonly status: number;
  readonly cache: string | null;
  readonly headers: Headers;
  readonly text: string | null;
  readonly error: { message: string; type: string; code: string; param: string | null } | undefined;
}

/** Asks with plain HTTP. */
export async function ask(content: string, more: object = {}, options: CallOptions = {}): Promise<Asked> {
  const response = await api("POST", "/v1/chat/completions", { ...options, body: asking(content, more) });
  const body = await response.json<{
    choices?: { message: { content: string } }[];
    error?: Asked["error"];
  }>();
  return {
    status: response.status,
    cache: response.headers.get("x-cache"),
    headers: response.headers,
    text: body.choices?.[0]?.message.content ?? null,
    error: body.error,
  };
}

/** How often a model was asked a question with this word. */
export async function callsWith(word: string): Promise<number> {
  const response = await fetch(`${env.TEST_AI_URL}/calls/${encodeURIComponent(word)}`);
  return (await response.json<{ calls: number }>()).calls;
}

/** Lets the models answer what waits for this gate. */
export async function open(gate: string): Promise<void> {
  await (await fetch(`${env.TEST_AI_URL}/open/${gate}`, { method: "POST" })).text();
}

/** As in an isolate that has just begun. */
export function forgetMemory(): void {
  memory.clear();
}

/** A call in the ledger's books. */
interface BookedCall {
  readonly call_id: string;
  readonly state: string;
  readonly cost: number | null;
  readonly tenant: string;
}

/** The calls in the ledger's books, but those that were there before. */
export async function booked(before: readonly BookedCall[] = []): Promise<BookedCall[]> {
  const { results } = await env.LEDGER.prepare("SELECT call_id, state, cost, tenant FROM calls").all<BookedCall>();
  const known = new Set(before.map(({ call_id }) => call_id));
  return results.filter(({ call_id }) => !known.has(call_id));
}

/** All that comes. */
export async function all<T>(coming: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of coming) items.push(item);
  return items;
}
