import { log } from "@tenner/worker-kit/log";
import type { ClaimedItem, WorkStore } from "./adapters/work-store.ts";

/** How long a claim lasts without being renewed: a dead consumer's items come back after it. */
export const CLAIM_MS = 20_000;
const BEAT_MS = 5_000;
/** A turn ends before the platform ends it, after 15 minutes; what is not done then goes on in another. */
const TURN_MS = 600_000;

/** Keeps the claims of one delivery while it is worked on. */
export class ClaimKeeper {
  readonly #store: Pick<WorkStore, "renew">;
  readonly #now: () => number;
  readonly #held = new Map<string, readonly ClaimedItem[]>();
  readonly #end = new AbortController();
  #validUntil: number;
  readonly #beats: ReturnType<typeof setInterval>;
  readonly #turn: ReturnType<typeof setTimeout>;

  /** @param now ms */
  constructor(store: Pick<WorkStore, "renew">, now: () => number) {
    this.#store = store;
    this.#now = now;
    this.#validUntil = now() + CLAIM_MS;
    this.#beats = setInterval(() => void this.#beat(), BEAT_MS);
    this.#turn = setTimeout(() => this.#end.abort(new Error("the turn is over")), TURN_MS);
  }

  /** Aborted when the turn is over, or the claims may have run out: whoever went on would do what another does again. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  hold(token: string, items: readonly ClaimedItem[]): void {
    this.#held.set(token, items);
  }

  letGo(token: string): void {
    this.#held.delete(token);
  }

  stop(): void {
    clearInterval(this.#beats);
    clearTimeout(this.#turn);
  }

  async #beat(): Promise<void> {
    const items = [...this.#held.values()].flat();
    if (items.length === 0) return;
    const until = this.#now() + CLAIM_MS;
    try {
      await this.#store.renew(items, until);
      this.#validUntil = until;
    } catch (error) {
      log("warn", "claims_not_renewed", { items: items.length, message: String(error) });
      if (this.#now() + BEAT_MS >= this.#validUntil) this.#end.abort(new Error("the claims ran out"));
    }
  }
}
