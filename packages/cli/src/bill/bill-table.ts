import type { CloudflareBill } from "./cloudflare-bill.ts";

/** One plan's column, or both. */
export type Plan = "free" | "paid";

type Line = CloudflareBill["lines"][number];

/** The bill as lines of text: what was used, what it costs by each plan, and what the free plan would refuse. */
export function billTable(bill: CloudflareBill, plan?: Plan): string[] {
  const used = bill.lines.filter(({ used: amount }) => amount > 0);
  const unused = bill.lines.filter(({ used: amount }) => amount === 0);
  const plans: readonly Plan[] = plan === undefined ? ["free", "paid"] : [plan];
  const rows = [
    ["", "used", ...plans.map((each) => `${each} plan`)],
    ...used.map((line) => [
      `${line.product} ${line.what}`,
      amountOf(line.used),
      ...plans.map((each) => cell(line, each)),
    ]),
    ["", "", ...plans.map((each) => total(bill, each))],
  ];
  const refused = plans.includes("free") ? bill.free.refused : [];
  return [
    ...aligned(rows),
    ...(refused.length > 0 ? ["", "the free plan would refuse:", ...refused.map((text) => `  ${text}`)] : []),
    "",
    `Prices of ${bill.prices_of}. Nothing used of: ${unused.map(nameOf).join(", ") || "none"}.`,
    ...bill.not_counted.map(({ product, why }) => `Not counted: ${product} (${why}).`),
  ];
}

/** US dollars: to the cent from a dollar on, below as exact as is useful. */
export function usd(amount: number): string {
  if (amount === 0) return "$0";
  return `$${amount >= 1 ? amount.toFixed(2) : Number(amount.toPrecision(3)).toFixed(9).replace(/0+$/, "")}`;
}

const nameOf = ({ product, what }: Line) => `${product} ${what}`;

function cell({ free, paid }: Line, plan: Plan): string {
  if (plan === "paid") return paid.usd === 0 ? "included" : usd(paid.usd);
  if (free.usd > 0) return usd(free.usd);
  if (free.allowance === undefined) return "free";
  const allowed = `${amountOf(free.allowance)}${free.per === "total" ? "" : ` a ${free.per}`}`;
  return free.beyond > 0 && free.refused ? `refused beyond ${allowed}` : `free to ${allowed}`;
}

function total(bill: CloudflareBill, plan: Plan): string {
  if (plan === "free") return usd(bill.free.usd);
  return `${usd(bill.paid.usd)} (${usd(bill.paid.base_usd)} the plan itself)`;
}

function amountOf(amount: number): string {
  if (amount >= 10_000_000) return `${Number((amount / 1e6).toPrecision(4)).toLocaleString("en-US")} million`;
  return amount >= 100 ? Math.round(amount).toLocaleString("en-US") : String(Number(amount.toPrecision(3)));
}

/** Numbers to the right, words to the left. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widthOf = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const padded = (text: string, column: number) =>
    column === 1 ? text.padStart(widthOf(column)) : text.padEnd(widthOf(column));
  return rows.map((row) => row.map(padded).join("  ").trimEnd());
}
