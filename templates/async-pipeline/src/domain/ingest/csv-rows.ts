import type { CsvHeader } from "./csv-header.ts";
import { type CsvCell, CsvScanner } from "./csv-scanner.ts";
import type { BadItemReason, EntryReader, IngestLimits, SourceEntry, SourcePlace } from "./source-entry.ts";

const LINE_FEED = 10;
/** Bytes within which a quote has to close: more than an item may have, so that a large cell is not taken for a broken one. */
const lookaheadOf = ({ maxItemBytes }: IngestLimits) => Math.max(maxItemBytes, Math.min(4 * maxItemBytes, 4_194_304));

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

interface Verdict {
  readonly reason: BadItemReason;
  readonly message: string;
}

/**
 * Reads the rows of a CSV below its header as objects of texts. A cell with nothing in it is a field that is not
 * there; `""` is an empty text. Rows with nothing in any cell are left out, as spreadsheets write them at the end.
 *
 * A quote that is not closed, or closed in the middle of a cell, spoils the row it stands in; reading goes on at the
 * line after that quote. Holds that lookahead at most.
 */
export class CsvRows implements EntryReader {
  readonly #limits: IngestLimits;
  readonly #lookahead: number;
  readonly #columns: readonly string[];
  readonly #scanner: CsvScanner;
  /** Bytes not yet read; a row begins at `#start`. */
  #buffer = new Uint8Array(65_536);
  #start = 0;
  #end = 0;
  #offset: number;
  #line: number;
  #position: number;
  /** What is wrong with the row that began on `line`, while the end of its line is looked for. */
  #spoilt: (Verdict & { readonly line: number }) | null = null;

  constructor(header: CsvHeader, limits: IngestLimits, from: SourcePlace) {
    this.#limits = limits;
    this.#lookahead = lookaheadOf(limits);
    this.#columns = header.columns;
    this.#scanner = new CsvScanner(header.delimiter);
    this.#offset = from.offset;
    this.#line = from.line;
    this.#position = from.position;
  }

  *push(chunk: Uint8Array): Iterable<SourceEntry> {
    // In pieces, so that a large chunk does not make a large buffer.
    for (let at = 0; at < chunk.length; at += 65_536) {
      this.#append(chunk.subarray(at, at + 65_536));
      yield* this.#read(false);
    }
  }

  end(): Iterable<SourceEntry> {
    return this.#read(true);
  }

  #append(bytes: Uint8Array): void {
    const held = this.#end - this.#start;
    if (this.#end + bytes.length > this.#buffer.length) {
      const enough = held + bytes.length <= this.#buffer.length;
      const buffer = enough ? this.#buffer : new Uint8Array(2 * (held + bytes.length));
      buffer.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = buffer;
      this.#start = 0;
      this.#end = held;
    }
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  *#read(ended: boolean): Iterable<SourceEntry> {
    while (this.#spoilt || this.#start < this.#end) {
      if (this.#spoilt) {
        const entry = this.#passLine(this.#spoilt, ended);
        if (!entry) return;
        yield entry;
        continue;
      }
      const held = this.#end - this.#start;
      // Never further than the lookahead: what is found must not depend on how the chunks were cut.
      const bytes = this.#buffer.subarray(this.#start, this.#start + Math.min(held, this.#lookahead));
      const found = this.#scanner.scan(bytes, ended && bytes.length === held);
      if (found.kind === "more") {
        if (held <= this.#lookahead) return;
        this.#giveUp();
      } else if (found.kind === "broken") {
        this.#spoil(found.at, this.#brokenQuote(found.at, found.why));
      } else {
        const entry = this.#row(bytes, found.cells, found.to, found.length);
        if (entry) yield entry;
      }
    }
  }

  /** The row does not end within the lookahead. */
  #giveUp(): void {
    const { inQuotes, cellFrom } = this.#scanner;
    this.#scanner.reset();
    if (inQuotes) this.#spoil(cellFrom - 1, this.#brokenQuote(cellFrom - 1, "unclosed"));
    else this.#spoil(this.#lookahead, this.#tooLarge(`more than ${this.#lookahead} bytes`));
  }

  /** Gives up the row; reading goes on after the line that `at` lies in. */
  #spoil(at: number, verdict: Verdict): void {
    const line = this.#line;
    this.#consume(at);
    this.#spoilt = { ...verdict, line };
  }

  #passLine(spoilt: Verdict & { readonly line: number }, ended: boolean): SourceEntry | null {
    const end = this.#buffer.subarray(this.#start, this.#end).indexOf(LINE_FEED);
    this.#consume(end === -1 ? this.#end - this.#start : end + 1);
    if (end === -1 && !ended) return null;
    this.#spoilt = null;
    return this.#bad(spoilt, spoilt.line);
  }

  #row(bytes: Uint8Array, cells: readonly CsvCell[], to: number, length: number): SourceEntry | null {
    const line = this.#line;
    this.#consume(length);
    if (cells.every((cell) => !cell.quoted && cell.from === cell.to)) return null;
    if (to > this.#limits.maxItemBytes) return this.#bad(this.#tooLarge(`${to} bytes`), line);
    if (cells.length !== this.#columns.length) {
      const message = `${count(cells.length, "cell")} where the header has ${count(this.#columns.length, "column")}`;
      return this.#bad({ reason: "ragged_row", message }, line);
    }
    let texts: string[];
    try {
      texts = decodeCells(bytes.subarray(0, to), cells);
    } catch {
      return this.#bad({ reason: "invalid_encoding", message: "not valid UTF-8" }, line);
    }
    const fields = this.#columns.map((name, index) => [name, texts[index] ?? ""] as const);
    const value = Object.fromEntries(fields.filter(([, text], index) => text !== "" || cells[index]?.quoted));
    return { kind: "item", position: this.#position++, line, value, next: this.#place() };
  }

  #bad(verdict: Verdict, line: number): SourceEntry {
    const { reason, message } = verdict;
    return { kind: "bad", position: this.#position++, line, reason, message, next: this.#place() };
  }

  #brokenQuote(at: number, why: "unclosed" | "text_after"): Verdict {
    const line = this.#line + linesIn(this.#buffer.subarray(this.#start, this.#start + at));
    const what = why === "unclosed" ? "is not closed" : "is followed by text after the closing quote";
    return { reason: "broken_quote", message: `a quote that opens a cell on line ${line} ${what}` };
  }

  #tooLarge(found: string): Verdict {
    return { reason: "item_too_large", message: `${found}; an item may have ${this.#limits.maxItemBytes}` };
  }

  #place(): SourcePlace {
    return { offset: this.#offset, line: this.#line, position: this.#position };
  }

  #consume(length: number): void {
    this.#line += linesIn(this.#buffer.subarray(this.#start, this.#start + length));
    this.#start += length;
    this.#offset += length;
  }
}

/** @throws TypeError when it is no UTF-8 */
function decodeCells(row: Uint8Array, cells: readonly CsvCell[]): string[] {
  const text = decoder.decode(row);
  // Where every character is one byte, the cells' places in bytes are their places in the text.
  const cellText = (cell: CsvCell) =>
    text.length === row.length ? text.slice(cell.from, cell.to) : decoder.decode(row.subarray(cell.from, cell.to));
  return cells.map((cell) => (cell.escaped ? cellText(cell).replaceAll('""', '"') : cellText(cell)));
}

function linesIn(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) lines++;
  return lines;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
