/**
 * The id of a question: the same whenever the same question is asked again after a crash or a timeout, so that the
 * gateway answers it from its cache and the ledger counts it once. Another one after an invalid answer, which the cache
 * would only repeat.
 *
 * @param positions of all items that share it
 * @param answers invalid ones that its item has had
 */
export function callId(
  batchId: string,
  step: string,
  { positions, part = 0, answers }: { positions: readonly number[]; part?: number; answers: number },
): string {
  return `${batchId}/${step}.${part}/${positions.join(",")}/${answers}`;
}
