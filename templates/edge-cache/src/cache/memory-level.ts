import type { CacheEntry } from "./entry.ts";

interface Held {
  readonly entry: CacheEntry;
  readonly bytes: number;
}

/** For so long, in ms, what no level had is not looked for on the slower ones again: its flight knows the answer first. */
const ABSENT_MS = 1_000;
const MOST_ABSENT = 10_000;

/** Answers in an isolate's memory, bounded by their bytes; the one that was used longest ago goes first. */
export class MemoryLevel {
  readonly #held = new Map<string, Held>();
  #bytes = 0;
  /** When it was last looked for in vain, in ms. */
  readonly #absent = new Map<string, number>();

  get(tenant: string, key: string): CacheEntry | null {
    const place = placeOf(tenant, key);
    const held = this.#held.get(place);
    if (!held) return null;
    this.#held.delete(place);
    this.#held.set(place, held);
    return held.entry;
  }

  /** @param text the entry as JSON, by which its size is known */
  put(entry: CacheEntry, text: string, maxBytes: number): void {
    const place = placeOf(entry.tenant, entry.key);
    this.#absent.delete(place);
    // A character takes up to two bytes in memory, and the object about as much again.
    const bytes = text.length * 4;
    this.delete(entry.tenant, entry.key);
    if (bytes > maxBytes) return;
    this.#held.set(place, { entry, bytes });
    this.#bytes += bytes;
    for (const [oldest, { bytes: freed }] of this.#held) {
      if (this.#bytes <= maxBytes) return;
      this.#held.delete(oldest);
      this.#bytes -= freed;
    }
  }

  delete(tenant: string, key: string): void {
    const place = placeOf(tenant, key);
    this.#bytes -= this.#held.get(place)?.bytes ?? 0;
    this.#held.delete(place);
  }

  /** Remembers that no level has it. @param at ms */
  miss(tenant: string, key: string, at: number): void {
    const place = placeOf(tenant, key);
    this.#absent.delete(place);
    this.#absent.set(place, at);
    if (this.#absent.size > MOST_ABSENT) this.#absent.delete(this.#absent.keys().next().value ?? place);
  }

  /** Whether no level had it just now. @param at ms */
  isAbsent(tenant: string, key: string, at: number): boolean {
    const seen = this.#absent.get(placeOf(tenant, key));
    return seen !== undefined && at - seen < ABSENT_MS;
  }

  clear(): void {
    this.#absent.clear();
    this.#held.clear();
    this.#bytes = 0;
  }

  /** What the entries take, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }
}

function placeOf(tenant: string, key: string): string {
  return `${tenant}/${key}`;
}

/** This isolate's. */
export const memory = new MemoryLevel();
