/** Why an item was given up before any step ran. */
export type BadItemReason =
  | "invalid_encoding"
  | "invalid_json"
  | "broken_quote"
  | "ragged_row"
  | "item_too_large"
  | "invalid_item";

/** A place in a source from which reading can go on. */
export interface SourcePlace {
  /** Bytes before it, counted in the source's UTF-8 form without a byte-order mark. Always 0 in a JSON document. */
  readonly offset: number;
  /** The line that begins there, from 1. Always 1 in a JSON document. */
  readonly line: number;
  /** The position that the next item gets. */
  readonly position: number;
}

interface EntryPlace {
  /** Counts the source's items from 0, good and bad; blank lines have none. */
  readonly position: number;
  /** The line where it begins, from 1 (a CSV's header is on line 1); null in a JSON document. */
  readonly line: number | null;
  /** Where the next entry begins. */
  readonly next: SourcePlace;
}

/** What a source holds at one position: an item, or the reason why there is none. */
export type SourceEntry = EntryPlace & ({ readonly kind: "item"; readonly value: unknown } | BadEntry);

interface BadEntry {
  readonly kind: "bad";
  readonly reason: BadItemReason;
  /** Says what was wrong; never repeats the content. */
  readonly message: string;
}

/** Turns the bytes of a source, in chunks of any size, into entries. */
export interface EntryReader {
  /** The entries that this chunk completes. */
  push(chunk: Uint8Array): Iterable<SourceEntry>;
  /** What is left when the source has ended. */
  end(): Iterable<SourceEntry>;
}

/** How large a source and its parts may be. */
export interface IngestLimits {
  /** Bytes of one item as it stands in the source. */
  readonly maxItemBytes: number;
  readonly maxItems: number;
  /** Bytes of an upload or a fetched file. */
  readonly maxSourceBytes: number;
  /** Bytes of a JSON document, which is read whole. */
  readonly maxDocumentBytes: number;
  /** Bytes of a CSV's header row. */
  readonly maxHeaderBytes: number;
  /** Columns of a CSV. */
  readonly maxColumns: number;
}
