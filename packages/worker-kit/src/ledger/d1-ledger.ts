import { log } from "../log.ts";
import type { Settings } from "../settings.ts";
import { dayOf, endOfMonth, monthOf } from "./calendar.ts";
import { type Ceilings, ceilingsFor } from "./ceilings.ts";
import { type Ledger, type LedgerCall, LedgerError, type Reservation, type Settlement } from "./contract.ts";
import { expireOverdue } from "./expire.ts";
import { isAmount, type NanoDollars } from "./money.ts";

/** What the ledger needs. Make one per request: the ceilings are then those of the settings at that moment. */
export interface D1LedgerOptions {
  /** The stack's ledger database, with `migrations/ledger` applied. */
  readonly database: D1Database;
  readonly budget: Settings["budget"];
  /** Milliseconds since 1970; `() => now(env)` of `clock`. */
  readonly now: () => number;
}

/** The ledger with its upkeep, which a cron calls. */
export interface D1Ledger extends Ledger {
  /**
   * Marks reservations whose time is over as crashed: their worst case counts as spent, until a late settlement says
   * otherwise. It moves no money between months and frees none, so ceilings hold without it.
   *
   * @returns how many, at most 500 a time, the oldest first
   */
  expire(): Promise<number>;
  /**
   * Forgets calls that have ended and whose time was over before `before` (ms); the sums stay. A repeat of a forgotten
   * call is a new call, and its settlement is unknown, so keep calls for as long as either may come.
   *
   * @returns how many, at most 1,000 a time, the oldest first
   */
  prune(before: number): Promise<number>;
}

/** The ledger over a stack's D1 database. */
export function d1Ledger({ database, budget, now }: D1LedgerOptions): D1Ledger {
  return {
    async reserve(call) {
      checkCall(call);
      const at = now();
      const ceilings = ceilingsFor(budget, call);
      const [, , decided] = await database.batch<Outcome>([
        database.prepare(KEEP).bind(...keep(call, ceilings, at)),
        database.prepare(RESERVE).bind(...reserve(call, ceilings, at)),
        database.prepare(OUTCOME).bind(call.callId, monthOf(at), call.tenant, call.template),
      ]);
      return toReservation(call, ceilings, monthOf(at), decided?.results[0]);
    },

    async settle(callId, settlement) {
      checkSettlement(callId, settlement);
      const [found] = await database.batch<CallRow>([
        database.prepare("SELECT state, month, worst_case, cost FROM calls WHERE call_id = ?1").bind(callId),
        database
          .prepare(
            `UPDATE calls SET state = 'settled', cost = ?2, model = ?3, input_tokens = ?4, output_tokens = ?5, cached = ?6
             WHERE call_id = ?1 AND state <> 'settled'`,
          )
          .bind(
            callId,
            settlement.cost,
            settlement.model,
            settlement.inputTokens,
            settlement.outputTokens,
            settlement.cached ? 1 : 0,
          ),
      ]);
      const before = found?.results[0];
      if (!before) {
        throw new LedgerError("unknown_call", `call "${callId}" was never reserved, or has been forgotten since`);
      }
      logWhatCannotBe(callId, settlement.cost, before);
    },

    async release(callId) {
      await database
        .prepare("UPDATE calls SET state = 'released' WHERE call_id = ?1 AND state IN ('reserved', 'expired')")
        .bind(callId)
        .run();
    },

    async expire() {
      const { results } = await expireOverdue(database, now()).all();
      return results.length;
    },

    async prune(before) {
      // State by state, so that each uses the index in its order.
      const old = ["settled", "expired", "released"].map(
        (state) => `SELECT call_id, expires_at FROM calls WHERE state = '${state}' AND expires_at < ?1`,
      );
      const { results } = await database
        .prepare(
          `DELETE FROM calls WHERE call_id IN (SELECT call_id FROM (${old.join(" UNION ALL ")})
             ORDER BY expires_at LIMIT 1000)
           RETURNING call_id`,
        )
        .bind(before)
        .all();
      return results.length;
    },
  };
}

