import { readCsvHeader } from "./csv-header.ts";
import { CsvRows } from "./csv-rows.ts";
import { readJsonDocument } from "./json-document.ts";
import { NdjsonLines } from "./ndjson-lines.ts";
import { detectEncoding, type SourceEncoding, toUtf8 } from "./source-encoding.ts";
import type { EntryReader, IngestLimits, SourceEntry, SourcePlace } from "./source-entry.ts";
import { SourceError } from "./source-error.ts";
import type { SourceFormat } from "./source-format.ts";

/** A source's bytes, of which any range can be read, again and again the same. */
export interface ByteSource {
  /** Bytes in all. */
  readonly size: number;
  /** The bytes from `offset` on, at most `length` of them. */
  read(offset: number, length?: number): Promise<AsyncIterable<Uint8Array>>;
}

const BEGINNING: SourcePlace = { offset: 0, line: 1, position: 0 };

/**
 * Reads a source's entries in order, holding a few of them at most (a JSON document is read whole).
 *
 * @param from where an earlier reading stopped: the `next` of its last entry
 * @throws SourceError when the source is no batch; what was read before that is void
 */
export async function* readSource(
  source: ByteSource,
  format: SourceFormat,
  limits: IngestLimits,
  from: SourcePlace | null = null,
): AsyncGenerator<SourceEntry> {
  let none = from === null || from.position === 0;
  for await (const entry of readEntries(source, format, limits, from)) {
    none = false;
    if (entry.position >= limits.maxItems) {
      throw new SourceError("too_many_items", `a batch may have ${limits.maxItems} items; this has more`);
    }
    yield entry;
  }
  if (none) throw new SourceError("empty_batch", "there is no item in it");
}

async function* readEntries(
  source: ByteSource,
  format: SourceFormat,
  limits: IngestLimits,
  from: SourcePlace | null,
): AsyncGenerator<SourceEntry> {
  // UTF-16 can be twice as long as the UTF-8 that the header's limit counts.
  const head = await collect(await source.read(0, 2 * limits.maxHeaderBytes + 4));
  const encoding = detectEncoding(head);
  if (format === "json") {
    if (source.size > limits.maxDocumentBytes) throw documentTooLarge(source.size, limits);
    const bytes = await collect(utf8From(source, encoding, 0));
    yield* readJsonDocument(bytes, limits, from?.position ?? 0);
    return;
  }
  const { reader, offset } = readerOf(format, encoding, { head, whole: head.length === source.size }, limits, from);
  for await (const chunk of utf8From(source, encoding, offset)) yield* reader.push(chunk);
  yield* reader.end();
}

function readerOf(
  format: "ndjson" | "csv",
  encoding: SourceEncoding,
  { head, whole }: { readonly head: Uint8Array; readonly whole: boolean },
  limits: IngestLimits,
  from: SourcePlace | null,
): { reader: EntryReader; offset: number } {
  if (format === "ndjson") {
    const place = from ?? BEGINNING;
    return { reader: new NdjsonLines(limits, place), offset: place.offset };
  }
  const header = readCsvHeader(toUtf8(encoding).push(head.subarray(encoding.bom)), whole, limits);
  const place = from ?? header.rows;
  return { reader: new CsvRows(header, limits, place), offset: place.offset };
}

/** The source in UTF-8 without its byte-order mark, from `offset` bytes of that on. */
async function* utf8From(source: ByteSource, encoding: SourceEncoding, offset: number): AsyncGenerator<Uint8Array> {
  // Places in UTF-16 differ from those in UTF-8, so it is converted again from its beginning.
  const seekable = encoding.name === "utf-8";
  let skip = seekable ? 0 : offset;
  const start = encoding.bom + (seekable ? offset : 0);
  if (start >= source.size) return;
  const converter = toUtf8(encoding);
  for await (const chunk of await source.read(start)) {
    const bytes = converter.push(chunk);
    yield bytes.subarray(skip);
    skip = Math.max(0, skip - bytes.length);
  }
  yield converter.end();
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return new Uint8Array(await new Blob(all).arrayBuffer());
}

function documentTooLarge(size: number, limits: IngestLimits): SourceError {
  return new SourceError(
    "document_too_large",
    `the JSON document has ${size} bytes; one may have ${limits.maxDocumentBytes}: send the items as NDJSON instead`,
  );
}
