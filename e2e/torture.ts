import type { ChildProcess } from "node:child_process";
import { DatabaseSync } from "node:sqlite";
import { addFaults, Checkout, end, endFaults, type Outputs, waitFor } from "@tenner/cli/testing";
import { workerdsOf } from "./process-table.ts";

/** How hard a batch is tried. */
export interface TortureOptions {
  readonly items: number;
  /** Kills at random moments, in turns of the whole cloud and of workerd alone. */
  readonly kills: number;
  /** Questions to models under way together. @default 5 */
  readonly callsAtOnce?: number;
  /** Milliseconds until the batch must have ended. */
  readonly timeout: number;
  /** Is told what happens, one line at a time. */
  readonly onProgress?: (line: string) => void;
}

/** What is left when a tortured batch has ended. Everything is counted from the databases, not from answers. */
export interface TortureReport {
  readonly status: string;
  readonly counts: Readonly<Record<string, number>>;
  /** Rows in the batch by status. */
  readonly rows: Readonly<Record<string, number>>;
  /** Positions of the items that cannot pass, as sent. */
  readonly poison: readonly number[];
  /** Positions of the dead ones, with their reason. */
  readonly dead: readonly { position: number; reason: string; step: string }[];
  /** Positions in the download of results, in its order. */
  readonly results: readonly number[];
  /** Kills that hit the batch before it had ended. */
  readonly kills: number;
  /** Questions that models answered more than once: same request, both paid. */
  readonly paidTwice: number;
  /** Calls that the ledger settled as paid, and the gateway's log has as paid. */
  readonly calls: { readonly ledger: number; readonly gateway: number };
  /** US dollars that the ledger has as spent by calls it saw the end of, and that the gateway's log adds up to. */
  readonly cost: { readonly ledger: number; readonly gateway: number };
  /** Calls whose end nobody saw: they count at their worst case. */
  readonly unseen: number;
  readonly seconds: number;
}

const PIPELINE = "classify-and-tag";
/** One of a hundred items is poison, each kind in its turn. */
const POISON_EVERY = 100;
const TOO_LONG = "x".repeat(20_001);

/**
 * A batch under everything that goes wrong: `kill -9` of the cloud and of workerd, models that fail 10 % and hang 2 %
 * of their calls, 5 % of messages delivered again, 1 % of items that cannot pass.
 */
export async function torture(options: TortureOptions): Promise<TortureReport> {
  const say = options.onProgress ?? (() => undefined);
  const checkout = new Checkout();
  let stack: Stack | undefined;
  try {
    // Few calls at once, and slow ones: there is work left at every kill.
    const templates = ["event-agent", "async-pipeline"];
    const settings = { templates, pipeline: { maxConcurrentPerTenant: options.callsAtOnce ?? 5 } };
    const set = await checkout.tenner("config", "set", "tenner:settings", JSON.stringify(settings));
    if (set.code !== 0) throw new Error(set.stderr);
    stack = await checkout.start("--no-watch", "--no-sample");
    await addFaults(stack.outputs.cloud, ...FAULTS, SLOW);
    const began = Date.now();
    const id = await submit(stack, options.items);
    say(`batch ${id} with ${options.items} items`);
    let kills = 0;
    for (;;) {
      await pause(300 + Math.random() * 1500);
      const batch = await read(stack, id);
      say(`${Math.round((Date.now() - began) / 1000)} s: ${batch.status} ${JSON.stringify(batch.counts)}`);
      if (["done", "cancelled", "failed"].includes(batch.status)) break;
      if (Date.now() - began > options.timeout)
        throw new Error(`not ended after ${options.timeout} ms: ${JSON.stringify(batch)}`);
      if (kills === options.kills) continue;
      stack = await kill(checkout, stack, kills % 2 === 0 ? "cloud" : "workerd", say);
      kills += 1;
      if (kills < options.kills) continue;
      // Nothing is left that has to hit calls under way.
      await endFaults(stack.outputs.cloud);
      await addFaults(stack.outputs.cloud, ...FAULTS);
    }
    const seconds = (Date.now() - began) / 1000;
    const { status, counts } = await read(stack, id);
    const results = await readResults(stack, id);
    const rows = await readRows(stack, id);
    const ledger = await readLedger(stack);
    await end(stack.child);
    const gateway = readGateway(checkout.file(".tenner/cloud/cloud.sqlite"));
    return {
      status,
      counts,
      ...rows,
      results,
      kills,
      seconds,
      poison: Array.from({ length: options.items }, (_, position) => position).filter(isPoison),
      paidTwice: gateway.repeated,
      calls: { ledger: ledger.calls, gateway: gateway.calls },
      cost: { ledger: ledger.cost, gateway: gateway.cost },
      unseen: ledger.unseen,
    };
  } finally {
    if (stack) await end(stack.child);
    checkout.remove();
  }
}

const isPoison = (position: number) => position % POISON_EVERY === POISON_EVERY - 1;

/** One line of the upload: each item another question, so that the gateway's log tells them apart. */
function lineOf(position: number): string {
  if (!isPoison(position)) {
    const text = `Letter ${position}. The lamp of order ${position * 7919} is ${position % 2 ? "broken" : "lovely"}.`;
    return JSON.stringify({ id: String(position), text });
  }
  const kinds = ['{"text": "half an it', "{}", JSON.stringify({ text: TOO_LONG }), JSON.stringify({ text: 7 })];
  return kinds[Math.floor(position / POISON_EVERY) % kinds.length] ?? "";
}

/** What goes wrong all the time. */
const FAULTS = [
  { kind: "fail", percent: 10 },
  { kind: "hang", percent: 2, ms: 2000 },
  { service: "queues", kind: "redeliver", percent: 5 },
];
/** What is left answers late, so that kills find calls under way. */
const SLOW = { kind: "slow", ms: 1500 };

