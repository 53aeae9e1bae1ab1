import { defineCommand } from "citty";
import { findCustomer } from "../../customers/customer.ts";
import { withCustomersCloud } from "../../customers/customers-cloud.ts";
import { exportCustomer } from "../../customers/export-customer.ts";
import { prepareLocalStack } from "../../local-stack.ts";
import { openProject } from "../../project.ts";
import { stackArguments } from "../../stack-arguments.ts";
import { createTerminal } from "../../terminal.ts";

export const command = defineCommand({
  meta: {
    name: "export",
    description:
      "Everything of a customer's in one archive, with a page that explains it. Example: tenner customer export acme",
  },
  args: {
    name: { type: "positional", required: true, description: "The customer" },
    to: {
      type: "string",
      description: "A .tar.gz, or a folder to be made. @default <name>-<day>.tar.gz",
      valueHint: "acme.tar.gz",
    },
    json: stackArguments.json,
  },
  async run({ args }) {
    const project = openProject();
    const terminal = createTerminal();
    const customer = await findCustomer(project, args.name);
    const target = args.to ?? `${customer.name}-${new Date().toISOString().slice(0, 10)}.tar.gz`;
    const exported = await withCustomersCloud(project, [customer], terminal, async (cloud) => {
      if (customer.local && cloud) await prepareLocalStack(project, customer.name, cloud);
      return exportCustomer(project, customer, cloud, target);
    });
    if (args.json) {
      process.stdout.write(`${JSON.stringify(exported)}\n`);
      return;
    }
    terminal.done(`${customer.name} is in ${exported.file}`);
    terminal.table(Object.entries(exported.counts).map(([what, count]) => [what.replaceAll("_", " "), String(count)]));
  },
});
