/** A value of a table. */
export type Cell = string | number | null;

/**
 * One line of CSV (RFC 4180). Text that a spreadsheet would take for a formula gets an apostrophe before it, as OWASP
 * advises: models and tenants name things, and somebody opens the file.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null) return "";
  // Without an exponent.
  if (typeof cell === "number") return Number.isInteger(cell) ? String(cell) : cell.toFixed(9).replace(/\.?0+$/, "");
  // Full-width forms count as well: some spreadsheets read them as their narrow ones.
  const harmless = /^\s*[=+\-@|%＝＋－＠]|^[\t\r\n]/u.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
