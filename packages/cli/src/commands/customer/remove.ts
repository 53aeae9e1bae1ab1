import { destroy, removeDurable, removeStack } from "@tenner/engine";
import { defineCommand } from "citty";
import { confirm } from "../../confirm.ts";
import { listAccount } from "../../customers/account-inventory.ts";
import {
  alone,
  type Customer,
  findCustomer,
  listCustomers,
  markRemoving,
  openCustomer,
} from "../../customers/customer.ts";
import { ownerOf } from "../../customers/customer-name.ts";
import { type LocalCloud, openCustomerApi, withCustomersCloud } from "../../customers/customers-cloud.ts";
import { removeRecords } from "../../customers/deployment-record.ts";
import { exportCustomer } from "../../customers/export-customer.ts";
import { displayOn, LOCK_PATIENCE } from "../../deploy.ts";
import { listenForInterrupt } from "../../interrupt.ts";
import { keepData } from "../../keep-data.ts";
import { removeLocalAccount } from "../../local-account.ts";
import { accountIdOf, ignoreLocalStacks, prepareLocalStack, stackFile } from "../../local-stack.ts";
import { openProject } from "../../project.ts";
import { stackArguments } from "../../stack-arguments.ts";
import { stackNames } from "../../stack-names.ts";
import { createTerminal } from "../../terminal.ts";
import { UserError } from "../../user-error.ts";

export const command = defineCommand({
  meta: {
    name: "remove",
    description:
      "Delete all of a customer's, prove that nothing is left, and forget it. " +
      "Example: tenner customer remove acme --export acme.tar.gz",
  },
  args: {
    name: { type: "positional", required: true, description: "The customer" },
    export: { type: "string", description: "First write its data there, as `customer export` does", valueHint: "file" },
    yes: stackArguments.yes,
    json: stackArguments.json,
  },
  async run({ args }) {
    const project = openProject();
    const terminal = createTerminal();
    const customer = await findCustomer(project, args.name);
    const { name } = customer;
    if (args.export === undefined)
      terminal.warn(`no copy of its data is made: --export ${name}.tar.gz makes one first`);
    if (!(await confirm(`Delete customer ${name} with all its data, for ever?`, args.yes))) return;
    const interrupt = listenForInterrupt();
    const operate = () =>
      withCustomersCloud(project, [customer], terminal, async (cloud) => {
        if (args.export !== undefined) {
          const { file } = await exportCustomer(project, customer, cloud, args.export);
          terminal.done(`its data is in ${file}`);
        }
        await alone(project, "register", LOCK_PATIENCE, () => markRemoving(project, customer));
        await empty(cloud);
        const left = await findLeft(cloud);
        if (left.length > 0) {
          throw new UserError(
            `${name} is destroyed, but this is left in account ${customer.accountId}:\n${left
              .map(({ product, name: called, id }) => `  ${product} ${called}${called === id ? "" : ` (${id})`}`)
              .join("\n")}\nRun the same command again; what then is still there has to be deleted by hand.`,
          );
        }
        // Settings last: as long as they are there, the same command goes on.
        if (cloud && customer.local && (await isAlone())) await removeLocalAccount(cloud, customer.accountId);
        const stack = await openCustomer(project, customer);
        await removeStack(stack);
        await removeRecords(stack);
        await removeDurable(stackFile(project, name));
        await ignoreLocalStacks(project);
      });
    await alone(project, customer, LOCK_PATIENCE, operate);
    interrupt.stopListening();
    if (args.json) process.stdout.write(`${JSON.stringify({ removed: name, left: [] })}\n`);
    terminal.done(
      `${name} is gone: no product of account ${customer.accountId} has anything of it, and nor has this folder`,
    );
    if (!customer.local) {
      terminal.line(
        "  What Cloudflare itself keeps for a while and no API deletes: data points of Analytics Engine, Workers' logs.",
      );
    }

    async function empty(cloud: LocalCloud): Promise<void> {
      const stack =
        customer.local && cloud ? await prepareLocalStack(project, name, cloud) : await openCustomer(project, customer);
      const { outcome } = await destroy({
        ...stack,
        // That is what was asked for.
        ...keepData({ "allow-data-loss": true }),
        signal: interrupt.signal,
        waitForLock: LOCK_PATIENCE,
        onEvent: args.json ? () => {} : displayOn(terminal),
      });
      if (outcome === "succeeded") return;
      throw new UserError(
        outcome === "cancelled"
          ? `${name} is removed in part. Go on with: tenner customer remove ${name}`
          : `${name} could not be removed completely. Mend what is said above (data that is protected: ` +
              `tenner config set tenner:protectData false -s ${name}, then tenner up -s ${name}), and run the command again.`,
      );
    }

    /** Looks at every product of the account. An account of its own has to be empty, whatever a thing is called. */
    async function findLeft(cloud: LocalCloud) {
      const existing = await listAccount(await openCustomerApi(project, customer, cloud));
      if (customer.local && (await isAlone())) return existing;
      const stacks = stackNames(project);
      return existing.filter((one) => ownerOf(one.name, stacks) === name);
    }

    async function isAlone(): Promise<boolean> {
      if (customer.accountId !== accountIdOf(name)) return false;
      return (await listCustomers(project)).every(
        (other: Customer) => other.name === name || other.accountId !== customer.accountId,
      );
    }
  },
});
