import { Checkout, end } from "@tenner/cli/testing";
import { residentMemory } from "../process-tree.ts";
import type { Measure } from "../run.ts";
import { secondsOf } from "../statistics.ts";

/** Customers after which figures are taken: `CUSTOMERS=100 npm run bench -- customers` goes on to a hundred. */
const STEPS = [1, 10, 100].filter((count) => count <= Number(process.env["CUSTOMERS"] ?? 10));
const BASELINE = "without a customer";

/** Customers in the local cloud, each with the event-agent: how long one takes to add and what one costs that nobody uses. */
export async function customers(): Promise<Measure[]> {
  const checkout = new Checkout();
  const rows: Measure[] = [];
  try {
    const { child } = await checkout.cloud();
    const megabytes = () => residentMemory(child.pid ?? 0).total / 1e6;
    const run = async (...words: string[]) => {
      const since = performance.now();
      const ended = await checkout.tenner(...words);
      if (ended.code !== 0) throw new Error(ended.stderr);
      return performance.now() - since;
    };
    const empty = megabytes();
    rows.push({ what: "the local cloud's memory", figure: `${Math.round(empty)} MB`, against: BASELINE });
    let count = 0;
    for (const step of STEPS) {
      const added: number[] = [];
      while (count < step) {
        added.push(await run("customer", "add", `customer-${++count}`, "--templates", "event-agent"));
      }
      const bound = "bound: 10 s";
      rows.push({
        what: `adding a customer, up to the ${step}th`,
        figure: secondsOf(added.slice(-10)),
        against: bound,
      });
      rows.push({
        what: `memory with ${step} ${step === 1 ? "customer" : "customers"}, of whom those just added run`,
        figure: `${Math.round(megabytes())} MB`,
        against: `${BASELINE}: ${Math.round(empty)} MB`,
      });
      const noOp = await run("customer", "upgrade", "--all");
      rows.push({
        what: `no-op \`upgrade --all\` of ${step}`,
        figure: secondsOf([noOp]),
        against: "bound: 120 s for 100",
      });
      rows.push({
        what: `\`customer list\` of ${step}`,
        figure: secondsOf([await run("customer", "list")]),
        against: "",
      });
    }
    await end(child);
    const again = await checkout.cloud();
    const idle = residentMemory(again.child.pid ?? 0).total / 1e6;
    rows.push({
      what: `memory with ${count} customers that nobody uses (the cloud started anew)`,
      figure: `${Math.round(idle)} MB`,
      against: `${BASELINE}: ${Math.round(empty)} MB`,
    });
    rows.push({
      what: "Workers' runtimes that run for them",
      figure: String(runtimes(again.child.pid ?? 0)),
      against: "none",
    });
    await end(again.child);
  } finally {
    checkout.remove();
  }
  return rows;
}

function runtimes(pid: number): number {
  return residentMemory(pid).processes.filter(({ command }) => command === "workerd").length;
}
