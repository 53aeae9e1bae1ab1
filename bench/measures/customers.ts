import type { ChildProcess } from "node:child_process";
import { Checkout, type CloudAccess, end } from "@tenner/cli/testing";
import type { CrossedCustomer } from "@tenner/e2e/customers-crossing";
import { inLanes } from "../in-lanes.ts";
import { residentMemory } from "../process-tree.ts";
import type { Measure } from "../run.ts";
import { secondsOf } from "../statistics.ts";
import { customerIsolation } from "./customer-isolation.ts";

/** Customers after which figures are taken: `CUSTOMERS=100 npm run bench -- customers` goes on to a hundred. */
const STEPS = [1, 10, 100].filter((count) => count <= Number(process.env["CUSTOMERS"] ?? 10));
/** The last so many before a figure is taken are added one after another, and timed; those before them, a few at once. */
const TIMED = 5;
const AT_ONCE = 3;
const BASELINE = "without a customer";

/** Customers in the local cloud, and commands about them. */
export class CustomersUnderTest {
  readonly checkout = new Checkout();
  readonly added: CrossedCustomer[] = [];
  #running: { readonly child: ChildProcess; readonly cloud: CloudAccess } | undefined;

  get cloud(): CloudAccess {
    if (!this.#running) throw new Error("the cloud does not run");
    return this.#running.cloud;
  }

  /** Starts the cloud, or starts it anew: then all customers sleep. */
  async start(): Promise<void> {
    await this.stop();
    this.#running = await this.checkout.cloud();
  }

  async stop(): Promise<void> {
    if (this.#running) await end(this.#running.child);
    this.#running = undefined;
  }

  /** Runs a command that is to succeed. Answers its JSON and how long it took, in ms. */
  async run<Answer>(...words: string[]): Promise<{ answer: Answer; took: number }> {
    const since = performance.now();
    const { code, stdout, stderr } = await this.checkout.tenner(...words, "--json");
    if (code !== 0) throw new Error(`${words.join(" ")}: ${stderr}`);
    return { answer: JSON.parse(stdout) as Answer, took: performance.now() - since };
  }

  /** Answers ms. */
  async add(name: string, templates: string): Promise<number> {
    const { answer, took } = await this.run<CrossedCustomer>("customer", "add", name, "--templates", templates);
    this.added.push(answer);
    return took;
  }

  /** Adds customers with the event-agent, a few at once, until there are so many. */
  async addUpTo(count: number, atOnce: number): Promise<void> {
    const first = this.added.length;
    const names = Array.from({ length: Math.max(0, count - first) }, (_, index) => `customer-${first + index + 1}`);
    await inLanes(names, atOnce, async (name) => {
      await this.add(name, "event-agent");
      if (this.added.length % 10 === 0) process.stderr.write(`  ${this.added.length} are there\n`);
    });
  }

  /** Resident, of the cloud and all it has started, in MB. */
  get megabytes(): number {
    return residentMemory(this.#running?.child.pid ?? 0).total / 1e6;
  }

  get runtimes(): number {
    return residentMemory(this.#running?.child.pid ?? 0).processes.filter(({ command }) => command === "workerd")
      .length;
  }
}

/**
 * Customers in the local cloud, each with the event-agent: how long one takes to add and what one costs that nobody uses;
 * then whether any of them can be reached from another.
 */
export async function customers(): Promise<Measure[]> {
  const under = new CustomersUnderTest();
  const rows: Measure[] = [];
  const row = (what: string, figure: string, against: string) => {
    process.stderr.write(`  ${what}: ${figure} (${against})\n`);
    rows.push({ what, figure, against });
  };
  try {
    await under.start();
    const empty = `${BASELINE}: ${Math.round(under.megabytes)} MB`;
    for (const step of STEPS) {
      await under.addUpTo(step - TIMED, AT_ONCE);
      const took: number[] = [];
      while (under.added.length < step) {
        took.push(await under.add(`customer-${under.added.length + 1}`, "event-agent"));
      }
      const those = `${step} ${step === 1 ? "customer" : "customers"}`;
      row(`adding a customer, up to the ${step}th`, secondsOf(took), "bound: 10 s");
      const memory = `${Math.round(under.megabytes)} MB, ${under.runtimes} runtimes`;
      row(`memory with ${those}, of whom those just added run`, memory, empty);
      const { took: noOp } = await under.run("customer", "upgrade", "--all");
      row(`no-op \`upgrade --all\` of ${step}`, secondsOf([noOp]), "bound: 120 s for 100");
      const { took: list } = await under.run("customer", "list");
      row(`\`customer list\` of ${step}`, secondsOf([list]), "");
    }
    await under.start();
    const idle = `${Math.round(under.megabytes)} MB, ${under.runtimes} runtimes`;
    row(`memory with ${under.added.length} customers that nobody uses (the cloud started anew)`, idle, empty);
    for (const { what, figure, against } of await customerIsolation(under)) row(what, figure, against);
  } finally {
    await under.stop();
    under.checkout.remove();
  }
  return rows;
}
