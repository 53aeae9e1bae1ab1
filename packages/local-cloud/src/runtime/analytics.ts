import * as z from "zod";

const Bytes = z.array(z.number().int().min(0).max(255));
const WorkerdEvent = z
  .object({ index1: Bytes.optional(), timestamp: z.string() })
  .catchall(z.union([z.number(), z.string(), Bytes, z.null()]));

/** One point of a dataset, as `writeDataPoint` was given it. */
export interface AnalyticsPoint {
  dataset: string;
  indexes: string[];
  blobs: (string | null)[];
  doubles: number[];
}

/** Reads the events that workerd's Analytics Engine binding sends: Cap'n Proto as JSON, with numbered fields. */
export function readAnalyticsEvents(dataset: string, body: unknown): AnalyticsPoint[] {
  return z
    .array(WorkerdEvent)
    .parse(body)
    .map((event) => pointOf(dataset, event));
}

function pointOf(dataset: string, event: z.infer<typeof WorkerdEvent>): AnalyticsPoint {
  const blobs = numbered(event, "blob").map((value) => (Array.isArray(value) ? text(value) : null));
  const doubles = numbered(event, "double").map((value) => (typeof value === "number" ? value : 0));
  return {
    dataset,
    indexes: event.index1 === undefined ? [] : [text(event.index1)],
    blobs: withoutTail(blobs, null),
    doubles: withoutTail(doubles, 0),
  };
}

function numbered(event: Record<string, unknown>, name: string): unknown[] {
  return Array.from({ length: 20 }, (_, index) => event[`${name}${index + 1}`]);
}

function withoutTail<Value>(values: Value[], empty: Value): Value[] {
  const last = values.findLastIndex((value) => value !== empty);
  return values.slice(0, last + 1);
}

const text = (bytes: number[]): string => Buffer.from(bytes).toString("utf8");
