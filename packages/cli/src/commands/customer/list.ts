import { defineCommand } from "citty";
import { AccountApiError } from "../../account-api.ts";
import { inTurns } from "../../customers/account-inventory.ts";
import { type Customer, openCustomer, readCustomers } from "../../customers/customer.ts";
import { addressesOf, findLocalCloud, type LocalCloud, openCustomerApi } from "../../customers/customers-cloud.ts";
import {
  type Deployment,
  readDeployment,
  readSpent,
  type Spent,
  stateHash,
  writeSpent,
} from "../../customers/deployment-record.ts";
import { askHealth, type Health } from "../../customers/health.ts";
import { findAwake } from "../../customers/local-runtimes.ts";
import { ProgramVersions } from "../../customers/program-version.ts";
import { readSpend } from "../../customers/spend.ts";
import { openProject } from "../../project.ts";
import { createTerminal } from "../../terminal.ts";
import { UserError } from "../../user-error.ts";

/** Customers that are asked at the same moment. */
const AT_ONCE = 4;

/** What is said of a customer. */
interface Line {
  readonly name: string;
  readonly accountId: string;
  /** `new`: added, never completely deployed. `changed`: by something else than `customer upgrade`, or by hand. */
  readonly state: "current" | "behind" | "changed" | "new" | "removing";
  /** The first digits of what is deployed. */
  readonly version?: string;
  readonly health: Health;
  readonly ceiling_usd?: number;
  /** Of this month, when it was last read. */
  readonly spent_usd?: number;
  readonly spent_read_at?: string;
  readonly deployed_at?: string;
}

export const command = defineCommand({
  meta: {
    name: "list",
    description: "All customers: version, health, spend, last deployment. Example: tenner customer list --json",
  },
  args: {
    wake: { type: "boolean", description: "Also ask those in the local cloud that sleep, which costs memory" },
    json: { type: "boolean", description: "JSON on stdout" },
  },
  async run({ args }) {
    const project = openProject();
    const { customers, broken } = await readCustomers(project);
    const cloud = await findLocalCloud(project);
    const awake = cloud && (await findAwake(cloud));
    const versions = new ProgramVersions(project);
    const lines = await inTurns(customers, AT_ONCE, describe);
    for (const { reason } of broken) createTerminal().warn(reason);
    if (broken.length > 0) process.exitCode = 1;
    if (args.json) {
      process.stdout.write(`${JSON.stringify(lines)}\n`);
      return;
    }
    if (lines.length === 0) {
      if (broken.length > 0) return;
      createTerminal().line("  There is no customer yet: tenner customer add <name>");
      return;
    }
    createTerminal(process.stdout).table([
      ["customer", columns("version", "state", "health", "spent this month", "last deployment")],
      ...lines.map((line) => [line.name, shown(line)] as const),
    ]);

    async function describe(customer: Customer): Promise<Line> {
      const { name, accountId } = customer;
      const stack = await openCustomer(project, customer);
      const deployment = await readDeployment(stack);
      if (!deployment) {
        const health: Health = { state: "unknown", reason: "it is not deployed" };
        return { name, accountId, state: customer.removing ? "removing" : "new", health };
      }
      const changed = deployment.state !== (await stateHash(stack));
      const current = deployment.version === (await versions.of(stack, customer.settings.templates));
      const state = customer.removing ? "removing" : changed ? "changed" : current ? "current" : "behind";
      const { health, spent } = await look(customer, deployment);
      return {
        name,
        accountId,
        state,
        version: deployment.version.slice(0, 12),
        health,
        ceiling_usd: deployment.capUsd,
        ...(spent && { spent_usd: spent.usd, spent_read_at: spent.at }),
        deployed_at: deployment.at,
      };
    }

    /** Asks a customer's Workers and its ledger, unless that would wake them. */
    async function look(customer: Customer, deployment: Deployment): Promise<{ health: Health; spent?: Spent }> {
      const now = new Date().toISOString();
      const month = now.slice(0, 7);
      const stack = await openCustomer(project, customer);
      const last = await readSpent(stack);
      const known = last?.month === month && { spent: last };
      if (customer.local && !cloud) {
        return { health: { state: "unknown", reason: "the local cloud does not run" }, ...known };
      }
      if (customer.local && !args.wake && !awake?.has(customer.accountId))
        return { health: { state: "asleep" }, ...known };
      const addresses = await addressesOf(customer, cloud, deployment.workers);
      const scripts = Object.values(deployment.workers).map(({ scriptName }) => scriptName);
      const health = await askHealth(scripts, addresses);
      const usd = await spendOf(customer, deployment, cloud, month);
      if (usd === undefined) return { health, ...known };
      const spent = { usd, month, at: now };
      await writeSpent(stack, spent);
      return { health, spent };
    }

    /** Undefined where the ledger cannot be read: the list is of use without it. */
    async function spendOf(customer: Customer, deployment: Deployment, cloud: LocalCloud, month: string) {
      try {
        return await readSpend(await openCustomerApi(project, customer, cloud), deployment.ledgerDatabaseId, month);
      } catch (error) {
        if (error instanceof AccountApiError || error instanceof UserError) return undefined;
        throw error;
      }
    }
  },
});

function shown({ version, state, health, spent_usd: spent, ceiling_usd: ceiling, deployed_at: at }: Line): string {
  const money = spent === undefined ? "not read yet" : `$${spent.toFixed(4)} of $${ceiling}`;
  return columns(version ?? "none", state, health.state, money, at?.slice(0, 16).replace("T", " ") ?? "never");
}

function columns(version: string, state: string, health: string, money: string, at: string): string {
  return `${version.padEnd(12)}  ${state.padEnd(8)}  ${health.padEnd(7)}  ${money.padEnd(20)}  ${at}`;
}
