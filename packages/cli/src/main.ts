#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { stripVTControlCharacters } from "node:util";
import { runCommand } from "citty";
import { findCommand, refuseUnknownOptions, tenner } from "./command-tree.ts";
import { renderHelp } from "./help.ts";
import { createTerminal } from "./terminal.ts";

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
    const help = await renderHelp(...(await findCommand(words)));
    process.stdout.write(createTerminal(process.stdout).color ? help : stripVTControlCharacters(help));
    return;
  }
  if (!passedOn) refuseUnknownOptions((await findCommand(words))[0], words);
  await runCommand(tenner, { rawArgs: words });
}

/** Expected failures are a message; anything else is a defect of ours and shows where it happened. */
function report(error: unknown): void {
  const expected = error instanceof Error && !UNEXPECTED.has(error.name);
  const text = error instanceof Error ? (expected ? error.message : (error.stack ?? error.message)) : String(error);
  createTerminal().fail(text);
}
