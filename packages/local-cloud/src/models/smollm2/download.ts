import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { diskFullOr, ModelInstallError, noConnection } from "./install-error.ts";

/** A file to be downloaded, and what it must be. */
export interface Download {
  readonly url: URL;
  readonly headers: Record<string, string>;
  /** Where it goes. What is there already is the beginning of it, from an attempt that was cut off. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly signal: AbortSignal;
  /** Called with the bytes that are there, as they come. */
  onProgress(bytes: number): void;
  /** Without a byte for so long, in ms, the connection counts as cut. @default 30000 */
  stall?: number;
}

/** How often a cut connection is taken up again. */
const ATTEMPTS = 3;

/**
 * Downloads a file, or the rest of it, and checks it.
 *
 * @throws {ModelInstallError} what came stays for the next attempt, unless its checksum is wrong: then it is deleted
 */
export async function download(wanted: Download): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const before = await sizeOf(wanted.file);
    if (before === wanted.bytes) break;
    try {
      await fetchRest(wanted, before > wanted.bytes ? 0 : before);
    } catch (error) {
      if (wanted.signal.aborted) throw error;
      if (error instanceof ModelInstallError) throw error;
      if (attempt >= ATTEMPTS) throw noConnection(wanted.url, error);
    }
    const after = await sizeOf(wanted.file);
    if (after >= wanted.bytes) break;
    if (attempt >= ATTEMPTS) {
      throw new ModelInstallError(
        `${wanted.url.origin} broke the download off at ${after} of ${wanted.bytes} bytes. Run the command again: it goes on there.`,
      );
    }
  }
  const bytes = await sizeOf(wanted.file);
  const sha256 = bytes === wanted.bytes ? await sha256Of(wanted.file) : undefined;
  if (sha256 === wanted.sha256) return;
  await rm(wanted.file, { force: true });
  const found = sha256 === undefined ? `${bytes} bytes instead of ${wanted.bytes}` : `SHA-256 ${sha256}`;
  throw new ModelInstallError(
    `What ${wanted.url.origin} sent is not the file that was asked for (${found}, expected SHA-256 ${wanted.sha256}). ` +
      "It was deleted. Run the command again; if it stays so, the index is not to be trusted.",
  );
}

/** The SHA-256 of a file, in hexadecimal. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

async function fetchRest(wanted: Download, from: number): Promise<void> {
  const stall = wanted.stall ?? 30_000;
  const quiet = new AbortController();
  const timer = setTimeout(() => quiet.abort(new Error(`nothing came for ${stall / 1000} s`)), stall);
  try {
    const response = await fetch(wanted.url, {
      headers: { ...wanted.headers, ...(from > 0 && { range: `bytes=${from}-` }) },
      signal: AbortSignal.any([wanted.signal, quiet.signal]),
    });
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      if (response.status === 416) return await rm(wanted.file, { force: true });
      throw new ModelInstallError(`${wanted.url.origin} answered ${response.status} for ${wanted.url.pathname}.`);
    }
    // A server that knows no ranges sends all of it again.
    const goesOn = response.status === 206 && response.headers.get("content-range")?.startsWith(`bytes ${from}-`);
    let bytes = goesOn ? from : 0;
    const handle = await open(wanted.file, goesOn ? "a" : "w");
    try {
      for await (const chunk of response.body) {
        timer.refresh();
        await handle.writeFile(chunk).catch((cause: unknown) => {
          throw diskFullOr(cause, wanted.file);
        });
        bytes += chunk.byteLength;
        wanted.onProgress(bytes);
        if (bytes > wanted.bytes) return;
      }
    } finally {
      await handle.close();
    }
  } finally {
    clearTimeout(timer);
  }
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}
