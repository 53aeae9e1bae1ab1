import { setTimeout as delay } from "node:timers/promises";
import { Checkout, type CloudAccess, type Outputs, runInProject } from "@tenner/cli/testing";
import { type Bill, type BillInput, makeBill } from "@tenner/local-cloud/bill";
import { type Ask, MIX, type VisitKind } from "../load/seeds-mix.ts";
import type { Measure } from "../run.ts";

/** Requests a month of all products together. */
const MONTHLY = 50_000;
/** Of a month's visits so many are made. */
const VISITS = Number(process.env["VISITS"] ?? 1_000);
/** Minutes in which nobody visits, to know what crons use. */
const QUIET_MINUTES = 5;
const MINUTES_OF_MONTH = 30 * 24 * 60;
/** Visits under way at once. */
const LANES = 4;

type Usage = Pick<BillInput, "stored"> & { readonly usage: BillInput["rows"] };
type Amounts = ReadonlyMap<string, number>;

/**
 * What a month of {@link MONTHLY} requests costs on Cloudflare: a part of them is made on a stack of all four templates, in
 * the mix of the products that the kit was made after, and counted by the local cloud. Crons run whether somebody visits or
 * not, so they are counted on their own.
 */
export async function bill(): Promise<Measure[]> {
  // A checkout has a copy of the bundles.
  const built = await runInProject("build", "--stack", "local");
  if (built.code !== 0) throw new Error(built.stderr);
  const checkout = new Checkout();
  try {
    const settings = {
      limits: { requestsPerMinute: 1_000_000 },
      valuation: { submissionsPerMinute: 10_000 },
      budget: { monthlyUsd: 1_000 },
      aiGateway: { requestsPerMinute: 1_000_000 },
    };
    const set = await checkout.tenner("config", "set", "tenner:settings", JSON.stringify(settings));
    if (set.code !== 0) throw new Error(set.stderr);
    const running = await checkout.start("--no-watch", "--no-sample");
    try {
      return await measure(running.outputs);
    } finally {
      await running.end();
    }
  } finally {
    checkout.remove();
  }
}

async function measure({ cloud, templates }: Outputs): Promise<Measure[]> {
  const started = await untilQuiet(cloud);
  process.stderr.write(`  ${QUIET_MINUTES} minutes without a visit …\n`);
  await delay(QUIET_MINUTES * 60_000);
  const rested = await usageOf(cloud);
  process.stderr.write(`  ${VISITS} visits …\n`);
  const since = performance.now();
  const refused = await visitAll(templates);
  const visited = await untilQuiet(cloud);
  const minutes = (performance.now() - since) / 60_000;

  const quiet = difference(started, rested);
  const crons = new Map([...quiet].map(([meter, amount]) => [meter, amount / QUIET_MINUTES]));
  const both = difference(rested, visited);
  const scale = MONTHLY / VISITS;
  const month = new Map(
    [...new Set([...crons.keys(), ...both.keys()])].map((meter) => {
      const aMinute = crons.get(meter) ?? 0;
      const visits = Math.max(0, (both.get(meter) ?? 0) - aMinute * minutes);
      return [meter, visits * scale + aMinute * MINUTES_OF_MONTH];
    }),
  );
  const stored = Object.fromEntries(
    Object.entries(visited.stored).map(([stock, amount]) => {
      const before = rested.stored[stock as keyof Usage["stored"]] ?? 0; // the same answer's keys
      return [stock, before + Math.max(0, amount - before) * scale];
    }),
  );
  // Every meter of the answer is a meter.
  const rows = [...month].map(([meter, amount]) => ({ day: "month", meter, amount })) as BillInput["rows"];
  const made = makeBill({ rows, stored, scale: 1 });
  return [
    {
      what: `a month of ${MONTHLY.toLocaleString("en-US")} requests on Cloudflare`,
      figure: `free plan ${usd(made.free.usd)}, paid plan ${usd(made.paid.usd)}`,
      against: `from ${VISITS} visits, ${refused} of them not answered`,
    },
    ...lines(made),
  ];
}

function lines({ lines: all, free }: Bill): Measure[] {
  const used = all.filter((line) => line.used > 0);
  return [
    ...used.map((line) => ({
      what: `${line.product} ${line.what}`,
      figure: amountOf(line.used),
      against: `free plan: ${freeOf(line.free)}; paid plan: ${line.paid.usd === 0 ? "included" : usd(line.paid.usd)}`,
    })),
    ...free.refused.map((text) => ({ what: "the free plan would refuse", figure: text, against: "" })),
  ];
}

function freeOf({ allowance, per, beyond, refused, usd: cost }: Bill["lines"][number]["free"]): string {
  if (allowance === undefined) return "free";
  const allowed = `${amountOf(allowance)}${per === "total" ? "" : ` a ${per}`}`;
  if (cost > 0) return usd(cost);
  return beyond > 0 && refused ? `refused beyond ${allowed}` : `free to ${allowed}`;
}

/** Makes the visits in the shares of the mix. Answers how many were not answered as wanted. */
async function visitAll(templates: Outputs["templates"]): Promise<number> {
  const all = MIX.reduce((sum, { monthly }) => sum + monthly, 0);
  const visits = MIX.flatMap((kind) =>
    Array.from({ length: Math.round((kind.monthly / all) * VISITS) }, (_, number) => ({ kind, number })),
  );
  let refused = 0;
  let next = 0;
  const lane = async () => {
    for (let at = next++; at < visits.length; at = next++) {
      const visit = visits[at];
      if (visit && !(await make(visit, templates))) refused += 1;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return refused;
}

async function make({ kind, number }: { kind: VisitKind; number: number }, templates: Outputs["templates"]) {
  const template = templates[kind.template];
  if (!template) throw new Error(`${kind.template} is not deployed`);
  const visit = kind.begin({ number, run: "month" });
  let answered = true;
  for (let step = visit.next(); !step.done; ) {
    const { method, path, body }: Ask = step.value;
    const response = await fetch(template.url + path, {
      method,
      headers: { authorization: `Bearer ${template.apiKey}`, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    answered &&= response.ok;
    step = visit.next({ status: response.status, text: await response.text() });
  }
  return answered;
}

/** What is counted once nothing happens any more but crons. */
async function untilQuiet(cloud: CloudAccess): Promise<Usage> {
  for (let before = await usageOf(cloud); ; ) {
    await delay(5_000);
    const after = await usageOf(cloud);
    const changed = difference(before, after);
    if ((changed.get("workers_ai.neurons") ?? 0) === 0 && (changed.get("queues.operations") ?? 0) === 0) return after;
    before = after;
  }
}

async function usageOf({ url, accountId, apiToken }: CloudAccess): Promise<Usage> {
  const headers = { authorization: `Bearer ${apiToken}` };
  const response = await fetch(`${url}/_local/usage?account=${accountId}`, { headers });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as Usage; // the local cloud's own answer
}

function difference(before: Usage, after: Usage): Amounts {
  const sums = new Map<string, number>();
  for (const [rows, sign] of [[before.usage, -1] as const, [after.usage, 1] as const])
    for (const { meter, amount } of rows) sums.set(meter, (sums.get(meter) ?? 0) + sign * amount);
  return sums;
}

function amountOf(amount: number): string {
  return amount >= 100 ? Math.round(amount).toLocaleString("en-US") : String(Number(amount.toPrecision(3)));
}

const usd = (amount: number): string => (amount === 0 ? "$0" : `$${amount.toFixed(2)}`);
