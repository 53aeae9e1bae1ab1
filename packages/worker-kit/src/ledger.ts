/** An amount of money: integer billionths of a US dollar. $10 are 10_000_000_000. */
export type NanoDollars = number;

/** A call that is about to cost money. */
export interface LedgerCall {
  /** The same for every repeat of the same call: a repeat finds its reservation instead of making another. */
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
  /** `month` is `2026-11` (UTC). `settled`: a repeat of a call that has ended already; nothing is held for it. */
  | { readonly kind: "reserved"; readonly callId: string; readonly month: string }
  | { readonly kind: "settled"; readonly callId: string; readonly month: string; readonly cost: NanoDollars }
  /** A ceiling stands in the way; `retryAt` (ms) is the next month's begin. */
  | {
      readonly kind: "refused";
      readonly scope: "stack" | "tenant" | "template";
      readonly ceiling: NanoDollars;
      /** Settled and reserved at this moment. */
      readonly committed: NanoDollars;
      readonly retryAt: number;
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

/** The exact wall in front of the gateway's cap. */
export interface Ledger {
  reserve(call: LedgerCall): Promise<Reservation>;
  /** Puts the truth in the place of the worst case, in the call's own month; a second settlement changes nothing. */
  settle(callId: string, settlement: Settlement): Promise<void>;
  /** Gives back a reservation whose call certainly cost nothing: it was never sent, or refused before a model ran. */
  release(callId: string): Promise<void>;
}
