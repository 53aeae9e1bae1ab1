import { config } from "@tenner/engine";
import { defineCommand } from "citty";
import { LOCAL_STACK, openStack } from "../local-stack.ts";
import { openProject } from "../project.ts";
import { createTerminal } from "../terminal.ts";
import { UserError } from "../user-error.ts";

const stack = { type: "string", alias: "s", default: LOCAL_STACK, description: "The stack" } as const;
const key = { type: "positional", required: true, description: "namespace:key, e.g. tenner:settings" } as const;

const get = defineCommand({
  meta: { name: "get", description: "Print one setting. Example: tenner config get tenner:settings" },
  args: { key, stack },
  async run({ args }) {
    const found = await config.get(await openStack(openProject(), args.stack), args.key);
    if (!found) throw new UserError(`Stack ${args.stack} has no setting ${args.key}.`);
    process.stdout.write(`${typeof found.value === "string" ? found.value : JSON.stringify(found.value)}\n`);
  },
});

const set = defineCommand({
  meta: {
    name: "set",
    description: "Write one setting; with --secret it is encrypted. Example: tenner config set tenner:protectData true",
  },
  args: {
    key,
    value: { type: "positional", required: true, description: "The value" },
    stack,
    secret: { type: "boolean", description: "Encrypt it" },
  },
  async run({ args }) {
    await config.set(await openStack(openProject(), args.stack), args.key, args.value, {
      secret: args.secret ?? false,
    });
  },
});

const rm = defineCommand({
  meta: { name: "rm", description: "Remove one setting. Example: tenner config rm tenner:protectData" },
  args: { key, stack },
  async run({ args }) {
    await config.remove(await openStack(openProject(), args.stack), args.key);
  },
});

const list = defineCommand({
  meta: {
    name: "list",
    description: "All settings of a stack; secrets are not shown. Example: tenner config list --json",
  },
  args: { stack, json: { type: "boolean", description: "JSON on stdout" } },
  async run({ args }) {
    const entries = Object.entries(await config.list(await openStack(openProject(), args.stack))).map(
      ([name, { value, secret }]) => [name, secret ? "[secret]" : value] as const,
    );
    if (args.json) process.stdout.write(`${JSON.stringify(Object.fromEntries(entries))}\n`);
    else if (entries.length > 0)
      createTerminal(process.stdout).table(
        entries.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
      );
  },
});

export const command = defineCommand({
  meta: { name: "config", description: "A stack's settings, in Pulumi's own stack file" },
  subCommands: { get, set, rm, list },
});
