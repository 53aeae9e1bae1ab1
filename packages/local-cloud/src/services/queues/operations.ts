/** A chunk of 64 KB, as the bill has it. */
const CHUNK_BYTES = 64_000;
/** What a message has beside its body, about. */
const METADATA_BYTES = 100;

/**
 * Operations that writing, reading or deleting messages is billed as: one for each chunk of each message, in batches too.
 *
 * @see https://developers.cloudflare.com/queues/platform/pricing/
 */
export function operationsOn(messages: readonly { readonly body: Uint8Array }[]): number {
  return messages.reduce((sum, { body }) => sum + Math.ceil((body.byteLength + METADATA_BYTES) / CHUNK_BYTES), 0);
}
