import type { HopName, Trace } from "./trace.ts";

/** What all calls of a request cost, as the ledger counts them; billionths of a US dollar. */
export function costOf(trace: Trace): number {
  return trace.reduce((sum, { costNano = 0 }) => sum + costNano, 0);
}

/** The hops of some names, in their order. */
export function hopsOf(trace: Trace, ...names: readonly HopName[]): Trace {
  return trace.filter(({ name }) => names.includes(name));
}

/** ms that hops took, one after another; undefined for no hop. */
export function timeOf(hops: Trace): number | undefined {
  return hops.length === 0 ? undefined : hops.reduce((sum, { tookMs }) => sum + tookMs, 0);
}
