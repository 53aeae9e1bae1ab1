import { addFaults, Checkout, type Running, waitFor } from "@tenner/cli/testing";
import { torture } from "@tenner/e2e/torture";
import type { Measure } from "../run.ts";

const ITEMS = 2_000;
/** Every call takes so long: what is measured is the way, not the model. */
const MODEL_MS = 200;
/** Texts that share a question ten at a time, and texts so long that no two fit into one. */
const TEXTS = { shared: "A letter about a lamp. ", alone: "A long letter about a lamp. ".repeat(250) };
const TORTURED = 10_000;
const KILLS = 10;
const TEMPLATE = "async-pipeline";

interface Batch {
  readonly id: string;
  readonly status: string;
  readonly created_at: string;
  readonly ended_at: string | null;
  readonly counts: { readonly done: number; readonly dead: number };
  readonly model: { readonly calls: number };
}

/** Items a minute through the async-pipeline with a model of constant time, and what is left after a torture run. */
export async function pipeline(): Promise<Measure[]> {
  const checkout = new Checkout();
  const rows: Measure[] = [];
  try {
    const running = await checkout.start("--no-watch", "--no-sample");
    await addFaults(running.outputs.cloud, { kind: "slow", ms: MODEL_MS });
    await run(running, TEXTS.shared, 100);
    const shared = await run(running, TEXTS.shared, ITEMS);
    const alone = await run(running, TEXTS.alone, ITEMS);
    await running.end();
    rows.push({
      what: `pipeline, ${ITEMS} items, ten sharing a model call of ${MODEL_MS} ms`,
      figure: `${shared.perMinute} items a minute, ${shared.callsAnItem} calls an item`,
      against: `each alone: ${alone.perMinute} items a minute, ${alone.callsAnItem} calls an item`,
    });
  } finally {
    checkout.remove();
  }
  const report = await torture({ items: TORTURED, kills: KILLS, callsAtOnce: 20, timeout: 900_000 });
  const { rows: ended, poison, results, paidTwice } = report;
  rows.push({
    what: `pipeline, ${TORTURED} items, ${report.kills} kills -9, models that fail 10 % and hang 2 %, 5 % redelivered`,
    figure: `${ended["done"]} done + ${ended["dead"]} dead, ${paidTwice} paid twice, ${Math.round(report.seconds)} s`,
    against: `${TORTURED - poison.length} good + ${poison.length} poison; ${new Set(results).size} different results; ledger $${report.cost.ledger.toFixed(4)}, gateway's log $${report.cost.gateway.toFixed(4)}`,
  });
  return rows;
}

/** One batch of items with the same text, but for their numbers. */
async function run(running: Running, text: string, items: number) {
  const lines = Array.from({ length: items }, (_, number) => JSON.stringify({ text: `${number}. ${text}` }));
  const posted = await ask(running, "/v1/batches?pipeline=classify-and-tag", {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: lines.join("\n"),
  });
  let batch = posted;
  await waitFor(async () => {
    batch = await ask(running, `/v1/batches/${posted.id}`);
    return batch.status === "done";
  }, 600_000);
  if (batch.counts.done !== items) throw new Error(`${batch.counts.dead} of ${items} items are dead`);
  const minutes = (Date.parse(batch.ended_at ?? "") - Date.parse(batch.created_at)) / 60_000;
  return { perMinute: Math.round(items / minutes), callsAnItem: (batch.model.calls / items).toFixed(2) };
}

async function ask({ outputs }: Running, path: string, init: RequestInit = {}): Promise<Batch> {
  const template = outputs.templates[TEMPLATE];
  if (!template) throw new Error(`${TEMPLATE} is not deployed`);
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${template.apiKey}`);
  const response = await fetch(template.url + path, { ...init, headers });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Batch;
}
