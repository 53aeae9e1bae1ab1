import { waitFor } from "@tenner/cli/testing";
import { type CrossedCustomer, findShared, plant, type Try, tryToCross } from "@tenner/e2e/customers-crossing";
import { TestIssuers } from "@tenner/e2e/customers-issuers";
import { type Steadiness, whileAsked } from "@tenner/e2e/steady-callers";
import { inLanes } from "../in-lanes.ts";
import type { Measure } from "../run.ts";
import type { CustomersUnderTest } from "./customers.ts";

/** Customers with all templates, besides those with the event-agent alone. */
const WHOLE = ["whole-1", "whole-2", "whole-3"];
const ALL = ["event-agent", "async-pipeline", "edge-cache", "valuation-app"];
/** Each tries to reach so many others; three with all templates reach each other. */
const NEIGHBOURS = 3;
/** Who was woken stays awake for minutes: after so many the cloud starts anew, so that the machine's memory suffices. */
const AWAKE = 25;
const LANES = 3;
/** Ask who is awake, all the time. */
const CALLERS = 16;
/** Wake who sleeps, one after the other. */
const WAKERS = 2;
/** US dollars a month, one deployment after the other; the last leaves nothing. */
const BUDGETS = [9, 8, 0.000_001];

/** Whether customers can be reached from each other, and feel each other's deployment and empty budget. */
export async function customerIsolation(under: CustomersUnderTest): Promise<Measure[]> {
  const small = [...under.added];
  const issuers = await TestIssuers.start();
  // Holds from the cloud's next start on, which is before anything is planted.
  process.env["TENNER_ALLOW_OUTBOUND"] = issuers.host;
  try {
    for (const name of WHOLE) await addWhole(under, name, issuers);
    const whole = under.added.slice(small.length);
    const rows = [await crossing(under, small, issuers), await crossing(under, whole, issuers)];
    rows.push(await deploying(under, whole, small, issuers));
    return rows;
  } finally {
    delete process.env["TENNER_ALLOW_OUTBOUND"];
    await issuers.stop();
  }
}

/** With all templates, and issuers whose tokens are taken. */
async function addWhole(under: CustomersUnderTest, name: string, issuers: TestIssuers): Promise<void> {
  await under.add(name, ALL.join(","));
  await deploy(under, name, { templates: ALL, access: issuers.accessOf(name) });
}

async function deploy(under: CustomersUnderTest, name: string, settings: object): Promise<void> {
  const set = await under.checkout.tenner(
    ...["config", "set", "tenner:settings", JSON.stringify(settings), "--stack", name],
  );
  if (set.code !== 0) throw new Error(set.stderr);
  await under.run("customer", "upgrade", name);
}

/** Plants something in each, then tries to reach it from others. */
async function crossing(
  under: CustomersUnderTest,
  customers: readonly CrossedCustomer[],
  issuers: TestIssuers,
): Promise<Measure> {
  const planted = await inParts(under, customers, async (customer) =>
    plant(under.cloud, await withSecrets(under, customer), issuers),
  );
  const tries = await inParts(under, planted, async (from, index) => {
    const found: Try[] = [];
    for (let step = 1; step <= Math.min(NEIGHBOURS, planted.length - 1); step++) {
      const to = planted[(index + step) % planted.length];
      if (to) found.push(...(await tryToCross(under.cloud, from, to, issuers)));
    }
    return found;
  });
  // Stopped, all that was written is in the files.
  await under.stop();
  const shared = findShared(planted, under.checkout.file(".tenner", "cloud"));
  await under.start();
  const crossed = tries.flat().filter((one) => one.crossed !== undefined);
  for (const one of crossed) process.stderr.write(`  CROSSED ${JSON.stringify(one)}\n`);
  for (const one of shared) process.stderr.write(`  SHARED ${one}\n`);
  const resources = planted.reduce((sum, one) => sum + one.resources.length, 0);
  const kinds = new Set(tries.flat().map(({ what }) => what)).size;
  const templates = Object.keys(customers[0]?.templates ?? {}).length;
  return {
    what: `ways into another's stack, ${customers.length} customers with ${templates === 1 ? "one template" : `${templates} templates`} each`,
    figure: `${crossed.length} of ${tries.flat().length} tries in ${kinds} ways led anywhere; ${shared.length} of ${resources} resources and ${planted.length} secrets are found at two`,
    against: "bound: 0",
  };
}

/** Works on a part of them after the other; each part begins with a cloud that is started anew. */
async function inParts<Item, Result>(
  under: CustomersUnderTest,
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += AWAKE) {
    await under.start();
    const part = items.slice(from, from + AWAKE);
    results.push(...(await inLanes(part, LANES, (item, index) => work(item, from + index))));
    process.stderr.write(`  ${results.length} of ${items.length}\n`);
  }
  return results;
}

