/** An amount of money: integer billionths of a US dollar. $10 are 10_000_000_000. */
export type NanoDollars = number;

/** How to treat digits after the ninth: refuse them, or round away from zero or towards it. */
export type Rounding = "exact" | "up" | "down";

/**
 * US dollars as nano-dollars, read from their decimal text, so that no binary fraction gets in: 0.29 is 290_000_000.
 *
 * @param usd A number, or decimal text such as `"0.045"`. A number stands for the shortest text that means it.
 * @param rounding @default "exact"
 * @throws RangeError when it is no amount, is negative, or has more than nine decimals that must not be rounded
 */
export function nanoDollars(usd: number | string, rounding: Rounding = "exact"): NanoDollars {
  const match = /^(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i.exec(String(usd));
  if (!match) throw new RangeError(`"${usd}" is no amount in US dollars: write it like 0.25`);
  const [, whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  const end = whole.length + Number(exponent) + 9;
  const kept = BigInt(digits.slice(0, Math.max(end, 0)).padEnd(Math.max(end, 0), "0") || "0");
  const inexact = /[1-9]/.test(end < 0 ? digits : digits.slice(end));
  if (inexact && rounding === "exact") throw new RangeError(`$${usd} has more than nine decimals`);
  const nano = Number(inexact && rounding === "up" ? kept + 1n : kept);
  if (!Number.isSafeInteger(nano)) throw new RangeError(`$${usd} is more than the ledger counts`);
  return nano;
}

/** An amount in US dollars. The nearest number, which prints exactly up to a million dollars. */
export function usdOf(amount: NanoDollars): number {
  return amount / 1_000_000_000;
}

/** Whether it is an amount: a safe integer, not negative. */
export function isAmount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
