import { type Ledger, LedgerError, type NanoDollars, type Settlement, usdOf } from "../ledger.ts";
import { log } from "../log.ts";
import { AiError } from "./ai-error.ts";
import { sha256 } from "./sha-256.ts";

/** Whose money a call is. */
export interface Account {
  readonly ledger: Ledger;
  readonly template: string;
  readonly tenant: string;
  /** ms, the stack's clock. */
  readonly now: () => number;
}

/** A call whose worst case is held in the ledger, until exactly one of its endings is called. */
export interface MeteredCall {
  /** The ledger's id of the call. */
  readonly id: string;
  /** Puts the true cost in the place of the worst case. @returns what the ledger now counts for the call */
  settle(settlement: Settlement): Promise<NanoDollars>;
  /** It may have cost anything up to its worst case, and nobody will ever know: the worst case is what counts. */
  settleAtWorst(model: string): Promise<NanoDollars>;
  /** It cost nothing. */
  release(): Promise<void>;
  /** A repeat of a call that has been paid already, so that the gateway's kept answer costs nothing more. */
  readonly paidBefore: boolean;
  readonly worstCase: NanoDollars;
}

/** Kept this much longer than a call can take. */
const MARGIN_MS = 60_000;

/**
 * Holds a call's worst case in the ledger.
 *
 * A repeat of a call that is settled gets a reservation of its own beside it: the gateway's cache may have forgotten
 * the answer, and then it is paid for again.
 *
 * @param callId the caller's own, or undefined for a call that is never repeated
 * @param limitMs how long it can take
 * @throws LedgerError for a call that the ledger does not understand
 * @throws AiError `budget_exhausted`; `model_unavailable` when the ledger does not answer, for without it nothing is sent
 */
export async function meteredCall(
  account: Account,
  callId: string | undefined,
  worstCase: NanoDollars,
  limitMs: number,
): Promise<MeteredCall> {
  const { ledger, template, tenant } = account;
  const ids = callId === undefined ? undefined : await ledgerId(template, tenant, callId);
  const reserve = async (id: string): Promise<"reserved" | "settled"> => {
    const reservation = await ledger
      .reserve({ callId: id, worstCase, template, tenant, expiresInMs: Math.ceil(limitMs) + MARGIN_MS })
      .catch((cause: unknown) => {
        if (cause instanceof LedgerError) throw cause;
        throw new AiError("model_unavailable", "the ledger did not answer, so no model was asked", { cause });
      });
    if (reservation.kind !== "refused") return reservation.kind;
    const { scope, ceiling, retryAt } = reservation;
    const budget = `the ${scope}'s budget of $${usdOf(ceiling)}`;
    if (retryAt === undefined) {
      throw new AiError("budget_exhausted", `what is left of ${budget} is held by calls under way; ask again soon`, {
        budget: { scope, ceiling, held: true },
      });
    }
    throw new AiError(
      "budget_exhausted",
      `${budget} leaves no room for this call until ${new Date(retryAt).toISOString()}`,
      { retryAfterMs: Math.max(0, retryAt - account.now()), budget: { scope, ceiling, held: false } },
    );
  };

  let id = ids ?? crypto.randomUUID();
  const paidBefore = (await reserve(id)) === "settled";
  if (paidBefore) {
    id = `${id}:${crypto.randomUUID()}`;
    await reserve(id);
  }

  /** The answer is worth more than its entry: what could not be written stays held, and expires at its worst case. */
  const write = async (entry: Promise<void>): Promise<boolean> => {
    try {
      await entry;
      return true;
    } catch (error) {
      log("error", "ledger_entry_failed", { call_id: id, error: String(error) });
      return false;
    }
  };
  const settle = async (settlement: Settlement) =>
    (await write(ledger.settle(id, settlement))) ? settlement.cost : worstCase;

  return {
    id,
    paidBefore,
    worstCase,
    settle,
    settleAtWorst: (model) => settle({ cost: worstCase, model, inputTokens: 0, outputTokens: 0, cached: false }),
    release: async () => void (await write(ledger.release(id))),
  };
}

/** Short enough for the ledger, and never another tenant's, whatever callers choose as ids. */
async function ledgerId(template: string, tenant: string, callId: string): Promise<string> {
  return `${template}/${await sha256([template, tenant, callId])}`;
}
