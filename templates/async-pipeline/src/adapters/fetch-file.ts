import { ForbiddenAddress, guardedFetch } from "@tenner/worker-kit/outbound-guard";
import { StreamCutOff, StreamEmpty, StreamTooLong } from "@tenner/worker-kit/store-stream";
import { SourceError } from "../domain/ingest/source-error.ts";
import { formatOfFile, type SourceFormat } from "../domain/ingest/source-format.ts";
import { storeSource } from "./source-store.ts";

/** The file did not come, but may come when it is asked for again. */
export class FileNotThere extends Error {
  override readonly name = "FileNotThere";
}

/** A file to fetch. */
export interface FileRequest {
  readonly url: string;
  /** Where it goes in R2. */
  readonly key: string;
  readonly maxBytes: number;
  /** For everything: redirects, headers and the whole body. */
  readonly timeoutMs: number;
  /** `host` or `host:port` that may be called although inside the network. */
  readonly allowedHosts: readonly string[];
}

/**
 * Fetches a file from an address that came from outside into R2, whole or not at all.
 *
 * @throws SourceError when it is no use to try again, FileNotThere when it may be
 */
export async function fetchFile(bucket: R2Bucket, file: FileRequest): Promise<void> {
  const deadline = AbortSignal.timeout(file.timeoutMs);
  const response = await ask(file, deadline);
  const format = await formatOfAnswer(response, file);
  if (!response.body) throw empty();
  // Of a compressed answer the length is another one than what is read.
  const length = response.headers.has("content-encoding") ? null : response.headers.get("content-length");
  const announcedBytes = length === null ? null : Number(length);
  const { key, maxBytes } = file;
  try {
    await storeSource(bucket, response.body, { key, format, maxBytes, announcedBytes, signal: deadline });
  } catch (error) {
    if (deadline.aborted) throw timedOut(file, error);
    if (error instanceof StreamTooLong) throw tooLarge(file);
    if (error instanceof StreamEmpty) throw empty();
    if (error instanceof StreamCutOff) throw new FileNotThere(`file_url: ${error.message}`, { cause: error });
    throw error;
  }
}

async function ask({ url, ...file }: FileRequest, deadline: AbortSignal): Promise<Response> {
  const headers = { accept: "text/csv, application/x-ndjson, application/json, */*;q=0.1" };
  try {
    return await guardedFetch(url, { signal: deadline, headers }, { allowedHosts: file.allowedHosts });
  } catch (cause) {
    if (cause instanceof ForbiddenAddress) {
      throw new SourceError("file_forbidden", `file_url must not be fetched: ${cause.message}`, { cause });
    }
    if (deadline.aborted) throw timedOut(file, cause);
    throw new FileNotThere("file_url cannot be reached", { cause });
  }
}

/** The form of a good answer's body. @throws SourceError or FileNotThere for any other answer */
async function formatOfAnswer(response: Response, file: FileRequest): Promise<SourceFormat> {
  const contentType = response.headers.get("content-type");
  const problem = problemOf(response, file);
  const format = formatOfFile(new URL(file.url), contentType) ?? formatOfFile(new URL(response.url), contentType);
  if (!problem && format) return format;
  await response.body?.cancel();
  throw (
    problem ??
    new SourceError(
      "file_format_unknown",
      `file_url answered with ${contentType ?? "no content type"}; by its extension or content type it has to be CSV, NDJSON or JSON`,
    )
  );
}

function problemOf({ status, headers }: Response, file: FileRequest): SourceError | FileNotThere | null {
  if (status >= 500 || status === 429 || status === 408) return new FileNotThere(`file_url answered ${status}`);
  if (status !== 200) return new SourceError("file_unreachable", `file_url answered ${status}; it has to answer 200`);
  return Number(headers.get("content-length") ?? 0) > file.maxBytes ? tooLarge(file) : null;
}

function tooLarge(file: FileRequest): SourceError {
  return new SourceError("file_too_large", `the file at file_url has more than ${file.maxBytes} bytes`);
}

function timedOut({ timeoutMs }: Pick<FileRequest, "timeoutMs">, cause: unknown): SourceError {
  const message = `file_url did not deliver the whole file within ${timeoutMs / 1_000} seconds`;
  return new SourceError("file_timeout", message, { cause });
}

function empty(): SourceError {
  return new SourceError("empty_batch", "the file at file_url is empty");
}
