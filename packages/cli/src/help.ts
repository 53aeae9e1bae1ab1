import { type CommandDef, type Resolvable, renderUsage, type SubCommandsDef } from "citty";
import colors from "picocolors";
import { subCommandsOf } from "./command-tree.ts";

/** A command's description, taken apart: what it does, and each example that follows the word `Example:`. */
export interface Description {
  readonly does: string;
  readonly examples: readonly string[];
}

/** `Says hello. Example: tenner hello. Example: tenner hello --loud` has two examples. */
export function readDescription(description: string): Description {
  const [does = "", ...examples] = description.split(/\s*\bExample: /);
  return { does: does.replace(/\.$/, ""), examples: examples.map((example) => example.replace(/\.$/, "")) };
}

/** The description of a command. */
export async function descriptionOf(command: CommandDef): Promise<Description> {
  return readDescription((await settled(command.meta))?.description ?? "");
}

const EXIT_CODES = [
  ["0", "done"],
  ["1", "not done: the last lines on stderr say why, and what to do"],
  ["130", "ended by Ctrl-C before it was done"],
] as const;

/** What `--help` prints: usage, examples, and for `tenner` itself the exit codes. */
export async function renderHelp(command: CommandDef, parent: CommandDef | undefined): Promise<string> {
  const { examples } = await descriptionOf(command);
  const parts = [await renderUsage(await withoutExamples(command), parent)];
  if (examples.length > 0) parts.push(section(examples.length > 1 ? "EXAMPLES" : "EXAMPLE", examples));
  if (parent === undefined)
    parts.push(
      section(
        "EXIT CODES",
        EXIT_CODES.map(([code, text]) => `${code.padEnd(5)}${text}`),
      ),
    );
  return `${parts.map((part) => part.trimEnd()).join("\n\n")}\n`;
}

function section(title: string, lines: readonly string[]): string {
  return `${colors.underline(colors.bold(title))}\n\n${lines.map((line) => `  ${line}`).join("\n")}`;
}

/** In a list of commands an example would hide what the command does. */
async function withoutExamples(command: CommandDef, deep = true): Promise<CommandDef> {
  const meta = { ...(await settled(command.meta)), description: (await descriptionOf(command)).does };
  if (!deep) return { ...command, meta };
  const below: SubCommandsDef = {};
  for (const [name, load] of Object.entries(await subCommandsOf(command))) {
    below[name] = await withoutExamples(await load(), false);
  }
  return { ...command, meta, ...(Object.keys(below).length > 0 && { subCommands: below }) };
}

/** citty lets everything be a promise, or a function that makes one. */
async function settled<Value extends object>(given: Resolvable<Value> | undefined): Promise<Value | undefined> {
  return typeof given === "function" ? await given() : await given;
}