/** What is committed in a month under one ceiling, or the reserved part of it: one row, by its key. */
function committed(month: string, dimension: keyof Ceilings, name: string, amount = "reserved + spent"): string {
  return `ifnull((SELECT ${amount} FROM sums
    WHERE month = ${month} AND owner = '' AND dimension = '${dimension}' AND name = ${name}), 0)`;
}

/** Whether an amount more fits under the ceilings ?6 (stack), ?7 (tenant ?2) and ?8 (template ?3). */
function fits(month: string, amount: string): string {
  return `${committed(month, "stack", "''")} + ${amount} <= ?6
    AND (?7 IS NULL OR ${committed(month, "tenant", "?2")} + ${amount} <= ?7)
    AND (?8 IS NULL OR ${committed(month, "template", "?3")} + ${amount} <= ?8)`;
}

/** A repeat keeps its reservation; what its worst case has grown by has to fit into the call's own month. */
const KEEP = `UPDATE calls SET state = 'reserved', worst_case = max(worst_case, ?4), expires_at = max(expires_at, ?5)
  WHERE call_id = ?1 AND tenant = ?2 AND template = ?3 AND state IN ('reserved', 'expired')
    AND (worst_case >= ?4 OR (${fits("calls.month", "(?4 - worst_case)")}))`;

function keep(call: LedgerCall, ceilings: Ceilings, at: number) {
  const { stack, tenant, template } = ceilings;
  return [call.callId, call.tenant, call.template, call.worstCase, at + call.expiresInMs, stack, tenant, template];
}

/** A new call, or a released one, is reserved in this month when its worst case fits. Triggers move the sums with it. */
const RESERVE = `INSERT INTO calls (call_id, tenant, template, worst_case, expires_at, month, day)
  SELECT ?1, ?2, ?3, ?4, ?5, ?9, ?10 WHERE ${fits("?9", "?4")}
  ON CONFLICT (call_id) DO UPDATE SET state = 'reserved', worst_case = excluded.worst_case,
    expires_at = excluded.expires_at, month = excluded.month, day = excluded.day
  WHERE state = 'released' AND tenant = excluded.tenant AND template = excluded.template`;

function reserve(call: LedgerCall, ceilings: Ceilings, at: number) {
  return [...keep(call, ceilings, at), monthOf(at), dayOf(at)];
}

/** The call as it now is, if it is there, and what is committed and held in its month, or in this one while it has none. */
const OWN_MONTH = "iif(ifnull(calls.state, 'released') = 'released', ?2, calls.month)";
const OUTCOME = `SELECT calls.state, calls.month, calls.worst_case, calls.cost,
    calls.tenant = ?3 AND calls.template = ?4 AS same_caller,
    ${committed(OWN_MONTH, "stack", "''")} AS stack,
    ${committed(OWN_MONTH, "tenant", "?3")} AS tenant,
    ${committed(OWN_MONTH, "template", "?4")} AS template,
    ${committed(OWN_MONTH, "stack", "''", "reserved")} AS stack_held,
    ${committed(OWN_MONTH, "tenant", "?3", "reserved")} AS tenant_held,
    ${committed(OWN_MONTH, "template", "?4", "reserved")} AS template_held
  FROM (SELECT 1) LEFT JOIN calls ON calls.call_id = ?1`;

interface CallRow {
  readonly state: "reserved" | "expired" | "settled" | "released";
  readonly month: string;
  readonly worst_case: NanoDollars;
  readonly cost: NanoDollars | null;
}

interface Committed extends Readonly<Record<keyof Ceilings | `${keyof Ceilings}_held`, NanoDollars>> {
  readonly same_caller: 0 | 1 | null;
}

type Outcome = Committed & (CallRow | { readonly [column in keyof CallRow]: null });

