import { dayOf } from "../../core/clock.ts";
import type { ServiceContext } from "../../core/service.ts";
import { WriteBehind } from "../../core/write-behind.ts";
import { neuronsUsedUp } from "../../models/ai-error.ts";
import type { NeuronAllowance } from "../../models/inference.ts";

/** Neurons of a day (UTC) on the free plan. @see https://developers.cloudflare.com/workers-ai/platform/pricing/ */
const FREE_NEURONS = 10_000;

/** {@link NeuronAllowance} with its end. */
export interface NeuronCounter extends NeuronAllowance {
  /** The account was emptied. */
  forget(accountId: string): void;
  /** Writes what waits. */
  close(): void;
}

/** What an account has used on a day, e.g. `2026-11-21`. */
interface Used {
  readonly day: string;
  readonly neurons: number;
}

/**
 * The free plan's neurons, by the cloud's clock. As at Cloudflare the call that crosses the line is answered, the next
 * one is not. The paid plan pays, and is counted for its bill only. Written soon after the calls, with others: a kill gives the
 * neurons of some ms back.
 */
export function neuronAllowance(ctx: ServiceContext): NeuronCounter {
  const { store, clock } = ctx;
  store.define(
    `CREATE TABLE IF NOT EXISTS workers_ai_neurons (
       account_id TEXT PRIMARY KEY, day TEXT NOT NULL, neurons REAL NOT NULL) WITHOUT ROWID`,
  );
  const accounts = new Map<string, Used>();
  for (const row of store.all("SELECT * FROM workers_ai_neurons"))
    accounts.set(String(row["account_id"]), { day: String(row["day"]), neurons: Number(row["neurons"]) });
  const waiting = new WriteBehind<string>("Workers AI's neurons", (changed) => {
    store.quickTransaction(() => {
      for (const accountId of new Set(changed)) {
        const used = accounts.get(accountId);
        if (used) store.run("INSERT OR REPLACE INTO workers_ai_neurons VALUES (?, ?, ?)", accountId, ...valuesOf(used));
      }
    });
  });
  const today = () => dayOf(clock.now());
  const isFree = (accountId: string) => ctx.limits(accountId).plan === "free";
  const usedToday = (accountId: string, day: string) => {
    const used = accounts.get(accountId);
    return used?.day === day ? used.neurons : 0;
  };
  return {
    check(accountId) {
      if (isFree(accountId) && usedToday(accountId, today()) >= FREE_NEURONS) throw neuronsUsedUp(FREE_NEURONS);
    },
    count(accountId, neurons) {
      ctx.countUsage?.(accountId, "", { "workers_ai.neurons": neurons });
      if (!isFree(accountId)) return;
      const day = today();
      accounts.set(accountId, { day, neurons: usedToday(accountId, day) + neurons });
      waiting.add(accountId);
    },
    forget(accountId) {
      accounts.delete(accountId);
      waiting.drop((waits) => waits === accountId);
    },
    close: () => waiting.flush(),
  };
}

const valuesOf = ({ day, neurons }: Used) => [day, neurons];
