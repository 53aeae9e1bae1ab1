import { type StoredStream, type StoreOptions, storeStream } from "@tenner/worker-kit/store-stream";
import type { ByteSource } from "../domain/ingest/read-source.ts";
import { SOURCE_FORMATS, type SourceFormat } from "../domain/ingest/source-format.ts";

/** What came in and is kept. */
export interface StoredSource extends StoredStream {
  readonly format: SourceFormat;
}

/** Where a batch's source is kept. */
export function sourceKey(batch: { readonly id: string; readonly tenant: string }): string {
  return `uploads/${batch.tenant}/${batch.id}`;
}

/**
 * Streams a source into R2 and notes its form.
 *
 * @throws as `storeStream`; nothing is kept then
 */
export async function storeSource(
  bucket: R2Bucket,
  stream: ReadableStream<Uint8Array>,
  { format, ...options }: StoreOptions & { readonly format: SourceFormat },
): Promise<StoredSource> {
  return { format, ...(await storeStream(bucket, stream, { ...options, metadata: { customMetadata: { format } } })) };
}

/** A kept source and its form; null when there is none. */
export async function openSource(
  bucket: R2Bucket,
  key: string,
): Promise<{ readonly format: SourceFormat; readonly source: ByteSource } | null> {
  const object = await bucket.head(key);
  if (!object) return null;
  const format = SOURCE_FORMATS.find((each) => each === object.customMetadata?.["format"]);
  if (!format) throw new Error(`${key} does not say its format`);
  const { size } = object;
  const source: ByteSource = {
    size,
    async read(offset, length = size) {
      const range = { offset, length: Math.min(length, size - offset) };
      if (range.length <= 0) return EMPTY;
      const found = await bucket.get(key, { range });
      if (!found) throw new Error(`${key} is gone`);
      return found.body;
    },
  };
  return { format, source };
}

const EMPTY: AsyncIterable<Uint8Array> = { async *[Symbol.asyncIterator]() {} };
