import { outputs } from "@tenner/engine";
import { defineCommand } from "citty";
import * as z from "zod";
import { openAccountApi } from "../account-api.ts";
import { billTable, type Plan, usd } from "../bill/bill-table.ts";
import { type CloudflareBill, daysOfMonth, readCloudflareBill } from "../bill/cloudflare-bill.ts";
import { isLocalStack, openStack } from "../local-stack.ts";
import { openProject } from "../project.ts";
import { stackArguments } from "../stack-arguments.ts";
import { createTerminal } from "../terminal.ts";
import { UserError } from "../user-error.ts";
import { withCloud } from "../with-cloud.ts";

const StackOutputs = z.object({
  ledger: z.object({ databaseId: z.string() }),
  aiGateway: z.object({ id: z.string(), capUsd: z.number() }),
});

/** A month's row of the ledger; amounts in billionths of a US dollar. */
const Sum = z.object({
  dimension: z.enum(["stack", "template", "tenant", "model", "day"]),
  name: z.string(),
  reserved: z.number(),
  spent: z.number(),
  calls: z.number(),
  cached: z.number(),
});
const Answer = z.array(z.object({ results: z.array(Sum) })).min(1);
const Gateway = z.looseObject({
  spend_limits: z
    .looseObject({ enabled: z.boolean(), rules: z.array(z.looseObject({ enabled: z.boolean(), limit: z.number() })) })
    .nullish(),
});

const PLANS = ["free", "paid"] as const;
const NANO = 1e9;
const SUMS = `SELECT dimension, name, reserved, spent, calls, cached FROM sums
  WHERE month = ?1 AND owner = '' ORDER BY spent + reserved DESC, name`;

export const command = defineCommand({
  meta: {
    name: "bill",
    description:
      "What a stack's models have cost in a month, what is left of its ceiling, and what the traffic that the local cloud counted costs on Cloudflare. Example: tenner bill --plan free --scale 30",
  },
  args: {
    stack: stackArguments.stack,
    json: stackArguments.json,
    month: { type: "string", description: "A calendar month, UTC. @default this one", valueHint: "2026-11" },
    plan: { type: "string", description: "Of Cloudflare's plans only this one", valueHint: "free|paid" },
    scale: {
      type: "string",
      description: "A month is so many times the traffic that was counted. @default as it was",
      valueHint: "30",
    },
  },
  async run({ args }) {
    const month = args.month ?? new Date().toISOString().slice(0, 7);
    if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) {
      throw new UserError(`--month ${month}: is a year and a month, such as 2026-11`);
    }
    const plan = PLANS.find((each) => each === args.plan);
    if (args.plan !== undefined && plan === undefined) throw new UserError(`--plan ${args.plan}: is free or paid`);
    const scale = args.scale === undefined ? undefined : Number(args.scale);
    if (scale !== undefined && !(scale > 0 && scale <= 1e9)) {
      throw new UserError(`--scale ${args.scale}: is a number above 0, such as 30 or 2.5`);
    }
    const project = openProject();
    const terminal = createTerminal();
    const bill = await withCloud(project, args.stack, terminal, () => readBill(args.stack, month));
    if (args.json) process.stdout.write(`${JSON.stringify(bill)}\n`);
    else show(bill, plan);

    async function readBill(name: string, month: string) {
      const stack = await openStack(project, name);
      const deployed = StackOutputs.safeParse(
        Object.fromEntries(Object.entries(await outputs(stack)).map(([key, { value }]) => [key, value])),
      );
      if (!deployed.success) throw new UserError(`Stack ${name} is not deployed: nothing was spent.`);
      const { ledger, aiGateway } = deployed.data;
      const api = await openAccountApi(stack);
      const query = { sql: SUMS, params: [month] };
      const [answer] = Answer.parse(await api.call("POST", `/d1/database/${ledger.databaseId}/query`, query));
      const gateway = Gateway.safeParse(await api.call("GET", `/ai-gateway/gateways/${aiGateway.id}`));
      const limits = gateway.data?.spend_limits;
      const rows = answer?.results ?? [];
      const line = ({ name, spent, reserved, calls, cached }: z.infer<typeof Sum>) => ({
        name,
        spent_usd: spent / NANO,
        reserved_usd: reserved / NANO,
        calls,
        cached_calls: cached,
      });
      const by = (dimension: string) => rows.filter((row) => row.dimension === dimension).map(line);
      const total = by("stack")[0] ?? { spent_usd: 0, reserved_usd: 0, calls: 0, cached_calls: 0 };
      const isLocal = await isLocalStack(project, name);
      return {
        stack: name,
        month,
        ceiling_usd: aiGateway.capUsd,
        spent_usd: total.spent_usd,
        reserved_usd: total.reserved_usd,
        left_usd: Math.max(0, (aiGateway.capUsd * NANO - total.spent_usd * NANO - total.reserved_usd * NANO) / NANO),
        calls: total.calls,
        cached_calls: total.cached_calls,
        gateway: {
          id: aiGateway.id,
          cap_is_on:
            limits?.enabled === true && limits.rules.some(({ enabled, limit }) => enabled && limit <= aiGateway.capUsd),
        },
        by_template: by("template"),
        by_tenant: by("tenant"),
        by_model: by("model"),
        // Cloudflare itself counts what a real account uses.
        cloudflare: isLocal ? await readCloudflareBill(stack, { ...daysOfMonth(month), scale }) : null,
      };
    }
  },
});

