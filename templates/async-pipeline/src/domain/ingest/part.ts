import type { LoadCheckpoint, LoadedRow } from "./load-target.ts";
import type { SourceEntry } from "./source-entry.ts";

/** What a pipeline says about an item: its value as the steps get it, or why it is none of its items. */
export type CheckItem = (
  value: unknown,
) => { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

const MAX_ROWS = 500;
const MAX_BYTES = 1_048_576;
const MAX_MESSAGE = 500;
const LINE_FEED = Uint8Array.of(10);
const encoder = new TextEncoder();

/**
 * Gathers entries into a part: at most 500 rows, and no more rows once its payload has 1 MiB. Of the
 * same source and the same pipeline it always makes the same parts, so a chore that begins again does nothing new.
 */
export class PartBuilder {
  readonly #checkItem: CheckItem;
  readonly #payload: Uint8Array[] = [];
  #payloadBytes = 0;
  #rows: LoadedRow[] = [];

  constructor(checkItem: CheckItem) {
    this.#checkItem = checkItem;
  }

  get isFull(): boolean {
    return this.#rows.length >= MAX_ROWS || this.#payloadBytes >= MAX_BYTES;
  }

  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  add(entry: SourceEntry): void {
    const { position, line } = entry;
    if (entry.kind === "bad") {
      const { reason, message } = entry;
      this.#rows.push({ kind: "bad", position, line, reason, message });
      return;
    }
    const checked = this.#checkItem(entry.value);
    if (!checked.ok) {
      const message = checked.message.slice(0, MAX_MESSAGE);
      this.#rows.push({ kind: "bad", position, line, reason: "invalid_item", message });
      return;
    }
    const json = encoder.encode(JSON.stringify(checked.value));
    this.#rows.push({ kind: "item", position, line, offset: this.#payloadBytes, length: json.length });
    this.#payload.push(json, LINE_FEED);
    this.#payloadBytes += json.length + 1;
  }

  /** Hands out what was gathered, as NDJSON and rows, and begins anew. */
  take(): { readonly payload: Blob; readonly rows: readonly LoadedRow[] } {
    const taken = { payload: new Blob(this.#payload), rows: this.#rows };
    this.#payload.length = 0;
    this.#payloadBytes = 0;
    this.#rows = [];
    return taken;
  }
}

/** The checkpoint behind a part that ended with this entry. */
export function checkpointAfter(entry: SourceEntry, part: number): LoadCheckpoint {
  return { ...entry.next, part: part + 1 };
}
