import { ItemStore } from "./adapters/item-store.ts";
import type { ItemRecord } from "./domain/item.ts";

/** Rows of one query: 4 MB at most, as results of more than 8 KB are not in the row. */
const ROWS = 500;
/** Results that are fetched from R2 at the same time. */
const AT_ONCE = 20;

/** The results of a batch's done items after a position, as NDJSON that is made while it is read. */
export function resultLines(
  env: { readonly DB: D1Database; readonly FILES: R2Bucket },
  batchId: string,
  after: number,
): ReadableStream<Uint8Array> {
  const pieces = piecesOf(env, batchId, after);
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await pieces.return();
    },
  });
}

/** The JSON of an item's result; null when there is none, or its file has been removed. */
export async function resultText(
  files: R2Bucket,
  { result, result_key: key }: Pick<ItemRecord, "result" | "result_key">,
): Promise<string | null> {
  if (key === null) return result;
  const file = await files.get(key);
  return file ? file.text() : null;
}

async function* piecesOf(
  env: { readonly DB: D1Database; readonly FILES: R2Bucket },
  batchId: string,
  from: number,
): AsyncGenerator<string, void> {
  const items = new ItemStore(env.DB);
  for (let after = from; ; ) {
    const rows = await items.results(batchId, { after, limit: ROWS });
    for (let start = 0; start < rows.length; start += AT_ONCE) {
      const some = rows.slice(start, start + AT_ONCE);
      const results = await Promise.all(some.map((row) => resultText(env.FILES, row)));
      yield some
        .map(({ position, line }, index) => `{"position":${position},"line":${line},"result":${results[index]}}\n`)
        .join("");
    }
    const last = rows.at(-1);
    if (!last || rows.length < ROWS) return;
    after = last.position;
  }
}
