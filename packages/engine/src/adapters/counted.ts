import type { CloudflareClient } from "../cloudflare-client.ts";
import { orGone } from "./crud.ts";
import { items, members } from "./properties.ts";

/** Pages that are counted at most; more is "at least". */
const MOST_PAGES = 10;

/** `1 row`, `2 rows`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/**
 * How many entries a list has that is read by a cursor, in words: `3 objects`, `at least 10000 keys`.
 * @param path with a query, which names the size of a page
 * @param counts whether an entry is one
 * @returns undefined when there is none, or the list is gone
 */
export async function countedPages(
  client: CloudflareClient,
  path: string,
  what: string,
  options: { headers?: Record<string, string>; counts?: (entry: Record<string, unknown>) => boolean } = {},
): Promise<string | undefined> {
  const { headers = {}, counts = () => true } = options;
  let count = 0;
  let cursor = "";
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = cursor === "" ? path : `${path}&cursor=${encodeURIComponent(cursor)}`;
    const answer = await orGone(client.requestEnvelope("GET", query, { headers }));
    count += items(answer?.["result"]).filter(counts).length;
    const info = members(answer?.["result_info"]);
    const next = info["cursor"] ?? members(info["cursors"])["after"];
    if (typeof next !== "string" || next === "" || next === cursor) {
      return count === 0 ? undefined : counted(count, what);
    }
    cursor = next;
  }
  return `at least ${counted(count, what)}`;
}
