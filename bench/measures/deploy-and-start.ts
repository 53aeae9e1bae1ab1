import { readFileSync, writeFileSync } from "node:fs";
import { Checkout } from "@tenner/cli/testing";
import { residentMemory } from "../process-tree.ts";
import type { Measure } from "../run.ts";
import { secondsOf, spread } from "../statistics.ts";

const ROUNDS = 5;
const ENTRY = "templates/event-agent/src/index.ts";

/** A stack that is already there: starting it, running the program with nothing to do, and deploying one changed Worker. */
export async function deployAndStart(): Promise<Measure[]> {
  const checkout = new Checkout();
  const starts: number[] = [];
  const memory: number[] = [];
  const noOps: number[] = [];
  const reloads: number[] = [];
  try {
    await (await checkout.start("--no-watch")).end();
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now();
      const running = await checkout.start();
      starts.push(performance.now() - start);
      const noOp = performance.now();
      const up = await checkout.tenner("up", "--yes", "--json");
      if (up.code !== 0) throw new Error(up.stderr);
      noOps.push(performance.now() - noOp);
      reloads.push(await saveAndWait(checkout, running.agent.url, `bench-${round}-${Date.now()}`));
      memory.push(residentMemory(running.child.pid ?? 0).total);
      await running.end();
    }
  } finally {
    checkout.remove();
  }
  const megabytes = spread(memory.map((bytes) => bytes / 1e6));
  return [
    { what: "warm start, to the sample job's answer", figure: secondsOf(starts), against: "bound: 15 s" },
    { what: "`up` with nothing to do, whole command", figure: secondsOf(noOps), against: "bound: 3 s" },
    {
      what: "one changed Worker, from the save to the new answer",
      figure: secondsOf(reloads),
      against: "bound: 1.5 s",
    },
    {
      what: "resident memory of everything",
      figure: `${Math.round(megabytes.median)} MB (${Math.round(megabytes.min)}–${Math.round(megabytes.max)})`,
      against: "bound: 1,000 MB",
    },
  ];
}

/** Saves a changed source file and waits until the Worker says that it is another version. Answers the time in ms. */
async function saveAndWait(checkout: Checkout, url: string, word: string): Promise<number> {
  const version = async () => (await fetch(new URL("/health", url))).text();
  const before = await version();
  const file = checkout.file(ENTRY);
  const source = readFileSync(file, "utf8").replace(/\n\/\/ bench[^\n]*\n[^\n]*\n$/, "");
  writeFileSync(file, `${source}\n// bench\nconsole.log("${word}");\n`);
  const start = performance.now();
  while ((await version()) === before) {
    if (performance.now() - start > 30_000) throw new Error("the change was not live within 30 s");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return performance.now() - start;
}
