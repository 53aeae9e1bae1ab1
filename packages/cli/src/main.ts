#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { stripVTControlCharacters } from "node:util";
import { type ArgsDef, type CommandDef, defineCommand, renderUsage, runCommand } from "citty";
import { createTerminal } from "./terminal.ts";
import { UserError } from "./user-error.ts";

/** Names of JavaScript's own errors: they are defects of ours. Every expected failure has a name of its own. */
const UNEXPECTED = new Set([
  "Error",
  "TypeError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "AggregateError",
  "ZodError",
]);

/** One line a command; each is loaded when it is called. */
const commands = {
  start: () => import("./commands/start.ts"),
  cloud: () => import("./commands/cloud.ts"),
  build: () => import("./commands/build.ts"),
  up: () => import("./commands/up.ts"),
  preview: () => import("./commands/preview.ts"),
  refresh: () => import("./commands/refresh.ts"),
  destroy: () => import("./commands/destroy.ts"),
  cancel: () => import("./commands/cancel.ts"),
  import: () => import("./commands/import.ts"),
  console: () => import("./commands/console.ts"),
  open: () => import("./commands/open.ts"),
  logs: () => import("./commands/logs.ts"),
  bill: () => import("./commands/bill.ts"),
  doctor: () => import("./commands/doctor.ts"),
  customer: () => import("./commands/customer.ts"),
  reset: () => import("./commands/reset.ts"),
  outputs: () => import("./commands/outputs.ts"),
  config: () => import("./commands/config.ts"),
  cache: () => import("./commands/cache.ts"),
  state: () => import("./commands/state.ts"),
  model: () => import("./commands/model.ts"),
  pulumi: () => import("./commands/pulumi.ts"),
};

const tenner = defineCommand({
  meta: { name: "tenner", description: "AI applications on Cloudflare that cannot cost more than $10 a month" },
  subCommands: Object.fromEntries(
    Object.entries(commands).map(([name, load]) => [
      name,
      async (): Promise<CommandDef> => plain((await load()).command),
    ]),
  ),
});

// The commands below load a lot of code; compiled once, it starts in half the time.
enableCompileCache();
try {
  await main(process.argv.slice(2));
} catch (error) {
  report(error);
  process.exitCode ||= 1;
}

async function main(words: string[]): Promise<void> {
  const passedOn = words[0] === "pulumi";
  if (words.length === 0 || (!passedOn && words.some((word) => word === "--help" || word === "-h"))) {
    const [command, parent] = await find(tenner, words);
    const usage = await renderUsage(command, parent);
    process.stdout.write(`${createTerminal(process.stdout).color ? usage : stripVTControlCharacters(usage)}\n`);
    return;
  }
  if (!passedOn) refuseUnknownFlags((await find(tenner, words))[0], words);
  await runCommand(tenner, { rawArgs: words });
}

/** The command that the words name, with its parent. */
async function find(
  command: CommandDef,
  words: readonly string[],
  parent?: CommandDef,
): Promise<[CommandDef, CommandDef | undefined]> {
  const [word, ...rest] = words;
  const subCommands =
    typeof command.subCommands === "function" ? await command.subCommands() : await command.subCommands;
  const found = word === undefined ? undefined : subCommands?.[word];
  if (found === undefined) {
    if (subCommands && word !== undefined && !word.startsWith("-")) {
      throw new UserError(`There is no command "${word}". The commands are: ${Object.keys(subCommands).join(", ")}.`);
    }
    return [command, parent];
  }
  const next: CommandDef = typeof found === "function" ? await found() : await found;
  return find(next, rest, command);
}

/** A misspelt flag is an error, not silence. */
function refuseUnknownFlags(command: CommandDef, words: readonly string[]): void {
  const definitions = Object.entries((command.args ?? {}) as ArgsDef);
  const known = new Set(
    definitions.flatMap(([name, definition]) => {
      const alias = "alias" in definition ? definition.alias : undefined;
      return [name, `no-${name}`, ...(alias === undefined ? [] : [alias].flat())];
    }),
  );
  for (const word of words) {
    if (word === "--") return;
    const flag = /^--?([a-z][a-z-]*)/i.exec(word)?.[1];
    if (flag !== undefined && !known.has(flag)) {
      throw new UserError(
        `There is no option ${word}. See: tenner ${words.filter((each) => !each.startsWith("-"))[0] ?? ""} --help`,
      );
    }
  }
}

/** citty's command types are invariant in their arguments; the table of commands needs none of that. */
function plain(command: unknown): CommandDef {
  return command as CommandDef;
}

/** Expected failures are a message; anything else is a defect of ours and shows where it happened. */
function report(error: unknown): void {
  const expected = error instanceof Error && !UNEXPECTED.has(error.name);
  const text = error instanceof Error ? (expected ? error.message : (error.stack ?? error.message)) : String(error);
  createTerminal().fail(text);
}
