import { UserError } from "../user-error.ts";

export interface CsvRecord {
  /** Where it begins in the file, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * Records of CSV with commas; a field in double quotes may hold commas, line breaks and doubled quotes.
 *
 * @throws UserError for a quote that is never closed.
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export function readCsv(file: string, text: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let fields: string[] = [];
  let field = "";
  let line = 1;
  let start = 1;
  let quoted = 0;
  const end = () => {
    fields.push(field);
    if (fields.length > 1 || fields[0]?.trim() !== "") records.push({ line: start, fields });
    fields = [];
    field = "";
  };
  for (let at = 0; at < text.length; at++) {
    const sign = text.charAt(at);
    if (sign === "\n") line++;
    if (quoted > 0) {
      if (sign !== '"') field += sign;
      else if (text.charAt(at + 1) === '"') {
        field += '"';
        at++;
      } else quoted = 0;
    } else if (sign === '"' && field === "") quoted = line;
    else if (sign === ",") {
      fields.push(field);
      field = "";
    } else if (sign === "\n") {
      end();
      start = line;
    } else if (sign !== "\r" || text.charAt(at + 1) !== "\n") field += sign;
  }
  if (quoted > 0) throw new UserError(`${file}: the quote that begins in line ${quoted} is never closed.`);
  end();
  return records;
}
