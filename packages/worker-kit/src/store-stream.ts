import { log } from "./log.ts";

/** What is kept of a stream. */
export interface StoredStream {
  readonly key: string;
  readonly bytes: number;
  /** SHA-256 of its bytes, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** The stream broke off before its end. */
export class StreamCutOff extends Error {
  override readonly name = "StreamCutOff";
}

/** The stream has more bytes than it may. */
export class StreamTooLong extends Error {
  override readonly name = "StreamTooLong";
}

/** The stream has no bytes at all. */
export class StreamEmpty extends Error {
  override readonly name = "StreamEmpty";
}

/** R2 wants all parts but the last of the same size, at least 5 MiB. */
const PART_BYTES = 8 * 1_048_576;

/** A stream's destination and what it may be. */
export interface StoreOptions {
  readonly key: string;
  /** What R2 keeps beside it. */
  readonly metadata?: Pick<R2PutOptions, "customMetadata" | "httpMetadata">;
  readonly maxBytes: number;
  /** What the sender announced, if it did: fewer bytes are a stream cut off. */
  readonly announcedBytes: number | null;
  /** Ends the reading; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * Streams bytes into R2, holding 8 MiB at most. The object appears whole or not at all.
 *
 * @see https://developers.cloudflare.com/r2/api/workers/workers-multipart-usage/
 * @throws StreamCutOff, StreamTooLong, StreamEmpty, or the signal's reason; nothing is kept then
 */
export async function storeStream(
  bucket: R2Bucket,
  stream: ReadableStream<Uint8Array>,
  options: StoreOptions,
): Promise<StoredStream> {
  const digest = new crypto.DigestStream("SHA-256");
  const hash = digest.getWriter();
  const { metadata = {} } = options;
  let upload: R2MultipartUpload | null = null;
  const parts: R2UploadedPart[] = [];
  let bytes = 0;
  try {
    for await (const block of blocksOf(stream, options)) {
      bytes += block.length;
      await hash.write(block);
      if (block.length < PART_BYTES && !upload) {
        await bucket.put(options.key, block, metadata);
      } else {
        upload ??= await bucket.createMultipartUpload(options.key, metadata);
        parts.push(await upload.uploadPart(parts.length + 1, block));
      }
    }
    await hash.close();
    if (upload) await upload.complete(parts);
  } catch (error) {
    await discard(upload, options.key);
    throw error;
  }
  return { key: options.key, bytes, sha256: hexOf(await digest.digest) };
}

/** The stream in blocks of `PART_BYTES`, the last one shorter; the last one comes only when the stream ended well. */
async function* blocksOf(stream: ReadableStream<Uint8Array>, options: StoreOptions): AsyncGenerator<Uint8Array> {
  const { maxBytes, announcedBytes, signal } = options;
  const reader = stream.getReader();
  // What is being waited for ends at once: not every stream hears of its request's signal.
  const stop = () => void reader.cancel(signal?.reason).catch(() => undefined);
  signal?.addEventListener("abort", stop);
  let total = 0;
  let block = new Uint8Array(Math.min(PART_BYTES, announcedBytes ?? 65_536));
  let filled = 0;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { done, value } = await readFrom(reader, signal);
      if (done) break;
      total += value.length;
      if (total > maxBytes) throw new StreamTooLong(`more than ${maxBytes} bytes`);
      for (let at = 0; at < value.length; ) {
        if (filled === block.length) {
          if (filled === PART_BYTES) {
            yield block;
            filled = 0;
          }
          // A new one each time: R2 may still hold the old one.
          const larger = new Uint8Array(PART_BYTES);
          larger.set(block.subarray(0, filled));
          block = larger;
        }
        const piece = value.subarray(at, at + block.length - filled);
        block.set(piece, filled);
        filled += piece.length;
        at += piece.length;
      }
    }
    signal?.throwIfAborted();
    if (announcedBytes !== null && total < announcedBytes) {
      throw new StreamCutOff(`${total} of ${announcedBytes} bytes arrived`);
    }
    if (total === 0) throw new StreamEmpty("no bytes");
    yield block.subarray(0, filled);
  } finally {
    signal?.removeEventListener("abort", stop);
    await reader.cancel().catch(() => undefined);
  }
}

async function readFrom(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  try {
    return await reader.read();
  } catch (cause) {
    signal?.throwIfAborted();
    throw new StreamCutOff("the stream broke off before its end", { cause });
  }
}

/** R2 forgets an unfinished upload after seven days by itself, so a failure is noted and no more. */
async function discard(upload: R2MultipartUpload | null, key: string): Promise<void> {
  try {
    await upload?.abort();
  } catch (error) {
    log("warn", "upload_not_aborted", { key, message: String(error) });
  }
}

function hexOf(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