/** Reads what the three statements came to: the transaction has decided, this only says why. */
function toReservation(
  call: LedgerCall,
  ceilings: Ceilings,
  thisMonth: string,
  outcome: Outcome | undefined,
): Reservation {
  if (!outcome) throw new Error(`call "${call.callId}": the ledger's database gave no outcome`);
  if (outcome.same_caller === 0) {
    throw new LedgerError("call_id_conflict", `call "${call.callId}" is in use elsewhere: every call needs its own id`);
  }
  const { callId, worstCase } = call;
  const { state, month } = outcome;
  if (state === "settled") return { kind: "settled", callId, month, cost: outcome.cost ?? 0 };
  // An expired call that is kept is reserved again, so one that still is expired did not fit.
  if (state === "reserved" && outcome.worst_case >= worstCase) return { kind: "reserved", callId, month };

  const kept = state === "reserved" || state === "expired" ? outcome : null;
  const counted = kept?.worst_case ?? 0;
  // After the clock has jumped back, a kept call's month is the later one.
  const nextMonth = Math.max(endOfMonth(kept?.month ?? thisMonth), endOfMonth(thisMonth));
  const refusals = (["stack", "tenant", "template"] as const).flatMap((scope) => {
    const ceiling = ceilings[scope];
    const committed = outcome[scope] - counted;
    if (ceiling === null || committed + worstCase <= ceiling) return [];
    const held = outcome[`${scope}_held`] - (state === "reserved" ? counted : 0);
    const retryAt = committed - held + worstCase <= ceiling ? undefined : nextMonth;
    return [{ kind: "refused" as const, scope, ceiling, committed, held, retryAt }];
  });
  const refusal = refusals.find(({ retryAt }) => retryAt !== undefined) ?? refusals[0];
  if (refusal) return refusal;
  throw new Error(`call "${callId}": neither reserved nor refused; is a statement of the ledger wrong?`);
}

/** The truth is in the books; that it could not happen is said aloud. */
function logWhatCannotBe(callId: string, cost: NanoDollars, before: CallRow): void {
  const facts = { call_id: callId, month: before.month, cost, worst_case: before.worst_case };
  if (before.state === "settled") {
    if (before.cost !== cost) log("warn", "ledger_settled_differently", { ...facts, settled_cost: before.cost });
    return;
  }
  if (before.state === "released" && cost > 0) log("error", "ledger_released_call_cost_money", facts);
  if (cost > before.worst_case) log("error", "ledger_cost_above_worst_case", facts);
}

/** @throws LedgerError `invalid_call` */
function checkCall({ callId, worstCase, tenant, template, expiresInMs }: LedgerCall): void {
  const wrong = (message: string) => new LedgerError("invalid_call", message);
  if (callId.length < 1 || callId.length > 255) throw wrong("callId: 1 to 255 characters");
  if (tenant === "") throw wrong(`call "${callId}": tenant must not be empty`);
  if (template === "") throw wrong(`call "${callId}": template must not be empty`);
  if (!isAmount(worstCase)) throw wrong(`call "${callId}": worstCase must be whole nano-dollars, not ${worstCase}`);
  if (!Number.isSafeInteger(expiresInMs) || expiresInMs <= 0) {
    throw wrong(`call "${callId}": expiresInMs must be whole milliseconds above 0, not ${expiresInMs}`);
  }
}

/** @throws LedgerError `invalid_settlement` */
function checkSettlement(callId: string, { cost, model, inputTokens, outputTokens }: Settlement): void {
  const wrong = (message: string) => new LedgerError("invalid_settlement", `call "${callId}": ${message}`);
  if (!isAmount(cost)) throw wrong(`cost must be whole nano-dollars, not ${cost}`);
  if (!isAmount(inputTokens)) throw wrong(`inputTokens must be a whole number, not ${inputTokens}`);
  if (!isAmount(outputTokens)) throw wrong(`outputTokens must be a whole number, not ${outputTokens}`);
  if (model === "") throw wrong("model must not be empty");
}
