import type { CacheEntry } from "./entry.ts";

interface Held {
  readonly entry: CacheEntry;
  readonly bytes: number;
}

/** Answers in an isolate's memory, bounded by their bytes; the one that was used longest ago goes first. */
export class MemoryLevel {
  readonly #held = new Map<string, Held>();
  #bytes = 0;

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

  clear(): void {
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
