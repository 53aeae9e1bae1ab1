import { defineCommand } from "citty";
import {
  alone,
  findCustomer,
  listCustomers,
  openCustomer,
  settingsOf,
  writeCustomer,
} from "../../customers/customer.ts";
import { LONGEST_NAME, nameNewCustomer, normaliseName } from "../../customers/customer-name.ts";
import { addressesOf, withCustomersCloud } from "../../customers/customers-cloud.ts";
import { deployCustomer, failureOf } from "../../customers/deploy-customer.ts";
import { readDeployment } from "../../customers/deployment-record.ts";
import { askHealth, PATIENCE_AFTER_DEPLOYMENT } from "../../customers/health.ts";
import { placeCustomer } from "../../customers/place-customer.ts";
import { ProgramVersions } from "../../customers/program-version.ts";
import { buildTemplates, displayOn, LOCK_PATIENCE } from "../../deploy.ts";
import { listenForInterrupt } from "../../interrupt.ts";
import { isLocalStack } from "../../local-stack.ts";
import { openProject } from "../../project.ts";
import { listArgument } from "../../stack-arguments.ts";
import { stackNames } from "../../stack-names.ts";
import { deployedTemplates } from "../../stack-outputs.ts";
import { createTerminal } from "../../terminal.ts";
import { UserError } from "../../user-error.ts";

export const command = defineCommand({
  meta: {
    name: "add",
    description:
      "Make a stack for a customer, with a ceiling and keys of its own. Example: tenner customer add acme --budget 10",
  },
  args: {
    name: { type: "positional", required: true, description: `At most ${LONGEST_NAME} letters, digits and hyphens` },
    budget: { type: "string", description: "US dollars a month. @default the base's", valueHint: "10" },
    templates: { type: "string", description: "With commas. @default the base's", valueHint: "event-agent,…" },
    domain: {
      type: "string",
      description: "Its own domain. @default <name>.<the base's>",
      valueHint: "acme.example.com",
    },
    base: { type: "string", description: "The stack whose settings it begins with. @default the defaults, locally" },
    account: {
      type: "string",
      default: "own",
      description: "own, shared (several customers in one, local only), or account ids with commas, filled in order",
    },
    plan: { type: "string", description: "free or paid: of the account, where its token may not read that" },
    json: { type: "boolean", description: "The result as JSON on stdout, with the keys" },
  },
  async run({ args }) {
    const project = openProject();
    const terminal = createTerminal();
    if (args.plan !== undefined && args.plan !== "free" && args.plan !== "paid") {
      throw new UserError(`--plan ${args.plan}: is free or paid.`);
    }
    const { account, base, plan } = args;
    const local = base === undefined || (await isLocalStack(project, base));
    const operate = () =>
      withCustomersCloud(project, [{ local }], terminal, async (cloud) => {
        const added = await alone(project, "register", LOCK_PATIENCE, async () => {
          const begun = await findBegun(args.name);
          const name = begun?.name ?? nameNewCustomer(args.name, stackNames(project));
          const wanted = {
            name,
            base,
            budgetUsd: args.budget === undefined ? undefined : dollars(args.budget),
            templates: listArgument(args.templates),
            domain: args.domain,
          };
          const { stored, parsed } = await settingsOf(project, wanted);
          const place = begun
            ? { accountId: begun.accountId, apiUrl: cloud?.apiUrl }
            : await placeCustomer(project, { name, templates: parsed.templates, base, account, plan }, cloud);
          await writeCustomer(project, wanted, stored, place);
          if (begun) terminal.warn(`${name} was begun before and not finished: this goes on with it`);
          return findCustomer(project, name);
        });
        if (added.name !== args.name) terminal.line(`  ${JSON.stringify(args.name)} is ${added.name} here`);
        await buildTemplates(project, added.settings.templates, terminal);
        const interrupt = listenForInterrupt();
        const { result, deployment } = await deployCustomer(project, added, cloud, {
          versions: new ProgramVersions(project),
          signal: interrupt.signal,
          ...(!args.json && { onEvent: displayOn(terminal) }),
        });
        interrupt.stopListening();
        if (!deployment) {
          throw new UserError(
            `${added.name} is not complete: ${failureOf(result)}\n` +
              `Go on with: tenner customer upgrade ${added.name}. Take it back with: tenner customer remove ${added.name}`,
          );
        }
        const addresses = await addressesOf(added, cloud, deployment.workers);
        const scripts = Object.values(deployment.workers).map(({ scriptName }) => scriptName);
        const health = await askHealth(scripts, addresses, PATIENCE_AFTER_DEPLOYMENT);
        const templates = Object.entries(await deployedTemplates(await openCustomer(project, added))).map(
          ([template, { scriptName, apiKey }]) => [template, { url: addresses.get(scriptName), apiKey }] as const,
        );
        return { added, deployment, health, templates };
      });
    // Somebody who adds the same at this moment is not somebody whose adding was killed.
    const { added, deployment, health, templates } = await alone(
      project,
      { name: normaliseName(args.name) },
      0,
      operate,
    );
    if (args.json) {
      const { name, accountId } = added;
      const shown = {
        name,
        accountId,
        ceiling_usd: deployment.capUsd,
        health,
        templates: Object.fromEntries(templates),
      };
      process.stdout.write(`${JSON.stringify(shown)}\n`);
    } else {
      terminal.done(`${added.name} is there, with a ceiling of $${deployment.capUsd} a month`);
      terminal.table([
        ["account", added.accountId],
        ...templates.flatMap(([template, { url, apiKey }]) => [
          [template, url ?? "its address is Cloudflare's to say"] as const,
          ["  its API key", apiKey ?? ""] as const,
        ]),
      ]);
      terminal.line(`  The keys are shown this once. Later: tenner outputs -s ${added.name} --show-secrets`);
    }
    if (health.state === "ill") throw new UserError(`${added.name} is deployed, but not well: ${health.reason}`);

    /** A customer whose adding was killed or has failed. */
    async function findBegun(given: string) {
      const name = normaliseName(given);
      const found = (await listCustomers(project)).find((one) => one.name === name && !one.removing);
      if (!found || (await readDeployment(await openCustomer(project, found)))) return undefined;
      return found;
    }
  },
});

function dollars(text: string): number {
  const amount = Number(text);
  if (text.trim() !== "" && Number.isFinite(amount) && amount > 0) return amount;
  throw new UserError(`--budget ${text}: is US dollars a month, such as 10 or 2.50.`);
}
