import { defineCommand } from "citty";
import { inTurns } from "../../customers/account-inventory.ts";
import { alone, type Customer, findCustomer, openCustomer, readCustomers } from "../../customers/customer.ts";
import { addressesOf, type LocalCloud, withCustomersCloud } from "../../customers/customers-cloud.ts";
import { deployCustomer, failureOf, isUpToDate } from "../../customers/deploy-customer.ts";
import { writeDeployment } from "../../customers/deployment-record.ts";
import { askHealth, PATIENCE_AFTER_DEPLOYMENT } from "../../customers/health.ts";
import { ProgramVersions } from "../../customers/program-version.ts";
import { UpgradeJournal } from "../../customers/upgrade-journal.ts";
import { type Upgraded, upgradeInWaves } from "../../customers/upgrade-waves.ts";
import { buildTemplates, LOCK_PATIENCE } from "../../deploy.ts";
import { listenForInterrupt } from "../../interrupt.ts";
import { openProject } from "../../project.ts";
import { createTerminal } from "../../terminal.ts";
import { UserError } from "../../user-error.ts";

/** Customers whose version is looked at, and whose files are read, at the same moment. */
const LOOKED_AT_ONCE = 8;
const MOST_PARALLEL = 16;

export const command = defineCommand({
  meta: {
    name: "upgrade",
    description:
      "Bring customers to the program, bundles and settings as they are now; who has them is left alone. " +
      "Example: tenner customer upgrade --all --parallel 4 --stop-on-failure",
  },
  args: {
    name: { type: "positional", required: false, description: "One customer" },
    all: { type: "boolean", description: "All of them: a canary first, then in waves" },
    canary: { type: "string", description: "Who goes first. @default the first by name", valueHint: "name" },
    parallel: { type: "string", default: "2", description: "Customers of a wave", valueHint: "2" },
    "stop-on-failure": { type: "boolean", description: "No further wave once one customer has failed" },
    force: { type: "boolean", description: "Those that have this version already, too" },
    json: { type: "boolean", description: "The result as JSON on stdout" },
  },
  async run({ args }) {
    if (args.all === (args.name !== undefined)) {
      throw new UserError(
        "Name one customer, or say --all: tenner customer upgrade acme, tenner customer upgrade --all",
      );
    }
    const parallel = Number(args.parallel);
    if (!Number.isInteger(parallel) || parallel < 1 || parallel > MOST_PARALLEL) {
      throw new UserError(`--parallel ${args.parallel}: is a whole number from 1 to ${MOST_PARALLEL}.`);
    }
    const project = openProject();
    const terminal = createTerminal();
    const { customers: chosen, broken } =
      args.name === undefined
        ? await readCustomers(project)
        : { customers: [await findCustomer(project, args.name)], broken: [] };
    const going = args.name !== undefined && chosen.find(({ removing }) => removing);
    if (going) throw new UserError(`${going.name} is being removed. Go on with: tenner customer remove ${going.name}`);
    const customers = chosen.filter(({ removing }) => !removing);
    const canary = args.canary === undefined ? undefined : (await findCustomer(project, args.canary)).name;

    const result = await alone(project, "upgrade", 0, async () => {
      await buildTemplates(project, templatesOf(customers), terminal);
      const versions = new ProgramVersions(project);
      const fresh = args.force
        ? customers.map(() => false)
        : await inTurns(customers, LOOKED_AT_ONCE, (customer) => isUpToDate(project, customer, versions));
      const unchanged = customers.filter((_, index) => fresh[index]).map(({ name }) => name);
      const waiting = customers.filter((_, index) => !fresh[index]);
      if (unchanged.length > 0) terminal.done(`${counted(unchanged.length)} unchanged`);
      if (waiting.length === 0) {
        UpgradeJournal.begin(project, []).journal.end();
        return { unchanged, done: [], failed: [], notTried: [] };
      }
      const upgraded = await withCustomersCloud(project, waiting, terminal, (cloud) =>
        upgradeAll(waiting, versions, cloud),
      );
      return { unchanged, ...upgraded };
    });

    const { notTried, done } = result;
    const failed = [...result.failed, ...broken];
    if (args.json) process.stdout.write(`${JSON.stringify({ ...result, failed })}\n`);
    if (failed.length === 0 && notTried.length === 0) {
      if (done.length > 0) terminal.done(`${counted(done.length)} upgraded`);
      return;
    }
    process.exitCode = 1;
    terminal.fail(
      [
        `${counted(done.length)} upgraded, ${failed.length} failed, ${notTried.length} not tried.`,
        ...failed.map(({ name, reason }) => `${name}: ${reason}`),
        "The same command goes on where this has stopped.",
      ].join("\n"),
    );

    async function upgradeAll(waiting: readonly Customer[], versions: ProgramVersions, cloud: LocalCloud) {
      const interrupt = listenForInterrupt();
      const names = waiting.map(({ name }) => name);
      const { journal, interrupted } = UpgradeJournal.begin(project, names);
      if (interrupted && args.all) {
        const running = Object.entries(interrupted.customers).flatMap(([name, state]) =>
          state === "running" ? [name] : [],
        );
        const who = running.length === 0 ? "" : ` (it was at ${running.join(", ")})`;
        terminal.warn(`the upgrade of ${interrupted.begunAt} did not come to its end${who}: this goes on with it`);
      }
      // The settings are each customer's own: what a canary has proven is the program and its bundles.
      const program = await versions.ofProgram(templatesOf(waiting));
      const proven = canary === undefined && interrupted?.canaryVersion === program;
      const first = args.all && !proven ? (canary ?? names[0]) : undefined;
      if (canary !== undefined && !names.includes(canary)) terminal.warn(`the canary ${canary} is unchanged`);
      const result = await upgradeInWaves(names, {
        canary: first,
        parallel,
        stopOnFailure: args["stop-on-failure"] ?? false,
        signal: interrupt.signal,
        async upgrade(name) {
          journal.set(name, "running");
          const upgraded = await upgradeOne(find(waiting, name), versions, cloud, interrupt.signal);
          journal.set(name, upgraded.ok ? "done" : "failed");
          if (upgraded.ok && name === first) journal.canaryDone(name, program);
          return upgraded;
        },
        onWave({ names: wave, number, of }) {
          if (of > 1)
            terminal.line(`  ${wave[0] === first ? "canary" : `wave ${number} of ${of}`}: ${wave.join(", ")}`);
        },
      });
      interrupt.stopListening();
      if (!interrupt.signal.aborted) journal.end();
      return result;
    }

    async function upgradeOne(
      customer: Customer,
      versions: ProgramVersions,
      cloud: LocalCloud,
      signal: AbortSignal,
    ): Promise<Upgraded> {
      const since = performance.now();
      const upgraded = await tryUpgrade(customer, versions, cloud, signal);
      if (upgraded.ok) terminal.done(`${customer.name} upgraded and well`, performance.now() - since);
      else terminal.warn(`${customer.name}: ${upgraded.reason}`);
      return upgraded;
    }

    async function tryUpgrade(
      customer: Customer,
      versions: ProgramVersions,
      cloud: LocalCloud,
      signal: AbortSignal,
    ): Promise<Upgraded> {
      try {
        return await alone(project, customer, LOCK_PATIENCE, () => deployAndLook(customer, versions, cloud, signal));
      } catch (error) {
        // One customer's trouble, such as a state that cannot be read, is not the others'.
        return { ok: false, reason: error instanceof Error ? error.message : String(error) };
      }
    }

    async function deployAndLook(
      { name }: Customer,
      versions: ProgramVersions,
      cloud: LocalCloud,
      signal: AbortSignal,
    ): Promise<Upgraded> {
      // Its settings may have changed since, and it may be gone.
      const customer = await findCustomer(project, name);
      if (customer.removing) return { ok: false, reason: "its removal has begun meanwhile" };
      const { result, deployment } = await deployCustomer(project, customer, cloud, { versions, signal });
      if (!deployment) return { ok: false, reason: failureOf(result) };
      const scripts = Object.values(deployment.workers).map(({ scriptName }) => scriptName);
      const addresses = await addressesOf(customer, cloud, deployment.workers);
      const health = await askHealth(scripts, addresses, PATIENCE_AFTER_DEPLOYMENT);
      if (health.state !== "ill") return { ok: true };
      // So that the next upgrade tries again.
      await writeDeployment(await openCustomer(project, customer), { ...deployment, version: "unwell" });
      return { ok: false, reason: `deployed, but not well: ${health.reason}` };
    }
  },
});

function find(customers: readonly Customer[], name: string): Customer {
  const found = customers.find((customer) => customer.name === name);
  if (!found) throw new Error(`no customer ${name}`);
  return found;
}

function templatesOf(customers: readonly Customer[]): string[] {
  return [...new Set(customers.flatMap(({ settings }) => settings.templates))];
}

function counted(count: number): string {
  return `${count} ${count === 1 ? "customer" : "customers"}`;
}
