import { applyD1Migrations, reset } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { expect } from "vitest";

const ORIGIN = "https://valuation-app.test";

/** Makes the tables. For `beforeAll`. */
export async function migrate(): Promise<void> {
  // The file before this one ran in the same workerd.
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  await applyD1Migrations(env.LEDGER, env.TEST_LEDGER_MIGRATIONS);
}

/** Calls the Worker with the program's key, or another. */
export function api(
  method: string,
  path: string,
  options: { key?: string | null; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Response> {
  const { key = env.API_KEY, body } = options;
  return exports.default.fetch(`${ORIGIN}${path}`, {
    method,
    headers: {
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...options.headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

/** A valuation as the API gives it. */
export interface Body {
  id: string;
  item_name: string;
  price_usd: number;
  confidence: string;
  tier: string;
  origin: "ai" | "estimate";
  reason: string | null;
  model: string | null;
  fallback: boolean;
  picture: string | null;
  description: string;
  fingerprint: string;
  tokens: { providers: { provider: string; tokens: number; source: string }[]; taken_on: string };
  cache: "asked" | "joined" | "kept";
  cost_usd: number;
}

/** A key of another tenant. */
export async function keyOf(tenant: string): Promise<string> {
  const response = await api("POST", "/v1/keys", { body: { tenant, name: `key of ${tenant}` } });
  expect(response.status).toBe(201);
  return (await response.json<{ key: string }>()).key;
}

/** Has something valued. */
export async function value(
  description: string,
  more: object = {},
  headers: Record<string, string> = {},
): Promise<Body> {
  const response = await api("POST", "/v1/valuations", { body: { description, category: "other", ...more }, headers });
  expect(response.status, await response.clone().text()).toBe(201);
  return response.json<Body>();
}

/** A description that nobody has sent before. */
export function thing(words = ""): string {
  return `${words} thing ${crypto.randomUUID()}`.trim();
}

/** How often the models were asked about it, and for its picture. */
export async function asked(word: string): Promise<{ calls: number; pictures: number }> {
  return (await fetch(`${env.TEST_AI_URL}/calls/${encodeURIComponent(word)}`)).json();
}

/** Lets the models answer what waits for this gate. */
export async function open(gate: string): Promise<void> {
  await (await fetch(`${env.TEST_AI_URL}/open/${gate}`, { method: "POST" })).text();
}

/** The names of what is kept in KV. */
export async function keptKeys(fingerprint: string): Promise<string[]> {
  const { keys } = await env.ANSWERS.list();
  return keys.map(({ name }) => name).filter((name) => name.endsWith(fingerprint));
}