/** A cloud that runs, with what is deployed there. */
interface Stack {
  readonly child: ChildProcess;
  readonly outputs: Outputs;
}

async function kill(
  checkout: Checkout,
  { child, outputs }: Stack,
  what: "cloud" | "workerd",
  say: (line: string) => void,
): Promise<Stack> {
  say(`kill -9 of ${what}`);
  if (what === "workerd") {
    for (const pid of workerdsOf(child.pid ?? 0)) process.kill(pid, "SIGKILL");
    return { child, outputs };
  }
  await end(child, "SIGKILL");
  const again = await checkout.cloud(Number(new URL(outputs.cloud.url).port));
  await addFaults(again.cloud, ...FAULTS, SLOW);
  return { child: again.child, outputs: { ...outputs, cloud: again.cloud } };
}

/** Calls the template. While workerd starts again its address refuses or breaks off: asked again. */
async function ask({ outputs }: Stack, path: string, init: RequestInit = {}): Promise<Response> {
  const pipeline = outputs.templates["async-pipeline"];
  if (!pipeline) throw new Error("the async-pipeline is not deployed");
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${pipeline.apiKey}`);
  let answer: Response | undefined;
  await waitFor(async () => {
    answer = await fetch(pipeline.url + path, { ...init, headers }).catch(() => undefined);
    return answer !== undefined && answer.status < 500;
  }, 30_000);
  if (!answer?.ok) throw new Error(`${path}: ${answer?.status} ${await answer?.text()}`);
  return answer;
}

async function submit(stack: Stack, items: number): Promise<string> {
  const lines = Array.from({ length: items }, (_, position) => lineOf(position));
  const response = await ask(stack, `/v1/batches?pipeline=${PIPELINE}`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson", "idempotency-key": "torture" },
    body: `${lines.join("\n")}\n`,
  });
  return ((await response.json()) as { id: string }).id;
}

interface BatchAnswer {
  readonly status: string;
  readonly counts: Readonly<Record<string, number>>;
}

async function read(stack: Stack, id: string): Promise<BatchAnswer> {
  return (await (await ask(stack, `/v1/batches/${id}`)).json()) as BatchAnswer;
}

async function readResults(stack: Stack, id: string): Promise<number[]> {
  const text = await (await ask(stack, `/v1/batches/${id}/results`)).text();
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => (JSON.parse(line) as { position: number }).position);
}

/** Rows of a D1 database of the account. */
async function query({ outputs }: Stack, name: string, sql: string, ...params: string[]) {
  const { url, accountId, apiToken } = outputs.cloud;
  const databases = `${url}/client/v4/accounts/${accountId}/d1/database`;
  const headers = { authorization: `Bearer ${apiToken}`, "content-type": "application/json" };
  const { result } = (await (await fetch(databases, { headers })).json()) as {
    result: { uuid: string; name: string }[];
  };
  const database = result.find((one) => one.name === name);
  const body = JSON.stringify({ sql, params });
  const response = await fetch(`${databases}/${database?.uuid}/query`, { method: "POST", headers, body });
  if (!response.ok) throw new Error(`${sql}: ${await response.text()}`);
  const answer = (await response.json()) as { result: [{ results: Record<string, string | number>[] }] };
  return answer.result[0].results;
}

async function readRows(stack: Stack, id: string): Promise<Pick<TortureReport, "rows" | "dead">> {
  const name = "tenner-local-async-pipeline";
  const counts = await query(
    stack,
    name,
    "SELECT status, count(*) AS count FROM items WHERE batch_id = ? GROUP BY status",
    id,
  );
  const dead = await query(
    stack,
    name,
    "SELECT position, reason, step FROM items WHERE batch_id = ? AND status = 'dead' ORDER BY position",
    id,
  );
  return {
    rows: Object.fromEntries(counts.map(({ status, count }) => [String(status), Number(count)])),
    dead: dead.map(({ position, reason, step }) => ({
      position: Number(position),
      reason: String(reason),
      step: String(step),
    })),
  };
}

async function readLedger(stack: Stack): Promise<{ calls: number; cost: number; unseen: number }> {
  const [row] = await query(
    stack,
    "tenner-local-ledger",
    `SELECT count(*) FILTER (WHERE state = 'settled' AND cost > 0) AS calls,
       ifnull(sum(cost) FILTER (WHERE state = 'settled'), 0) AS cost,
       count(*) FILTER (WHERE state IN ('reserved', 'expired')) AS unseen FROM calls`,
  );
  return { calls: Number(row?.["calls"]), cost: Number(row?.["cost"]) / 1e9, unseen: Number(row?.["unseen"]) };
}

/** The gateway's own log, read from the cloud's store after it has ended. */
function readGateway(file: string): { calls: number; cost: number; repeated: number } {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const paid = "FROM ai_gateway_logs WHERE cost > 0 AND cached = 0 AND success = 1";
    const sums = database.prepare(`SELECT count(*) AS calls, ifnull(sum(cost), 0) AS cost ${paid}`).get();
    const repeated = database
      .prepare(
        `SELECT count(*) AS count FROM (
           SELECT request FROM ai_gateway_logs AS logs
             JOIN ai_gateway_payloads AS payloads ON payloads.log_id = logs.id AND payloads.gateway_id = logs.gateway_id
           WHERE cost > 0 AND cached = 0 AND success = 1 GROUP BY request HAVING count(*) > 1)`,
      )
      .get();
    return { calls: Number(sums?.["calls"]), cost: Number(sums?.["cost"]), repeated: Number(repeated?.["count"]) };
  } finally {
    database.close();
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
