import * as z from "zod";

/** One value each in `blob1` to `blob20` and `double1` to `double20`; what they are worth is seen when they are read. */
const WorkerdEvent = z.record(z.string(), z.unknown());

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
  const blobs = numbered(event, "blob").map((value) => (isBytes(value) ? text(value) : null));
  const doubles = numbered(event, "double").map((value) => (typeof value === "number" ? value : 0));
  return {
    dataset,
    indexes: isBytes(event["index1"]) ? [text(event["index1"])] : [],
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

const isBytes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((byte) => typeof byte === "number");

const text = (bytes: number[]): string => Buffer.from(bytes).toString("utf8");
