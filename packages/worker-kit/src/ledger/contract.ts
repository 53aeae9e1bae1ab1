import type { NanoDollars } from "./money.ts";

/** A call that is about to cost money. */
export interface LedgerCall {
  /** The same for every repeat of the same call: a repeat finds its reservation instead of making another. 1 to 255 characters. */
  readonly callId: string;
  /** The most that the call can cost. */
  readonly worstCase: NanoDollars;
  readonly template: string;
  readonly tenant: string;
  /** Milliseconds after which a call without settlement counts as crashed, at its worst case. */
  readonly expiresInMs: number;
}

/** What a reservation came to. */
export type Reservation =
  /** `month` is `2026-11` (UTC), the call's own: a repeat after the month's end still belongs to the month before. */
  | { readonly kind: "reserved"; readonly callId: string; readonly month: string }
  /** A repeat of a call that has ended already; nothing is held for it. */
  | { readonly kind: "settled"; readonly callId: string; readonly month: string; readonly cost: NanoDollars }
  /** A ceiling stands in the way. With several, one that lasts is named first, then the widest. */
  | {
      readonly kind: "refused";
      readonly scope: "stack" | "tenant" | "template";
      readonly ceiling: NanoDollars;
      /** Settled, expired and reserved at this moment, without this call. */
      readonly committed: NanoDollars;
      /** The reserved part of it: worst cases of calls under way, most of which comes back as they end. */
      readonly held: NanoDollars;
      /** The next month's begin, ms; undefined when the call would fit if nothing were held: it may at any moment. */
      readonly retryAt: number | undefined;
    };

/** What a call really was. */
export interface Settlement {
  readonly cost: NanoDollars;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** The gateway answered from its cache. */
  readonly cached: boolean;
}

/**
 * The exact wall in front of the gateway's cap. Every method is one round trip and one transaction, and can be
 * repeated as it is when its answer got lost.
 */
export interface Ledger {
  /**
   * Holds the worst case under every ceiling, or under none. A repeat keeps its month; one with a larger worst case
   * is checked for the difference, one with a smaller keeps what is held.
   *
   * @throws LedgerError `invalid_call`; `call_id_conflict` when the id belongs to another tenant or template
   */
  reserve(call: LedgerCall): Promise<Reservation>;
  /**
   * Puts the truth in the place of the worst case, in the call's own month; a second settlement changes nothing.
   * What cannot be (a cost above the worst case, or of a released call) is recorded all the same, and logged.
   *
   * @throws LedgerError `invalid_settlement`, `unknown_call`
   */
  settle(callId: string, settlement: Settlement): Promise<void>;
  /**
   * Gives back a reservation whose call certainly cost nothing: it was never sent, or refused before a model ran.
   * A settled or unknown call stays as it is.
   */
  release(callId: string): Promise<void>;
}

/** Every way in which the ledger refuses what it was asked, other than for money. */
export type LedgerErrorCode = "invalid_call" | "invalid_settlement" | "call_id_conflict" | "unknown_call";

/** A mistake of the caller. Never names another tenant. */
export class LedgerError extends Error {
  override readonly name = "LedgerError";
  readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
