import type { Context } from "hono";
import * as z from "zod";
import type { ResultInfo } from "./envelope.ts";

const PageQuery = z.object({
  page: z.coerce.number().int().min(1).default(1),
  per_page: z.coerce.number().int().min(1).max(1000).optional(),
});

/**
 * Cuts the page out of `items` that the query (`page`, `per_page`) asks for. Past the end it is empty:
 * clients loop until they see that.
 *
 * @param defaultSize items a page when the query names none.
 */
export function pageOf<Item>(
  context: Context,
  items: readonly Item[],
  defaultSize = 20,
): { items: Item[]; info: Required<Omit<ResultInfo, "cursor" | "cursors">> } {
  const query = PageQuery.parse(context.req.query());
  const size = query.per_page ?? defaultSize;
  const page = items.slice((query.page - 1) * size, query.page * size);
  const info = {
    page: query.page,
    per_page: size,
    count: page.length,
    total_count: items.length,
    total_pages: Math.ceil(items.length / size),
  };
  return { items: page, info };
}
