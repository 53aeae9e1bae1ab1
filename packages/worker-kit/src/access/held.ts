/** So long may something that was read be relied on. */
export const HELD_MS = 5_000;
/** From then on it is read anew, while requests go on with what is there. */
const RENEWED_MS = 3_000;

/**
 * What was read from a database, for at most five seconds: so a change there takes effect everywhere within that time,
 * and at once where it is told by `forget`. No request waits for another's reading, which may end with that request.
 */
export class Held<T> {
  readonly #held = new Map<string, { readonly value: T; readonly readAt: number; renewing: boolean }>();
  readonly #most: number;
  readonly #now: () => number;
  #forgotten = 0;

  /**
   * @param most how many are held; the one that was read first goes first
   * @param now ms
   */
  constructor(most: number, now: () => number = () => Date.now()) {
    this.#most = most;
    this.#now = now;
  }

  /**
   * @param read from the database; null is not held
   * @param later for a reading that may go on after the answer
   */
  async of(key: string, read: () => Promise<T>, later: (work: Promise<unknown>) => void): Promise<T> {
    const held = this.#held.get(key);
    const age = held ? this.#now() - held.readAt : Number.POSITIVE_INFINITY;
    if (!held || age >= HELD_MS) return this.#read(key, read);
    if (age >= RENEWED_MS && !held.renewing) {
      held.renewing = true;
      // When it fails, the next one that has nothing to go on finds out why.
      later(this.#read(key, read).catch(() => undefined));
    }
    return held.value;
  }

  /** So that who changed something sees it at once; without a key: of all. */
  forget(key?: string): void {
    this.#forgotten++;
    if (key === undefined) this.#held.clear();
    else this.#held.delete(key);
  }

  async #read(key: string, read: () => Promise<T>): Promise<T> {
    // When it was asked for, not when it came: a change between the two is then seen in time.
    const readAt = this.#now();
    const forgotten = this.#forgotten;
    const value = await read();
    this.#held.delete(key);
    // What was read before somebody said "forget" may be what was to be forgotten.
    if (value === null || forgotten !== this.#forgotten) return value;
    this.#held.set(key, { value, readAt, renewing: false });
    if (this.#held.size > this.#most) this.#held.delete(this.#held.keys().next().value ?? key);
    return value;
  }
}
