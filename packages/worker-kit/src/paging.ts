import * as z from "zod";

/** The query parameters of a list. `cursor` is the last entry's key of the page before, of the form `pattern`. */
export function pageParameters(pattern: RegExp, { most = 100, usual = 20 } = {}) {
  return {
    limit: z.coerce.number().int().min(1).max(most).default(usual),
    cursor: z
      .string()
      .regex(pattern, "take next_cursor from the page before")
      .optional()
      .describe("`next_cursor` of the page before."),
  };
}

/** Cuts a page from rows of which one more than `limit` was asked for: the one more says that there is another page. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => string,
): { readonly page: readonly Row[]; readonly nextCursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}
