import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { readD1Migrations } from "@cloudflare/vitest-plugin";
import { Miniflare } from "miniflare";
import { expect, it, onTestFinished } from "vitest";
import { d1Ledger, usdOf } from "../src/ledger.ts";
import { Settings } from "../src/settings.ts";

const NOVEMBER = Date.UTC(2026, 10, 21);

interface Acknowledged {
  readonly callId: string;
  readonly kind: "reserved" | "settled" | "refused";
}

it("adds up after a kill -9 between reserving and settling", { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "ledger-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await withDatabase(folder, async (database) => {
    const migrations = await readD1Migrations(join(import.meta.dirname, "../migrations/ledger"));
    await database.batch(migrations.flatMap(({ queries }) => queries.map((query) => database.prepare(query))));
  });

  const seen = await runAndKill(folder, { ceiling: 100_000, after: 60 });
  const settled = new Set(seen.filter(({ kind }) => kind === "settled").map(({ callId }) => callId));
  const reserved = seen.filter(({ kind, callId }) => kind === "reserved" && !settled.has(callId));

  await withDatabase(folder, async (database) => {
    const states = new Map(
      (await database.prepare("SELECT call_id, state FROM calls").raw<[string, string]>()).map((row) => row),
    );
    for (const callId of settled) expect(states.get(callId), callId).toBe("settled");
    // What was under way at the kill is there; its settlement may have arrived without its answer having left.
    for (const { callId } of reserved) expect(["reserved", "settled"], callId).toContain(states.get(callId));
    await expectToAddUp(database);

    const budget = Settings.parse({ budget: { monthlyUsd: usdOf(100_000) } }).budget;
    const later = d1Ledger({ database, budget, now: () => NOVEMBER + 60_000 });
    const crashed = [...states].filter(([, state]) => state === "reserved").map(([callId]) => callId);
    expect(crashed).toContain("never settled");
    expect(await later.expire()).toBe(crashed.length);
    expect(await total(database)).toEqual([0, (states.size - crashed.length) * 3 + crashed.length * 10]);
    for (const callId of crashed) {
      await later.settle(callId, { cost: 3, model: "small", inputTokens: 1, outputTokens: 1, cached: false });
    }
    expect(await total(database)).toEqual([0, states.size * 3]);
    await expectToAddUp(database);
  });
});

/** Runs the process, kills it and its workerd when `after` lines have come, and returns what it acknowledged. */
async function runAndKill(folder: string, options: { ceiling: number; after: number }): Promise<Acknowledged[]> {
  const file = join(import.meta.dirname, "ledger-process.ts");
  // A group of its own, so that Node and workerd die at the same moment.
  const child = spawn(process.execPath, [file, folder, String(options.ceiling)], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = new Promise((resolve) => child.once("close", resolve));
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, "SIGKILL");
    }
  };
  onTestFinished(kill);
  const seen: Acknowledged[] = [];
  for await (const line of createInterface(child.stdout)) {
    const one: Acknowledged = JSON.parse(line);
    seen.push(one);
    if (seen.length === options.after) kill();
  }
  await gone;
  expect(child.signalCode).toBe("SIGKILL");
  return seen;
}

async function withDatabase(folder: string, use: (database: D1Database) => Promise<void>): Promise<void> {
  const runtime = new Miniflare({
    modules: true,
    script: "export default {}",
    cf: false,
    compatibilityDate: "2026-11-01",
    d1Databases: { LEDGER: "ledger" },
    defaultPersistRoot: folder,
  });
  try {
    await use(await runtime.getD1Database("LEDGER"));
  } finally {
    await runtime.dispose();
  }
}

/** Reserved and spent of the whole stack. */
async function total(database: D1Database): Promise<number[]> {
  const [row] = await database.prepare("SELECT reserved, spent FROM sums WHERE dimension = 'stack'").raw<number[]>();
  return row ?? [];
}

/** The sums are those of the calls. */
async function expectToAddUp(database: D1Database): Promise<void> {
  const [row] = await database.prepare("SELECT sum(held), sum(spent) FROM calls").raw<number[]>();
  expect(await total(database)).toEqual(row);
  const tenants = "SELECT tenant, sum(held), sum(spent) FROM calls GROUP BY tenant ORDER BY tenant";
  const stored = "SELECT name, reserved, spent FROM sums WHERE dimension = 'tenant' ORDER BY name";
  expect(await database.prepare(stored).raw()).toEqual(await database.prepare(tenants).raw());
}
