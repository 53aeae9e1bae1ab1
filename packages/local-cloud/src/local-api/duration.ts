import * as z from "zod";

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};
/** Ten years: far beyond any window the cloud knows, and well within what a date can hold. */
const LONGEST = 3650 * 86_400_000;

/** A length of time as people write it: milliseconds, or `90s`, `24h`, `1d 6h`. Output in ms. */
export const Duration = z.union([z.number(), z.string()]).transform((value, context) => {
  const ms = typeof value === "number" ? value : parse(value);
  if (ms !== undefined && Number.isFinite(ms) && ms >= 0 && ms <= LONGEST) return ms;
  context.addIssue({
    code: "custom",
    message: 'expected milliseconds or a text such as "90s", "24h" or "1d 6h", from 0 to ten years',
  });
  return z.NEVER;
});

function parse(text: string): number | undefined {
  if (!/^\s*(?:\d+(?:\.\d+)?\s*(?:ms|[smhdw])\s*)+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)\s*(ms|[smhdw])/g)) {
    total += Number(amount) * (UNITS[unit ?? ""] ?? Number.NaN);
  }
  return total;
}
