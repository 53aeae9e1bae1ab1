import { createExecutionContext, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import { colo } from "../src/cache/colo-level.ts";
import { Flight } from "../src/flight.ts";
import worker from "../src/index.ts";
import { type Asked, api, ask, type CallOptions, forgetMemory } from "./harness.ts";

/** Questions within one conversation that nobody else has, so that only they are compared. */
export function conversation(key?: string, more = "") {
  const id = crypto.randomUUID();
  const system = { role: "system", content: `You are assistant ${id}. ${more}`.trim() };
  return {
    id,
    key,
    system,
    ask: (
      content: string,
      { headers, ...parameters }: { headers?: Record<string, string>; [name: string]: unknown } = {},
    ) => ask(content, { messages: [system, { role: "user", content }], ...parameters }, { key, headers }),
  };
}

export interface Explained {
  readonly key: string;
  readonly outcome: string;
  readonly why: string;
  readonly served: string | null;
  readonly similarity: number | null;
  readonly candidates: {
    key: string;
    state: string;
    verdict: string;
    similarity: number;
    reasons: { guard: string }[];
  }[];
  readonly learned: { kind: string; answers: string; judged: boolean | null; result: string } | null;
  readonly kept: { state: string; answers_for: string | null } | null;
  readonly learned_pairs: { key: string; verdict: string; proof: string }[];
}

/** Why a request was or was not a hit, once that is written down. */
export function explained({ headers }: Pick<Asked, "headers">, key?: string): Promise<Explained> {
  return vi.waitFor(async () => {
    const response = await api("GET", `/v1/cache/explain?request_id=${headers.get("x-request-id")}`, { key });
    expect(response.status).toBe(200);
    return response.json<Explained>();
  }, 30_000);
}

/** Waits until a question can be found by others. */
export async function indexed({ headers }: Pick<Asked, "headers">): Promise<void> {
  const key = headers.get("x-cache-key") ?? "";
  await vi.waitFor(async () => expect(await env.QUESTIONS.getByIds([key])).toHaveLength(1), 30_000);
}

/** As after the lifetime of an answer: no level has it. Its flight still does, but for `askWith`. */
export async function forget(tenant: string, key: string): Promise<void> {
  await vi.waitFor(async () => expect(await colo.get(tenant, key)).not.toBeNull(), 30_000);
  await Promise.all([env.ANSWERS.delete(`answer/${tenant}/${key}`), colo.delete(tenant, key)]);
  forgetMemory();
}

/** Calls a Worker with settings of its own for the semantic cache. */
export async function askWith(
  semantic: object,
  messages: readonly object[],
  { key = env.API_KEY, headers }: CallOptions = {},
): Promise<Asked> {
  const cache = { ...(env.SETTINGS as { cache: { semantic: object } }).cache }; // as vitest.config.ts has it
  const settings = { ...env.SETTINGS, cache: { ...cache, semantic: { ...cache.semantic, ...semantic } } };
  const bound = { ...env, SETTINGS: settings, FLIGHT: flights(settings) } as unknown as Env; // the same but for these
  const request = new Request<unknown, IncomingRequestCfProperties>("https://edge-cache.test/v1/chat/completions", {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: "auto", messages }),
  });
  const response = await worker.fetch(request, bound, createExecutionContext());
  const body = await response.json<{ choices?: { message: { content: string } }[] }>();
  const { status, headers: answered } = response;
  const text = body.choices?.[0]?.message.content ?? null;
  return { status, cache: answered.get("x-cache"), headers: answered, text, error: undefined };
}

/** Flights with these settings; each ends with its request. */
function flights(settings: object) {
  return {
    idFromName: (name: string) => env.FLIGHT.idFromName(name),
    get: (id: DurableObjectId) => ({
      fetch: (url: string, init: RequestInit) =>
        runInDurableObject(env.FLIGHT.get(id), async (_, state) => {
          const flight = new Flight(state, { ...env, SETTINGS: settings } as unknown as Env); // as above
          const response = await flight.fetch(new Request(url, init));
          return new Response(await response.text());
        }),
    }),
  };
}

/** Sets a fault of the AI gateway or of Vectorize, for as often as it says. */
export async function fault(service: "workers-ai" | "vectorize", more: object): Promise<void> {
  const url = service === "vectorize" ? env.TEST_VECTORIZE_URL : env.TEST_AI_URL;
  const response = await fetch(`${url}/_local/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ service, ...more }),
  });
  expect(await response.text()).toContain("faults");
}

/** Takes all faults away. */
export async function noFaults(): Promise<void> {
  for (const url of [env.TEST_VECTORIZE_URL, env.TEST_AI_URL]) {
    await (await fetch(`${url}/_local/faults`, { method: "DELETE" })).text();
  }
}

/** Calls of the embedding model that a tenant has paid for. */
export async function embeddingsOf(tenant: string): Promise<number> {
  const row = await env.LEDGER.prepare("SELECT count(*) AS count FROM calls WHERE tenant = ?1 AND model LIKE '%bge%'")
    .bind(tenant)
    .first<{ count: number }>();
  return row?.count ?? 0;
}
