import { env } from "cloudflare:workers";
import type * as z from "zod";
import type { AiClientOptions } from "../src/ai/client.ts";
import { aiClient } from "../src/ai.ts";
import { d1Ledger, type Ledger, type NanoDollars } from "../src/ledger.ts";
import { GatewaySettings, Settings } from "../src/settings.ts";
import { ATTEMPT_MS, FALLBACK, PRIMARY } from "./ai-route.ts";
import { emptyDatabase } from "./ledger-harness.ts";

/** The gateway as the Workers know it. */
export const gateway = GatewaySettings.parse({
  id: "tests",
  route: "chat",
  models: [
    { model: PRIMARY, attempts: 1, timeoutMs: ATTEMPT_MS },
    { model: FALLBACK, attempts: 1, timeoutMs: ATTEMPT_MS },
  ],
});

/** Ids of the calls that reserved, in that order; the database keeps none. */
const order = new Set<string>();

/** The ledger over the test's database. */
export function ledgerOf(settings: z.input<typeof Settings> = {}): Ledger {
  const ledger = d1Ledger({ database: env.LEDGER, budget: Settings.parse(settings).budget, now: Date.now });
  return {
    ...ledger,
    reserve(call) {
      order.add(call.callId);
      return ledger.reserve(call);
    },
  };
}

/** A client over the Worker's own bindings: the real gateway and the real ledger. */
export function client(more: Partial<AiClientOptions> = {}) {
  return aiClient({
    binding: env.AI,
    gateway,
    ledger: ledgerOf(),
    models: Settings.parse({}).models,
    template: "event-agent",
    tenant: "ann",
    ...more,
  });
}

/** A call in the ledger's books. */
export interface BookedCall {
  readonly call_id: string;
  readonly state: "reserved" | "settled" | "released" | "expired";
  readonly worst_case: NanoDollars;
  readonly cost: NanoDollars | null;
  readonly cached: number | null;
  readonly model: string | null;
}

/** The calls in the books, in the order in which they reserved. */
export async function booked(): Promise<BookedCall[]> {
  const { results } = await env.LEDGER.prepare(
    "SELECT call_id, state, worst_case, cost, cached, model FROM calls",
  ).all<BookedCall>();
  const place = [...order];
  return results.sort((one, other) => place.indexOf(one.call_id) - place.indexOf(other.call_id));
}

/** Empties the books. */
export async function emptyBooks(): Promise<void> {
  order.clear();
  await emptyDatabase();
}

/** Makes something go wrong at the models or the gateway. */
export async function fault(...faults: object[]): Promise<void> {
  const response = await fetch(`${env.AI_URL}/_local/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(faults),
  });
  if (!response.ok) throw new Error(await response.text());
}

/** Takes all faults away. */
export async function clearFaults(): Promise<void> {
  await (await fetch(`${env.AI_URL}/_local/faults`, { method: "DELETE" })).text();
}
