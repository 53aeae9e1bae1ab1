import { parseItem } from "./parse-item.ts";
import type { EntryReader, IngestLimits, SourceEntry, SourcePlace } from "./source-entry.ts";

const LINE_FEED = 10;

/**
 * Reads newline-delimited JSON: one value a line, blank lines left out. Holds one line at most, and of a line over the
 * limit nothing.
 */
export class NdjsonLines implements EntryReader {
  readonly #maxItemBytes: number;
  #offset: number;
  #line: number;
  #position: number;
  /** The line's beginning, from earlier chunks. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;

  constructor(limits: IngestLimits, from: SourcePlace) {
    this.#maxItemBytes = limits.maxItemBytes;
    this.#offset = from.offset;
    this.#line = from.line;
    this.#position = from.position;
  }

  *push(chunk: Uint8Array): Iterable<SourceEntry> {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, from)) {
      const entry = this.#endLine(chunk.subarray(from, at), 1);
      from = at + 1;
      if (entry) yield entry;
    }
    this.#hold(chunk.subarray(from));
  }

  *end(): Iterable<SourceEntry> {
    const entry = this.#endLine(new Uint8Array(), 0);
    if (entry) yield entry;
  }

  #hold(bytes: Uint8Array): void {
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > this.#maxItemBytes) this.#held = [];
    else if (bytes.length > 0) this.#held.push(bytes.slice());
  }

  #endLine(rest: Uint8Array, terminator: 0 | 1): SourceEntry | null {
    const length = this.#heldBytes + rest.length;
    const bytes = this.#held.length === 0 ? rest : joined([...this.#held, rest], length);
    this.#held = [];
    this.#heldBytes = 0;

    const line = this.#line;
    this.#offset += length + terminator;
    this.#line += terminator;
    const tooLarge = length > this.#maxItemBytes;
    if (!tooLarge && isBlank(bytes)) return null;
    const position = this.#position++;
    const next = { offset: this.#offset, line: this.#line, position: this.#position };
    if (!tooLarge) return { position, line, next, ...parseItem(bytes) };
    const message = `${length} bytes; an item may have ${this.#maxItemBytes}`;
    return { kind: "bad", position, line, next, reason: "item_too_large", message };
  }
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 32 || byte === 9 || byte === 13);
}
