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
