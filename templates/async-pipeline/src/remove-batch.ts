import { BatchStore } from "./adapters/batch-store.ts";
import { partsPrefix } from "./adapters/part-store.ts";
import { resultsFolder } from "./adapters/result-store.ts";
import { sourceKey } from "./adapters/source-store.ts";

/** Items of one transaction. */
const ROWS = 5_000;
/** R2's page, and the most that one delete takes. */
const OBJECTS = 1_000;

/**
 * Removes a hidden batch: its objects first, its row last, so that what a crash leaves is found again.
 *
 * @param mostCalls to R2 and D1
 * @returns false when there is more to remove
 */
export async function removeBatch(
  env: Pick<Env, "DB" | "FILES">,
  batch: { readonly id: string; readonly tenant: string },
  mostCalls: number,
): Promise<boolean> {
  let calls = 0;
  for (const prefix of [partsPrefix(batch.id), resultsFolder(batch.id)]) {
    for (;;) {
      const { objects, truncated } = await env.FILES.list({ prefix, limit: OBJECTS });
      if (objects.length > 0) await env.FILES.delete(objects.map(({ key }) => key));
      calls += 2;
      if (!truncated) break;
      if (calls >= mostCalls) return false;
    }
  }
  await env.FILES.delete(sourceKey(batch));
  const batches = new BatchStore(env.DB);
  for (; calls < mostCalls; calls++) {
    if (await batches.remove(batch.id, ROWS)) return true;
  }
  return false;
}
