import { formatCost } from "./format.ts";
import type { HopName, Trace } from "./trace.ts";
import { costOf, hopsOf } from "./trace-sums.ts";

/** A part of the stack whose use by one request can be counted. */
export type UsedPart = "worker" | "kv" | "d1" | "r2" | "objects" | "ledger" | "gateway" | "models";

/** What one request has used of each part, in a few words; parts that it did not use are left out. */
export function usageOf(trace: Trace): Readonly<Partial<Record<UsedPart, string>>> {
  const count = (...names: readonly HopName[]) => hopsOf(trace, ...names).length;
  const reads = count("answer-lookup", "picture-lookup");
  const writes = count("answer-keep", "picture-keep");
  const ledger = count("reserve", "settle", "picture-reserve", "picture-settle");
  const calls = count("model", "picture-model");
  return {
    worker: "1 request",
    kv: [many(reads, "read"), ...(writes > 0 ? [many(writes, "write")] : [])].join(", "),
    // The row itself is written after the last measurement.
    d1: [...(count("submission-lookup") > 0 ? ["1 query"] : []), "1 row"].join(", "),
    ...(count("picture-store") > 0 && { r2: "1 picture" }),
    ...(count("appraiser") > 0 && { objects: "1 request" }),
    ...(ledger > 0 && { ledger: many(ledger, "entry", "entries") }),
    ...(calls > 0 && { gateway: many(calls, "call"), models: formatCost(costOf(trace)) }),
  };
}

function many(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`;
}
