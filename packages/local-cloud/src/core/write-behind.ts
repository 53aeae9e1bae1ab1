/** Machine milliseconds that a record waits for others, to share one write to the disk with them. */
const DELAY = 25;
/** Records that are written at once, without waiting for more: a write holds up everything else. */
const FULL = 500;
/** Records that wait while they cannot be written. */
const MAX_WAITING = 10_000;

/** Collects records and writes them together. */
export class WriteBehind<Item> {
  readonly #what: string;
  readonly #write: (records: readonly Item[]) => void;
  #waiting: Item[] = [];
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param what the records, as a message names them: `AI Gateway's logs`.
   * @param write writes all of them, or throws and has written none.
   */
  constructor(what: string, write: (records: readonly Item[]) => void) {
    this.#what = what;
    this.#write = write;
  }

  add(item: Item): void {
    this.#waiting.push(item);
    if (this.#waiting.length === FULL) this.#writeOrComplain();
    else this.#timer ??= setTimeout(() => this.#writeOrComplain(), DELAY);
  }

  /** Writes what waits, now. Throws what the write throws, and keeps the records. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    this.#write(this.#waiting);
    this.#waiting = [];
  }

  /** Takes records back that nobody is to see. */
  drop(unwanted: (item: Item) => boolean): void {
    this.#waiting = this.#waiting.filter((item) => !unwanted(item));
  }

  #writeOrComplain(): void {
    try {
      this.flush();
    } catch (error) {
      const kept = this.#waiting.slice(-MAX_WAITING);
      console.error(`${this.#what} wait to be written, ${this.#waiting.length - kept.length} are lost:`, error);
      this.#waiting = kept;
    }
  }
}
