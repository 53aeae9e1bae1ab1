const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;

/** One cell of a row: bytes from the row's beginning, without its quotes. */
export interface CsvCell {
  readonly from: number;
  readonly to: number;
  readonly quoted: boolean;
  /** Has doubled quotes inside. */
  readonly escaped: boolean;
}

/** What the scanner found: a whole row, a quote that makes no sense, or that it needs more bytes. */
export type CsvScan =
  /** `length` counts the row with its line end, `to` without. */
  | { readonly kind: "row"; readonly cells: readonly CsvCell[]; readonly to: number; readonly length: number }
  /** `at` is where the quote stands that was opened last. */
  | { readonly kind: "broken"; readonly at: number; readonly why: "unclosed" | "text_after" }
  | { readonly kind: "more" };

type State = "cell_start" | "plain" | "quoted" | "quote_in_quoted" | "return_after_quoted";

/**
 * Scans one row of RFC 4180 after the other, in bytes: every byte it looks for means the same anywhere in UTF-8. What
 * it has seen of a row is not looked at again when more of the row arrives. A quote inside a cell that did not begin
 * with one is an ordinary character.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export class CsvScanner {
  readonly #delimiter: number;
  #state: State = "cell_start";
  #at = 0;
  #cells: CsvCell[] = [];
  #cellFrom = 0;
  #escaped = false;

  /** @param delimiter one ASCII character's code */
  constructor(delimiter: number) {
    this.#delimiter = delimiter;
  }

  /** Whether the row scanned so far ends within quotes. */
  get inQuotes(): boolean {
    return this.#state === "quoted" || this.#state === "quote_in_quoted" || this.#state === "return_after_quoted";
  }

  /** Where the cell begins that the scan is in: after its quote, if it has one. */
  get cellFrom(): number {
    return this.#cellFrom;
  }

  /**
   * Goes on with the row that begins where `bytes` begin.
   *
   * @param bytes the row from its beginning, and whatever follows it
   * @param ended nothing comes after these bytes
   */
  scan(bytes: Uint8Array, ended: boolean): CsvScan {
    while (this.#at < bytes.length) {
      const found = this.#step(bytes);
      if (found) return this.#leave(found);
    }
    return ended ? this.#leave(this.#atEnd(bytes)) : { kind: "more" };
  }

  /** Begins anew, with another row. */
  reset(): void {
    this.#state = "cell_start";
    this.#at = 0;
    this.#cells = [];
  }

  #leave(found: CsvScan): CsvScan {
    this.reset();
    return found;
  }

  /** Moves on by at least one byte. */
  #step(bytes: Uint8Array): CsvScan | null {
    switch (this.#state) {
      case "cell_start":
        if (bytes[this.#at] === QUOTE) {
          this.#at++;
          this.#state = "quoted";
          this.#escaped = false;
        } else {
          this.#state = "plain";
        }
        this.#cellFrom = this.#at;
        return null;
      case "plain":
        return this.#plain(bytes);
      case "quoted": {
        const quote = bytes.indexOf(QUOTE, this.#at);
        this.#at = quote === -1 ? bytes.length : quote + 1;
        if (quote !== -1) this.#state = "quote_in_quoted";
        return null;
      }
      case "quote_in_quoted":
        return this.#afterQuote(bytes[this.#at]);
      case "return_after_quoted":
        if (bytes[this.#at] !== LINE_FEED) return { kind: "broken", at: this.#cellFrom - 1, why: "text_after" };
        this.#at++;
        return this.#endRow(this.#at - 2, this.#at);
    }
  }

  #plain(bytes: Uint8Array): CsvScan | null {
    for (let at = this.#at; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === this.#delimiter) {
        this.#addPlain(at);
        this.#at = at + 1;
        this.#state = "cell_start";
        return null;
      }
      if (byte === LINE_FEED) {
        this.#at = at + 1;
        return this.#endPlain(bytes, at);
      }
    }
    this.#at = bytes.length;
    return null;
  }

  #afterQuote(byte: number | undefined): CsvScan | null {
    this.#at++;
    if (byte === QUOTE) {
      this.#escaped = true;
      this.#state = "quoted";
      return null;
    }
    if (byte !== this.#delimiter && byte !== LINE_FEED && byte !== CARRIAGE_RETURN) {
      return { kind: "broken", at: this.#cellFrom - 1, why: "text_after" };
    }
    this.#addQuoted(this.#at - 2);
    if (byte === LINE_FEED) return this.#endRow(this.#at - 1, this.#at);
    this.#state = byte === CARRIAGE_RETURN ? "return_after_quoted" : "cell_start";
    return null;
  }

  #atEnd(bytes: Uint8Array): CsvScan {
    const { length } = bytes;
    switch (this.#state) {
      case "quoted":
        return { kind: "broken", at: this.#cellFrom - 1, why: "unclosed" };
      case "cell_start":
        this.#cellFrom = length;
        return this.#endPlain(bytes, length);
      case "plain":
        return this.#endPlain(bytes, length);
      case "quote_in_quoted":
        this.#addQuoted(length - 1);
        return this.#endRow(length, length);
      case "return_after_quoted":
        return this.#endRow(length - 1, length);
    }
  }

  /** Ends the row in a cell without quotes; the CR of a CRLF belongs to the line end. */
  #endPlain(bytes: Uint8Array, at: number): CsvScan {
    const to = at > this.#cellFrom && bytes[at - 1] === CARRIAGE_RETURN ? at - 1 : at;
    this.#addPlain(to);
    return this.#endRow(to, Math.max(at, this.#at));
  }

  #addPlain(to: number): void {
    this.#cells.push({ from: this.#cellFrom, to, quoted: false, escaped: false });
  }

  #addQuoted(to: number): void {
    this.#cells.push({ from: this.#cellFrom, to, quoted: true, escaped: this.#escaped });
  }

  #endRow(to: number, length: number): CsvScan {
    return { kind: "row", cells: this.#cells, to, length };
  }
}
