import { type CsvScan, CsvScanner } from "./csv-scanner.ts";
import type { IngestLimits, SourcePlace } from "./source-entry.ts";
import { SourceError } from "./source-error.ts";

/** What the first row of a CSV says about the others. */
export interface CsvHeader {
  /** The character code between two cells: comma, semicolon or tab. */
  readonly delimiter: number;
  readonly columns: readonly string[];
  /** Where the first row of items begins. */
  readonly rows: SourcePlace;
}

const DELIMITERS = [44, 59, 9] as const;

/**
 * Reads a CSV's header row. The delimiter is the one of comma, semicolon and tab that it has most of, outside quotes;
 * names lose the blanks around them.
 *
 * @param head the file's first bytes, at least `maxHeaderBytes` if it has as many
 * @param whole these are all the file's bytes
 * @throws SourceError when it is no header, or over the limits
 */
export function readCsvHeader(head: Uint8Array, whole: boolean, limits: IngestLimits): CsvHeader {
  if (whole && head.every((byte) => byte === 10 || byte === 13 || byte === 32 || byte === 9)) {
    throw new SourceError("empty_batch", "the CSV is empty; send a header row and at least one row of values");
  }
  const delimiter = likelyDelimiter(head);
  const bytes = head.subarray(0, limits.maxHeaderBytes);
  const row = new CsvScanner(delimiter).scan(bytes, whole && bytes.length === head.length);
  if (row.kind !== "row") throw unusable(row, head, delimiter, limits);
  if (row.cells.length > limits.maxColumns) throw tooManyColumns(`${row.cells.length}`, limits);

  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const columns = row.cells.map((cell, index) => {
    let name: string;
    try {
      name = text.decode(head.subarray(cell.from, cell.to));
    } catch (cause) {
      throw new SourceError("invalid_header", `the name of column ${index + 1} is not valid UTF-8`, { cause });
    }
    if (!cell.quoted && name.includes("\r"))
      throw new SourceError("invalid_header", "lines end with CR alone; end them with LF or CRLF");
    return (cell.escaped ? name.replaceAll('""', '"') : name).trim();
  });
  checkNames(columns);
  const line = 1 + head.subarray(0, row.length).reduce((lines, byte) => (byte === 10 ? lines + 1 : lines), 0);
  return { delimiter, columns, rows: { offset: row.length, line, position: 0 } };
}

function likelyDelimiter(head: Uint8Array): number {
  const counts = new Map<number, number>(DELIMITERS.map((byte) => [byte, 0]));
  let quoted = false;
  for (const byte of head) {
    if (byte === 34) quoted = !quoted;
    if (quoted) continue;
    if (byte === 10) break;
    const count = counts.get(byte);
    if (count !== undefined) counts.set(byte, count + 1);
  }
  const [most] = [...counts].sort(([, one], [, other]) => other - one);
  return most?.[0] ?? DELIMITERS[0];
}

function unusable(scan: CsvScan, head: Uint8Array, delimiter: number, limits: IngestLimits): SourceError {
  if (scan.kind === "broken") {
    const why = scan.why === "unclosed" ? "is never closed" : "is followed by text after the closing quote";
    return new SourceError("invalid_header", `a quote in the header row ${why}`);
  }
  const atLeast = 1 + head.subarray(0, limits.maxHeaderBytes).reduce((n, byte) => (byte === delimiter ? n + 1 : n), 0);
  if (atLeast > limits.maxColumns) return tooManyColumns(`more than ${atLeast}`, limits);
  const message = `the header row does not end within ${limits.maxHeaderBytes} bytes; is it a CSV with a header?`;
  return new SourceError("header_too_large", message);
}

function tooManyColumns(found: string, limits: IngestLimits): SourceError {
  return new SourceError(
    "too_many_columns",
    `the header row has ${found} columns; a CSV may have ${limits.maxColumns}`,
  );
}

/** An item is an object, so its fields need names, and each its own. */
function checkNames(columns: readonly string[]): void {
  const seen = new Map<string, number>();
  columns.forEach((name, index) => {
    if (name === "") throw new SourceError("invalid_header", `column ${index + 1} has no name in the header row`);
    const earlier = seen.get(name);
    if (earlier !== undefined) {
      const shown = JSON.stringify(name.slice(0, 60));
      throw new SourceError("invalid_header", `columns ${earlier + 1} and ${index + 1} have the same name, ${shown}`);
    }
    seen.set(name, index);
  });
}
