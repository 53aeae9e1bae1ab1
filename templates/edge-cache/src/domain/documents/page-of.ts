/** Where a page of a document begins in its text. */
export interface PageBreak {
  readonly page: number;
  readonly start: number;
}

/** The page that a place of the text is on; null where there are no pages. @param breaks in their order */
export function pageOf(breaks: readonly PageBreak[], place: number): number | null {
  let page: number | null = null;
  for (const each of breaks) {
    if (each.start > place) break;
    page = each.page;
  }
  return page;
}

/** The breaks that a piece of the text needs, with places counted from its own beginning. */
export function breaksWithin(breaks: readonly PageBreak[], start: number, end: number): PageBreak[] {
  const first = pageOf(breaks, start);
  if (first === null) return [];
  const inside = breaks.filter((each) => each.start > start && each.start < end);
  return [{ page: first, start: 0 }, ...inside.map((each) => ({ page: each.page, start: each.start - start }))];
}
