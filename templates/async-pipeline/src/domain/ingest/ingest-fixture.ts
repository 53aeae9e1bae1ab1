import { type ByteSource, readSource } from "./read-source.ts";
import type { IngestLimits, SourceEntry, SourcePlace } from "./source-entry.ts";
import type { SourceFormat } from "./source-format.ts";

/** Limits small enough to pass in a test. */
export const LIMITS: IngestLimits = {
  maxItemBytes: 64,
  maxItems: 1_000,
  maxSourceBytes: 1_000_000,
  maxDocumentBytes: 100_000,
  maxHeaderBytes: 300,
  maxColumns: 10,
};

/** Bytes in memory as a source, handed out in chunks of these sizes, over and over. */
export function sourceOf(content: string | Uint8Array, chunkSizes: readonly number[] = [1_000_000]): ByteSource {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return {
    size: bytes.length,
    async read(offset, length = bytes.length) {
      return chunked(bytes.subarray(offset, offset + length), chunkSizes);
    },
  };
}

async function* chunked(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.slice(at, at + size);
    at += size;
  }
}

/** Everything a source holds. */
export async function entriesOf(
  source: ByteSource,
  format: SourceFormat,
  { limits = LIMITS, from = null }: { limits?: IngestLimits; from?: SourcePlace | null } = {},
): Promise<SourceEntry[]> {
  const entries: SourceEntry[] = [];
  for await (const entry of readSource(source, format, limits, from)) entries.push(entry);
  return entries;
}

/** Entries as short rows for comparison: `[line, value]` or `[line, reason]`. */
export function brief(entries: readonly SourceEntry[]): [line: number | null, what: unknown][] {
  return entries.map((entry) => [entry.line, entry.kind === "item" ? entry.value : entry.reason]);
}

/** Text in UTF-16, with or without its byte-order mark. */
export function utf16(text: string, endian: "le" | "be", bom: boolean): Uint8Array {
  const units = bom ? `\ufeff${text}` : text;
  const bytes = new Uint8Array(units.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < units.length; i++) view.setUint16(i * 2, units.charCodeAt(i), endian === "le");
  return bytes;
}

/** Texts and bytes one after the other. */
export function bytesOf(...pieces: readonly (string | readonly number[])[]): Uint8Array {
  return Uint8Array.from(
    pieces.flatMap((piece) => (typeof piece === "string" ? [...new TextEncoder().encode(piece)] : piece)),
  );
}
