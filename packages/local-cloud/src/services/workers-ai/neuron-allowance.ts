import type { ServiceContext } from "../../core/service.ts";
import { neuronsUsedUp } from "../../models/ai-error.ts";
import type { NeuronAllowance } from "../../models/inference.ts";

/** Neurons of a day (UTC) on the free plan. @see https://developers.cloudflare.com/workers-ai/platform/pricing/ */
const FREE_NEURONS = 10_000;

/**
 * The free plan's neurons, by the cloud's clock. As at Cloudflare the call that crosses the line is answered, the next
 * one is not. The paid plan pays, and is not counted.
 */
export function neuronAllowance(ctx: ServiceContext): NeuronAllowance {
  const { store, clock } = ctx;
  store.define(
    `CREATE TABLE IF NOT EXISTS workers_ai_neurons (
       account_id TEXT PRIMARY KEY, day TEXT NOT NULL, neurons REAL NOT NULL) WITHOUT ROWID`,
  );
  const today = () => new Date(clock.now()).toISOString().slice(0, 10);
  const isFree = (accountId: string) => ctx.limits(accountId).plan === "free";
  return {
    check(accountId) {
      if (!isFree(accountId)) return;
      const row = store.get(
        "SELECT neurons FROM workers_ai_neurons WHERE account_id = ? AND day = ?",
        accountId,
        today(),
      );
      if (Number(row?.["neurons"] ?? 0) >= FREE_NEURONS) throw neuronsUsedUp(FREE_NEURONS);
    },
    count(accountId, neurons) {
      if (!isFree(accountId)) return;
      store.run(
        `INSERT INTO workers_ai_neurons VALUES (?, ?, ?) ON CONFLICT (account_id) DO UPDATE SET
           neurons = excluded.neurons + CASE WHEN day = excluded.day THEN neurons ELSE 0 END, day = excluded.day`,
        accountId,
        today(),
        neurons,
      );
    },
  };
}
