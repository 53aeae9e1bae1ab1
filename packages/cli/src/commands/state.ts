import { readFile, writeFile } from "node:fs/promises";
import { exportState, importState, listResources, repairState, type StateResource } from "@tenner/engine";
import { defineCommand } from "citty";
import { confirm } from "../confirm.ts";
import { openStack } from "../local-stack.ts";
import { openProject } from "../project.ts";
import { stackArguments } from "../stack-arguments.ts";
import { createTerminal } from "../terminal.ts";
import { UserError } from "../user-error.ts";
import { command as cancel } from "./cancel.ts";

const { stack, json, yes } = stackArguments;

const ls = defineCommand({
  meta: { name: "ls", description: "What a stack's state holds, a resource a line. Example: tenner state ls" },
  args: { stack, json },
  async run({ args }) {
    const resources = await listResources(await openStack(openProject(), args.stack));
    if (args.json) {
      const shown = resources.map((resource) => ({ ...resource, inputs: undefined, outputs: undefined }));
      process.stdout.write(`${JSON.stringify(shown)}\n`);
    } else if (resources.length === 0) {
      createTerminal().line(`  stack ${args.stack} has no resources: it was never deployed`);
    } else {
      createTerminal(process.stdout).table(
        resources.map((resource) => [
          resource.name,
          [shortType(resource.type), resource.id, ...marks(resource)].filter(Boolean).join("  "),
        ]),
      );
    }
  },
});

const show = defineCommand({
  meta: {
    name: "show",
    description:
      "All that the state knows of a resource; secrets only with --show-secrets. Example: tenner state show event-agent",
  },
  args: {
    resource: { type: "positional", required: true, description: "Its name in the program, or its URN" },
    stack,
    "show-secrets": { type: "boolean", description: "Show secret values" },
  },
  async run({ args }) {
    const options = await openStack(openProject(), args.stack);
    const all = await listResources({ ...options, showSecrets: args["show-secrets"] ?? false });
    const found = all.filter(({ urn, name }) => urn === args.resource || name === args.resource);
    if (found.length === 0) {
      throw new UserError(
        `Stack ${args.stack} has no resource ${args.resource}. \`tenner state ls\` shows what it has.`,
      );
    }
    process.stdout.write(`${JSON.stringify(found.length === 1 ? found[0] : found, null, 2)}\n`);
  },
});

const exportCommand = defineCommand({
  meta: {
    name: "export",
    description:
      "The state as `pulumi stack export` writes it; its secrets stay encrypted. Example: tenner state export --file state.json",
  },
  args: {
    stack,
    file: { type: "string", alias: "f", description: "Where to. @default stdout", valueHint: "state.json" },
  },
  async run({ args }) {
    const text = await exportState(await openStack(openProject(), args.stack));
    if (args.file === undefined) {
      process.stdout.write(text);
      return;
    }
    await writeFile(args.file, text, { mode: 0o600 });
    createTerminal().done(`state of stack ${args.stack} written to ${args.file}`);
  },
});

const importCommand = defineCommand({
  meta: {
    name: "import",
    description:
      "Put an exported state in place of the stack's; the one before stays as .bak. Example: tenner state import state.json",
  },
  args: { file: { type: "positional", required: true, description: "What `state export` wrote" }, stack, yes },
  async run({ args }) {
    const options = await openStack(openProject(), args.stack);
    const text = await readFile(args.file, "utf8").catch((error: NodeJS.ErrnoException) => {
      throw new UserError(
        `${args.file} cannot be read: ${error.code === "ENOENT" ? "there is no such file" : error.message}`,
      );
    });
    if (!(await confirm(`Replace the state of stack ${args.stack}?`, args.yes))) return;
    const count = await importState(options, text);
    createTerminal().done(
      `stack ${args.stack} has the imported state, with ${count} resources; check it: tenner preview`,
    );
  },
});

const repair = defineCommand({
  meta: {
    name: "repair",
    description:
      "Put a state right that cannot be read, or that points to what is not there. Example: tenner state repair",
  },
  args: { stack, json },
  async run({ args }) {
    const result = await repairState(await openStack(openProject(), args.stack));
    if (args.json) {
      process.stdout.write(`${JSON.stringify(result)}\n`);
      return;
    }
    const terminal = createTerminal();
    if (result.restored) terminal.warn("the state could not be read: the one before the last write is in its place");
    for (const change of result.changes) terminal.warn(change);
    const sound = !result.restored && result.changes.length === 0;
    terminal.done(sound ? "the state is sound" : "the state is repaired; read what really exists: tenner refresh");
  },
});

const unlock = defineCommand({
  meta: {
    name: "unlock",
    description: "Remove the lock that a killed update left; the same as `cancel`. Example: tenner state unlock",
  },
  args: { stack },
  run: (context) => cancel.run?.(context),
});

export const command = defineCommand({
  meta: { name: "state", description: "A stack's state: what it holds, a copy of it, its mending" },
  subCommands: { ls, show, export: exportCommand, import: importCommand, unlock, repair },
});

/** `cloudflare:index/d1Database:D1Database` as `D1Database`. */
function shortType(type: string): string {
  return type.split(":").at(-1) ?? type;
}

function marks(resource: StateResource): string[] {
  return [
    ...(resource.protected ? ["protected"] : []),
    ...(resource.toBeDeleted ? ["to be deleted"] : []),
    ...(resource.pending === undefined ? [] : [`interrupted while ${resource.pending}`]),
  ];
}
