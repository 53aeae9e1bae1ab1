import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createCloud } from "@tenner/local-cloud";
import { build } from "esbuild";
import type { Measure } from "../run.ts";
import { spread } from "../statistics.ts";

const ROUNDS = 3;
const SECONDS = 3;
const MIGRATION = new URL("../../packages/worker-kit/migrations/ledger/0001_ledger.sql", import.meta.url);

/** Reserves and settles until the time is over, in so many lanes at once. Answers how many pairs there were. */
const WORKER = `import { d1Ledger } from "@tenner/worker-kit/ledger";
export default {
  async fetch(request, env) {
    const { searchParams } = new URL(request.url);
    const until = Date.now() + Number(searchParams.get("ms"));
    const ledger = d1Ledger({ database: env.LEDGER, budget: { monthlyUsd: 10, perTemplateUsd: {} }, now: () => Date.now() });
    let pairs = 0;
    const settlement = { cost: 10, model: "bench", inputTokens: 1, outputTokens: 1, cached: false };
    const lane = async () => {
      while (Date.now() < until) {
        const callId = crypto.randomUUID();
        await ledger.reserve({ callId, worstCase: 100, template: "bench", tenant: "bench", expiresInMs: 60_000 });
        await ledger.settle(callId, settlement);
        pairs += 1;
      }
    };
    await Promise.all(Array.from({ length: Number(searchParams.get("lanes")) }, lane));
    return Response.json(pairs);
  },
};`;

/** Reservations with their settlements through a Worker and D1, a second. */
export async function ledger(): Promise<Measure[]> {
  const directory = mkdtempSync(path.join(tmpdir(), "tenner-bench-"));
  const cloud = await createCloud({ directory, port: 0 });
  try {
    const account = cloud.account({ name: "bench", plan: "paid" });
    const call = async (method: string, target: string, body: BodyInit) => {
      const headers = { authorization: `Bearer ${cloud.token}` };
      const response = await fetch(`${cloud.apiUrl}/accounts/${account.id}${target}`, { method, headers, body });
      if (!response.ok) throw new Error(`${target}: ${response.status} ${await response.text()}`);
      return ((await response.json()) as { result: { uuid?: string } }).result; // the envelope of every endpoint
    };
    const { uuid } = await call("POST", "/d1/database", JSON.stringify({ name: "ledger" }));
    await call("POST", `/d1/database/${uuid}/query`, JSON.stringify({ sql: readFileSync(MIGRATION, "utf8") }));
    await call("PUT", "/workers/scripts/ledger", await upload(uuid ?? ""));
    const url = cloud.workerUrl(account.id, "ledger");
    if (!url) throw new Error("the Worker has no address");
    const pairs = async (lanes: number) =>
      Number(await (await fetch(`${url}?lanes=${lanes}&ms=${SECONDS * 1000}`)).text()) / SECONDS;
    await pairs(4);
    const figures = { one: [] as number[], many: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      figures.one.push(await pairs(1));
      figures.many.push(await pairs(32));
    }
    const text = (each: readonly number[]) => {
      const { median, min, max } = spread(each);
      return `${Math.round(median)} (${Math.round(min)}–${Math.round(max)})`;
    };
    return [
      {
        what: "ledger, reserve and settle through D1, pairs a second",
        figure: `${text(figures.many)} in 32 lanes`,
        against: `${text(figures.one)} one after another`,
      },
    ];
  } finally {
    await cloud.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function upload(databaseId: string): Promise<FormData> {
  const { outputFiles } = await build({
    stdin: { contents: WORKER, resolveDir: import.meta.dirname, loader: "js" },
    bundle: true,
    format: "esm",
    write: false,
    conditions: ["workerd"],
  });
  const form = new FormData();
  const metadata = {
    main_module: "index.js",
    compatibility_date: "2026-11-01",
    bindings: [{ type: "d1", name: "LEDGER", id: databaseId }],
  };
  form.append("metadata", new Blob([JSON.stringify(metadata)], { type: "application/json" }));
  const code = outputFiles[0]?.text ?? "";
  form.append("index.js", new Blob([code], { type: "application/javascript+module" }), "index.js");
  return form;
}
