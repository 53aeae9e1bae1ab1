/** Bytes of a result that is kept in its item's row; a larger one goes to R2. */
const INLINE_BYTES = 8_192;

/** Where a batch's results lie. */
export function resultsFolder(batchId: string): string {
  return `results/${batchId}/`;
}

/** Puts a result where it belongs. A repeat of the same release writes the same again. */
export async function putResult(
  files: R2Bucket,
  item: { readonly batch_id: string; readonly position: number; readonly release: number },
  output: unknown,
): Promise<{ result: string | null; resultKey: string | null }> {
  const json = JSON.stringify(output);
  if (new TextEncoder().encode(json).length <= INLINE_BYTES) return { result: json, resultKey: null };
  const resultKey = `${resultsFolder(item.batch_id)}${item.position}-${item.release}.json`;
  await files.put(resultKey, json, { httpMetadata: { contentType: "application/json" } });
  return { result: null, resultKey };
}

/** An item's result as JSON text; null when it has none, or when it is gone. */
export async function readResult(
  files: R2Bucket,
  item: { readonly result: string | null; readonly result_key: string | null },
): Promise<string | null> {
  if (item.result_key === null) return item.result;
  return (await files.get(item.result_key))?.text() ?? null;
}
