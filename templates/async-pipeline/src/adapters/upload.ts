import { Problem } from "@tenner/worker-kit/problem";
import { StreamCutOff, StreamEmpty, StreamTooLong } from "@tenner/worker-kit/store-stream";
import {
  CONTENT_TYPES,
  formatOfContentType,
  SOURCE_FORMATS,
  type SourceFormat,
} from "../domain/ingest/source-format.ts";
import { type StoredSource, storeSource } from "./source-store.ts";

/**
 * The form of a request's body, by its headers alone.
 *
 * @throws Problem 415 for any other than JSON, NDJSON and CSV, and for a compressed one
 */
export function uploadFormat(headers: Headers): SourceFormat {
  const contentType = headers.get("content-type");
  const encoding = headers.get("content-encoding") ?? "identity";
  const format = formatOfContentType(contentType);
  if (format && encoding.toLowerCase() === "identity") return format;
  const sent = format ? `${contentType} with content-encoding ${encoding}` : (contentType ?? "a body without a type");
  throw new Problem(
    415,
    "unsupported_media_type",
    `send application/json, application/x-ndjson or text/csv in UTF-8 or UTF-16, not compressed; this is ${sent}`,
    { headers: { accept: SOURCE_FORMATS.map((each) => CONTENT_TYPES[each][0]).join(", ") } },
  );
}

/**
 * Streams a request's body into R2.
 *
 * @param waitUntil keeps the Worker alive when the sender is gone, so that the rest of a cut-off upload is removed
 * @throws Problem 413 over the limit, 400 when it is empty or breaks off; nothing is kept then
 */
export async function receiveUpload(
  bucket: R2Bucket,
  request: Request,
  options: {
    readonly key: string;
    readonly format: SourceFormat;
    readonly maxBytes: number;
    readonly waitUntil: (promise: Promise<unknown>) => void;
  },
): Promise<StoredSource> {
  const { key, format, maxBytes, waitUntil } = options;
  const length = request.headers.get("content-length");
  const announcedBytes = length === null ? null : Number(length);
  if (announcedBytes !== null && announcedBytes > maxBytes) throw tooLarge(maxBytes);
  if (!request.body) throw empty();
  const stored = storeSource(bucket, request.body, { key, format, maxBytes, announcedBytes });
  waitUntil(stored.catch(() => undefined));
  try {
    return await stored;
  } catch (error) {
    if (error instanceof StreamTooLong) throw tooLarge(maxBytes);
    if (error instanceof StreamEmpty) throw empty();
    if (error instanceof StreamCutOff) {
      const detail = "the upload broke off before its end; nothing of it was kept: send it again";
      throw new Problem(400, "upload_cut_off", detail, { cause: error });
    }
    throw error;
  }
}

/** Keeps a JSON body that was read already, as it came: its items are looked at later. */
export async function storeDocument(bucket: R2Bucket, key: string, text: string): Promise<StoredSource> {
  const stream = new Blob([text]).stream();
  return storeSource(bucket, stream, { key, format: "json", maxBytes: Number.POSITIVE_INFINITY, announcedBytes: null });
}

function tooLarge(maxBytes: number): Problem {
  const detail = `an upload may have ${maxBytes} bytes; send several batches instead`;
  return new Problem(413, "body_too_large", detail);
}

function empty(): Problem {
  return new Problem(400, "empty_batch", "the body is empty; send at least one item");
}