/** The keys by which others sign events for it. */
async function withSecrets(under: CustomersUnderTest, customer: CrossedCustomer): Promise<CrossedCustomer> {
  const { answer } = await under.run<{ templates: Record<string, { webhookSecret?: string }> }>(
    ...["outputs", "-s", customer.name, "--show-secrets"],
  );
  const templates = Object.entries(customer.templates).map(([name, door]) => {
    const { webhookSecret } = answer.templates[name] ?? {};
    return [name, { ...door, ...(webhookSecret !== undefined && { webhookSecret }) }];
  });
  return { ...customer, templates: Object.fromEntries(templates) as CrossedCustomer["templates"] };
}

/** One is deployed again and again, at last with a budget for nothing, while the others are asked all the time and woken. */
async function deploying(
  under: CustomersUnderTest,
  [first, ...wholes]: readonly CrossedCustomer[],
  small: readonly CrossedCustomer[],
  issuers: TestIssuers,
): Promise<Measure> {
  if (!first) throw new Error("there is no customer");
  await under.start();
  const others = [...wholes, ...small];
  const awake = others.slice(0, AWAKE);
  const asleep = doorsOf(others.slice(AWAKE));
  // What is measured of these is not a start.
  await inLanes(doorsOf([first, ...awake]), LANES, ({ url }) =>
    waitFor(async () => (await fetch(url)).status === 401, 60_000),
  );
  const since = performance.now();
  const deployments = async () => {
    for (const monthlyUsd of BUDGETS) {
      await deploy(under, first.name, { templates: ALL, access: issuers.accessOf(first.name), budget: { monthlyUsd } });
    }
  };
  const { result: woken, steadiness: asked } = await whileAsked(doorsOf(awake), CALLERS, async () =>
    asleep.length === 0 ? await deployments() : (await whileAsked(asleep, WAKERS, deployments)).steadiness,
  );
  const took = Math.round((performance.now() - since) / 1_000);
  const ends = await Promise.all([first, ...wholes].map(async (one) => `${one.name} ${await endOfJob(one)}`));
  return {
    what: `requests of ${others.length} customers while another one, ${first.name}, is deployed ${BUDGETS.length} times in ${took} s`,
    figure: [
      `${awake.length} that are awake, by ${CALLERS} callers: ${failuresOf(asked)}, the longest took ${Math.round(asked.longest)} ms`,
      woken
        ? `of ${asleep.length} that sleep, ${Math.min(asleep.length, woken.answered)} woken by ${WAKERS}: ${failuresOf(woken)}, the longest took ${Math.round(woken.longest)} ms`
        : "none sleeps",
    ].join("; "),
    against: `bound: 0 failed; the one's budget is empty from then on, and a job ends so: ${ends.join(", ")}`,
  };
}

function doorsOf(customers: readonly CrossedCustomer[]) {
  return customers.flatMap(({ templates }) =>
    Object.values(templates).map(({ url, apiKey }) => ({ url: `${url}/v1/usage`, apiKey })),
  );
}

function failuresOf({ answered, failed }: Steadiness): string {
  const failures = Object.entries(failed).map(([reason, count]) => `${count} × ${reason}`);
  return `${failures.length === 0 ? "0 failed" : failures.join(", ")} of ${answered}`;
}

/** How a job ends: `done`, or the code of its failure. */
async function endOfJob({ templates }: CrossedCustomer): Promise<string> {
  const agent = templates["event-agent"];
  if (!agent) throw new Error("the event-agent is not deployed");
  const headers = { authorization: `Bearer ${agent.apiKey}`, "content-type": "application/json" };
  const body = JSON.stringify({
    task: "summarize",
    input: { text: `A lamp gives light, ${Date.now()}.` },
    on_budget_exhausted: "fail",
  });
  const submitted = await fetch(`${agent.url}/v1/jobs`, { method: "POST", headers, body });
  let job = (await submitted.json()) as Job;
  if (!submitted.ok) return job.code ?? `HTTP ${submitted.status}`;
  await waitFor(async () => {
    job = (await (await fetch(`${agent.url}/v1/jobs/${job.id}`, { headers })).json()) as Job;
    return ["done", "failed"].includes(job.status);
  }, 60_000);
  return job.error?.code ?? job.status;
}

/** The event-agent's own JSON, or its problem. */
interface Job {
  readonly id: string;
  readonly status: string;
  readonly code?: string;
  readonly error?: { readonly code: string } | null;
}