type Line = { name: string; spent_usd: number; reserved_usd: number; calls: number; cached_calls: number };
interface Bill extends Omit<Line, "name"> {
  readonly stack: string;
  readonly month: string;
  readonly ceiling_usd: number;
  readonly left_usd: number;
  readonly gateway: { readonly id: string; readonly cap_is_on: boolean };
  readonly by_template: readonly Line[];
  readonly by_tenant: readonly Line[];
  readonly by_model: readonly Line[];
  readonly cloudflare: CloudflareBill | null;
}

function show(bill: Bill, plan: Plan | undefined): void {
  const terminal = createTerminal(process.stdout);
  const share = (bill.spent_usd + bill.reserved_usd) / bill.ceiling_usd;
  const filled = Math.min(30, Math.ceil(share * 30));
  terminal.line(`\n  ${bill.stack}, ${bill.month}\n`);
  terminal.table([
    ["spent", `${usd(bill.spent_usd)} in ${bill.calls} calls, ${bill.cached_calls} of them from the gateway's cache`],
    ["under way", usd(bill.reserved_usd)],
    ["left", `${usd(bill.left_usd)} of ${usd(bill.ceiling_usd)}`],
    ["", `${"█".repeat(filled)}${"░".repeat(30 - filled)} ${(share * 100).toFixed(share < 0.1 ? 2 : 0)} %`],
    ["gateway's cap", bill.gateway.cap_is_on ? "on" : "NOT ON: run tenner up"],
  ]);
  for (const [title, lines] of [
    ["by template", bill.by_template],
    ["by tenant", bill.by_tenant],
    ["by model", bill.by_model],
  ] as const) {
    if (lines.length === 0) continue;
    terminal.line(`\n  ${title}`);
    terminal.table(lines.map(({ name, spent_usd, calls }) => [`  ${name}`, `${usd(spent_usd)}  ${calls} calls`]));
  }
  if (bill.cloudflare === null) {
    terminal.line("\n  Everything else: Cloudflare counts it, see its dashboard under Manage account, Billing.");
    return;
  }
  const { scale } = bill.cloudflare;
  terminal.line(
    `\n  on Cloudflare, ${scale === null ? "this traffic in a month" : `${scale} times this traffic a month`}\n`,
  );
  for (const text of billTable(bill.cloudflare, plan)) terminal.line(text === "" ? "" : `  ${text}`);
}
