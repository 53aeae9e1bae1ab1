import type { BadItemReason, SourcePlace } from "./source-entry.ts";

/** How far a batch is loaded. Plain JSON, opaque to the one who stores it. */
export interface LoadCheckpoint extends SourcePlace {
  /** The number that the next part gets, from 0. */
  readonly part: number;
}

/** One item's row: where its JSON lies in the part's object, or why there is nothing to do for it. */
export type LoadedRow =
  | {
      readonly kind: "item";
      readonly position: number;
      readonly line: number | null;
      /** Bytes from the start of the part's object. */
      readonly offset: number;
      /** Bytes of the item's JSON. */
      readonly length: number;
    }
  | {
      /** Becomes a dead item at once, of the step `load`. */
      readonly kind: "bad";
      readonly position: number;
      readonly line: number | null;
      readonly reason: BadItemReason;
      readonly message: string;
    };

/** Consecutive items of a batch whose payloads lie in one R2 object. */
export interface LoadedPart {
  /** The part's object in R2; null when all its rows are bad. */
  readonly key: string | null;
  /** At most 500, in the order of their positions, without gaps. */
  readonly rows: readonly LoadedRow[];
  /** What `checkpoint()` has to give from now on. */
  readonly next: LoadCheckpoint;
}

/** Where the load chore writes one batch: its rows in D1. The platform may run the chore twice at the same time. */
export interface LoadTarget {
  /** How far the batch is loaded; null at its beginning. */
  checkpoint(): Promise<LoadCheckpoint | null>;
  /**
   * Adds a part's rows and raises the checkpoint in one transaction. Rows that are there already stay as they are, and
   * a checkpoint never goes back.
   *
   * @returns false when the batch is no longer loading (cancelled, deleted): the chore then stops
   */
  insertPart(part: LoadedPart): Promise<boolean>;
  /** All items are there: `total` rows. Sets the batch running and wakes the feeder. Again: changes nothing. */
  finish(total: number): Promise<void>;
  /** The batch cannot be loaded: it fails with this reason. Again: changes nothing. */
  fail(error: { readonly code: string; readonly message: string }): Promise<void>;
}
