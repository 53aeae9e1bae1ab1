import { readFileSync, writeFileSync } from "node:fs";
import { Checkout } from "@tenner/cli/testing";
import autocannon from "autocannon";
import type { Measure } from "../run.ts";

const ENTRY = "templates/event-agent/src/index.ts";
const CONNECTIONS = 50;
/** Seconds; the load is ended when the rollouts are. */
const LONGEST = 600;

/** What callers notice while a new version comes for 10, 50 and 100 % of them, and another comes and is taken back. */
export async function rollout(): Promise<Measure[]> {
  const checkout = new Checkout();
  const settings = { templates: ["event-agent"] };
  const set = await checkout.tenner("config", "set", "tenner:settings", JSON.stringify(settings));
  if (set.code !== 0) throw new Error(set.stderr);
  const running = await checkout.start("--no-watch", "--no-sample");
  try {
    const { load, ended } = callers(new URL("/health", running.agent.url).href);
    const began = performance.now();
    change(checkout, "first");
    for (const share of ["10", "50", "100"]) await step(checkout, "--percent", share);
    const promoted = (performance.now() - began) / 1000;
    change(checkout, "second");
    await step(checkout, "--percent", "50");
    await step(checkout, "rollback");
    load.stop();
    const { requests, latency, non2xx, errors, timeouts } = await ended;
    return [
      {
        what: `a rollout of 10, 50 and 100 %, and one that is taken back, ${CONNECTIONS} callers all the while`,
        figure: `${non2xx + errors + timeouts} of ${requests.total} requests failed; p99 ${latency.p99} ms, longest ${latency.max} ms; to 100 % in ${promoted.toFixed(1)} s`,
        against: "bound: 0 failed",
      },
    ];
  } finally {
    await running.end();
    checkout.remove();
  }
}

/** The stack is another process: this one has nothing else to do. Autocannon's threads tell nothing when they are stopped. */
function callers(url: string): { load: autocannon.Instance; ended: Promise<autocannon.Result> } {
  const { promise: ended, resolve, reject } = Promise.withResolvers<autocannon.Result>();
  const load = autocannon({ url, connections: CONNECTIONS, duration: LONGEST, timeout: 30 }, (error, result) =>
    error instanceof Error ? reject(error) : resolve(result),
  );
  return { load, ended };
}

function change(checkout: Checkout, word: string): void {
  const file = checkout.file(ENTRY);
  const source = readFileSync(file, "utf8").replace(/\nconsole\.log\("bench [^\n]*\n$/, "");
  writeFileSync(file, `${source}\nconsole.log("bench ${word}");\n`);
}

async function step(checkout: Checkout, ...words: string[]): Promise<void> {
  const { code, stderr } = await checkout.tenner("rollout", "event-agent", ...words);
  if (code !== 0) throw new Error(stderr);
}
