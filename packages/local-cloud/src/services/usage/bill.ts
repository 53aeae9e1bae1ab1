import type { Meter } from "../../core/usage.ts";
import type { UsageRow } from "./counts.ts";
import { CPU_MS_A_REQUEST, PAID_PLAN_USD, PRICES, type Price, type Stock } from "./prices.ts";

/** Days of a month, as Cloudflare's own examples have it. */
const DAYS_OF_MONTH = 30;

/** What a bill is made of. */
export interface BillInput {
  readonly rows: readonly Pick<UsageRow, "day" | "meter" | "amount">[];
  /** What is stored now. */
  readonly stored: Readonly<Partial<Record<Stock, number>>>;
  /**
   * A month is so many times this traffic, evenly over its days, and so many times what is stored.
   * @default the month is what the rows say, day by day
   */
  readonly scale?: number | undefined;
}

/** One line of a bill. Amounts are in the bill's own units. */
export interface BillLine {
  readonly product: string;
  readonly what: string;
  /** In the month, or what is stored. */
  readonly used: number;
  readonly free: {
    /** Undefined: the plan sets none. */
    readonly allowance: number | undefined;
    readonly per: "day" | "month" | "total" | undefined;
    /** What is beyond the allowance; of a daily one on all days together. */
    readonly beyond: number;
    /** Whether what is beyond is refused, and not billed. */
    readonly refused: boolean;
    readonly usd: number;
  };
  readonly paid: {
    /** Before anything is charged, in a month. */
    readonly included: number;
    readonly usd: number;
  };
  readonly note: string | undefined;
  readonly source: string;
}

/** A month of Cloudflare by both plans. */
export interface Bill {
  readonly lines: readonly BillLine[];
  readonly free: {
    readonly usd: number;
    /** What the plan would not do, in words. */
    readonly refused: readonly string[];
  };
  readonly paid: { readonly usd: number; readonly base_usd: number };
}

/** What usage costs on Cloudflare, line by line, with those at 0. */
export function makeBill(input: BillInput): Bill {
  const days = daysOf(input);
  const lines = PRICES.map((price) => makeLine(price, days, input));
  const refused = lines.filter((line) => line.free.refused && line.free.beyond > 0).map(refusal);
  return {
    lines,
    free: { usd: sum(lines.map(({ free }) => free.usd)), refused },
    paid: { usd: PAID_PLAN_USD + sum(lines.map(({ paid }) => paid.usd)), base_usd: PAID_PLAN_USD },
  };
}

type Days = readonly ReadonlyMap<Meter, number>[];

/** Sums by meter of each day that counts. */
function daysOf({ rows, scale }: BillInput): Days {
  const byDay = Map.groupBy(rows, ({ day }) => (scale === undefined ? day : "all"));
  const sums = [...byDay.values()].map((ofDay) => {
    const meters = Map.groupBy(ofDay, ({ meter }) => meter);
    return new Map([...meters].map(([meter, each]) => [meter, sum(each.map(({ amount }) => amount))]));
  });
  if (scale === undefined) return sums;
  const share = scale / DAYS_OF_MONTH;
  const day = new Map([...(sums[0] ?? [])].map(([meter, amount]) => [meter, amount * share]));
  return Array.from({ length: DAYS_OF_MONTH }, () => day);
}

function makeLine(price: Price, days: Days, { stored, scale = 1 }: BillInput): BillLine {
  const { product, what, divisor = 1, free, note, source } = price;
  const perDay = isStock(price.meter) ? [] : days.map((day) => (day.get(price.meter as Meter) ?? 0) / divisor);
  const used = isStock(price.meter)
    ? (stored[price.meter] ?? 0) * scale
    : sum(perDay) + asWell(price, stored, perDay, scale);
  const beyond =
    free === undefined ? 0 : free.per === "day" ? beyondDaily(perDay, free.amount) : over(used, free.amount);
  const charged = price.included === "daily" ? beyondDaily(perDay, free?.amount ?? 0) : over(used, price.included);
  return {
    product,
    what,
    used,
    free: {
      allowance: free?.amount,
      per: free?.per,
      beyond,
      refused: free?.beyond === "refused",
      usd: free?.beyond === "billed" ? charge(price, beyond) : 0,
    },
    paid: {
      included: price.included === "daily" ? (free?.amount ?? 0) * DAYS_OF_MONTH : price.included,
      usd: charge(price, charged),
    },
    note: price.meter === "workers.cpu_ms" ? `${note}${aRequest(used, days)}` : note,
    source,
  };
}

/** The free plan limits each request, and only the mean is known, with too much in it to say what would be refused. */
function aRequest(cpuMs: number, days: Days): string {
  const requests = sum(days.map((day) => day.get("workers.requests") ?? 0));
  if (requests === 0) return "";
  return `; ${(cpuMs / requests).toFixed(1)} a request, of which the free plan allows ${CPU_MS_A_REQUEST}`;
}

/** Who queries an index pays for what is stored in it too, once a month. */
function asWell({ meter }: Price, stored: BillInput["stored"], perDay: readonly number[], scale: number): number {
  if (meter !== "vectorize.queried_dimensions" || sum(perDay) === 0) return 0;
  return (stored["vectorize.stored_dimensions"] ?? 0) * scale;
}

function charge({ usd, unit, wholeUnits }: Price, amount: number): number {
  const units = amount / unit;
  return usd * (wholeUnits ? Math.ceil(units) : units);
}

const refusal = ({ product, what, used, free }: BillLine): string => {
  const allowed = `${count(free.allowance ?? 0)}${free.per === "total" ? "" : ` a ${free.per}`}`;
  return `${product} ${what}: ${count(free.beyond)} of ${count(used)} are beyond ${allowed}`;
};

const isStock = (meter: Price["meter"]): meter is Stock => /\.stored_/.test(meter);
const over = (used: number, allowed: number): number => Math.max(0, used - allowed);
const beyondDaily = (perDay: readonly number[], allowed: number): number =>
  sum(perDay.map((day) => over(day, allowed)));
const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);
const count = (amount: number): string => Math.round(amount).toLocaleString("en-US");
