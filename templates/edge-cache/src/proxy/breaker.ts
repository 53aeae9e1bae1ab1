/** When a backend is left alone. */
export interface BreakerSettings {
  /** Failures in a row. */
  readonly breakAfter: number;
  readonly breakSeconds: number;
}

/** `closed`: it is asked. `open`: it is not. `half-open`: one request finds out. */
export type BreakerState = "closed" | "open" | "half-open";

/** What a request may do. */
export type Admission =
  /** `probe`: it is the one that finds out; how it went has to be said. */
  { readonly kind: "go"; readonly probe: boolean } | { readonly kind: "stop"; readonly retryAt: number };

/** A probe that nobody has heard of for so long is given up, and the next request is one. */
const PROBE_MS = 120_000;

/**
 * A circuit breaker. Failures in a row count, so one caller's bad requests do not end a backend that answers others.
 * Without clock of its own: times are ms.
 */
export class Breaker {
  #failures = 0;
  /** Until when it is open; null while it is closed. */
  #openUntil: number | null = null;
  #probeSince: number | null = null;

  state(at: number): BreakerState {
    if (this.#openUntil === null) return "closed";
    return at < this.#openUntil ? "open" : "half-open";
  }

  get failures(): number {
    return this.#failures;
  }

  get openUntil(): number | null {
    return this.#openUntil;
  }

  /** Asks to be let through. */
  admit(at: number): Admission {
    if (this.#openUntil === null) return { kind: "go", probe: false };
    if (at < this.#openUntil) return { kind: "stop", retryAt: this.#openUntil };
    if (this.#probeSince !== null && at < this.#probeSince + PROBE_MS) {
      return { kind: "stop", retryAt: at + 1_000 };
    }
    this.#probeSince = at;
    return { kind: "go", probe: true };
  }

  /** It has answered. @returns whether this has closed it */
  succeeded(): boolean {
    const closed = this.#openUntil !== null;
    this.#failures = 0;
    this.#openUntil = null;
    this.#probeSince = null;
    return closed;
  }

  /** It has not. What was under way when it opened changes nothing. @returns whether this has opened it */
  failed(at: number, { breakAfter, breakSeconds }: BreakerSettings): boolean {
    this.#failures++;
    const probing = this.#probeSince !== null;
    if (this.#openUntil !== null ? !probing : this.#failures < breakAfter) return false;
    this.#probeSince = null;
    this.#openUntil = at + breakSeconds * 1_000;
    return true;
  }

  /** A probe whose client left has found out nothing. */
  abandoned(): void {
    this.#probeSince = null;
  }

  /** What another isolate has found: open until then, or closed (null). */
  learn(openUntil: number | null): void {
    if (openUntil === null) this.succeeded();
    else if (this.#openUntil === null || openUntil > this.#openUntil) {
      this.#openUntil = openUntil;
      this.#probeSince = null;
    }
  }
}
