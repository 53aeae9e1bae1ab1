import { formatCost, formatDuration } from "./format.ts";
import type { Stop } from "./path-of-answer.ts";

/** What happened at a stop, in words: `taken, 12 ms, $0.000021, cache miss, nobody was asking already`. */
export function wordsOf(stop: Stop): string {
  if (stop.state === "passed by") return "passed by";
  const facts = [
    ...(stop.tookMs === undefined ? [] : [formatDuration(stop.tookMs)]),
    ...(stop.costNano === undefined ? [] : [stop.costNano === 0 ? "cost nothing" : formatCost(stop.costNano)]),
    ...(stop.cache === undefined ? [] : [`cache ${stop.cache}`]),
    ...(stop.note === undefined ? [] : [stop.note]),
  ].join(", ");
  const untimed = stop.tookMs === undefined && stop.untimed !== undefined ? `time not measured: ${stop.untimed}` : "";
  return `${stop.state}${facts ? `, ${facts}` : ""}${untimed ? ` (${untimed})` : ""}`;
}

/** The same for a small sign: `miss · 3 ms`, `1.2 s · $0.00021`, money by two digits; null where there is nothing to say. */
export function signOf(stop: Stop): string | null {
  if (stop.state === "passed by") return null;
  const facts = [
    ...(stop.cache === undefined ? [] : [stop.cache]),
    ...(stop.tookMs === undefined ? [] : [stop.tookMs < 1 ? "< 1 ms" : formatDuration(stop.tookMs)]),
    ...(stop.costNano
      ? [
          `$${Number((stop.costNano / 1e9).toPrecision(2))
            .toFixed(9)
            .replace(/0+$/, "")}`,
        ]
      : []),
  ];
  if (facts.length > 0) return facts.join(" · ");
  return stop.state === "failed" ? "failed" : null;
}
