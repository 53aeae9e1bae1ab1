import * as z from "zod";

/** Where an item is. The last three are ends: each item has exactly one, until a redrive. */
export const ItemStatus = z.enum(["waiting", "released", "done", "dead", "cancelled"]);
export type ItemStatus = z.infer<typeof ItemStatus>;

/** A row of `items` as lists show it. Times in ms. */
export interface ItemRecord {
  readonly batch_id: string;
  readonly position: number;
  readonly status: ItemStatus;
  readonly line: number | null;
  readonly payload_key: string | null;
  readonly payload_offset: number | null;
  readonly payload_length: number | null;
  readonly attempts: number;
  readonly due_at: number;
  readonly step: string | null;
  readonly reason: string | null;
  readonly message: string | null;
  /** JSON. */
  readonly result: string | null;
  readonly result_key: string | null;
  readonly changed_at: number;
}

/** An item as callers see it. */
export const Item = z
  .object({
    position: z.int().min(0).describe("Counts the source's items from 0."),
    line: z.int().nullable().describe("Where it begins in the source, from 1; null in JSON."),
    status: ItemStatus,
    attempts: z.int().min(0).describe("That failed for a reason of its own."),
    step: z.string().nullable().describe("The last step it reached."),
    reason: z.string().nullable().describe("Why it is dead, or why it waits again."),
    message: z.string().nullable(),
    changed_at: z.iso.datetime(),
  })
  .meta({ id: "Item" });
export type Item = z.infer<typeof Item>;

/** What a caller sees of an item; its result comes beside it. */
export function toItem(record: Omit<ItemRecord, "result">): Item {
  return {
    position: record.position,
    line: record.line,
    status: record.status,
    attempts: record.attempts,
    step: record.step,
    reason: record.reason,
    message: record.message,
    changed_at: new Date(record.changed_at).toISOString(),
  };
}
