import { type ArgsDef, type CommandDef, defineCommand } from "citty";
import { UserError } from "./user-error.ts";

/** One line a command; each is loaded when it is called. */
const commands = {
  start: () => import("./commands/start.ts"),
  cloud: () => import("./commands/cloud.ts"),
  build: () => import("./commands/build.ts"),
  up: () => import("./commands/up.ts"),
  preview: () => import("./commands/preview.ts"),
  rollout: () => import("./commands/rollout.ts"),
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
  "preview-stack": () => import("./commands/preview-stack.ts"),
  reset: () => import("./commands/reset.ts"),
  outputs: () => import("./commands/outputs.ts"),
  config: () => import("./commands/config.ts"),
  cache: () => import("./commands/cache.ts"),
  state: () => import("./commands/state.ts"),
  model: () => import("./commands/model.ts"),
  pulumi: () => import("./commands/pulumi.ts"),
  completion: () => import("./commands/completion.ts"),
};

/** The command line as a whole. */
export const tenner = defineCommand({
  meta: { name: "tenner", description: "AI applications on Cloudflare that cannot cost more than $10 a month" },
  subCommands: Object.fromEntries(
    Object.entries(commands).map(([name, load]) => [
      name,
      async (): Promise<CommandDef> => plain((await load()).command),
    ]),
  ),
});

/**
 * The command that the words name, with its parent.
 *
 * @throws UserError for a word that is no command
 */
export async function findCommand(
  words: readonly string[],
  command: CommandDef = tenner,
  parent?: CommandDef,
): Promise<[command: CommandDef, parent: CommandDef | undefined]> {
  const [word, ...rest] = words;
  const known = await subCommandsOf(command);
  const load = word === undefined ? undefined : known[word];
  if (load === undefined) {
    if (Object.keys(known).length > 0 && word !== undefined && !word.startsWith("-")) {
      throw new UserError(`There is no command "${word}". The commands are: ${Object.keys(known).join(", ")}.`);
    }
    return [command, parent];
  }
  return findCommand(rest, await load(), command);
}

/** What is below a command, by name. */
export async function subCommandsOf(command: CommandDef): Promise<Record<string, () => Promise<CommandDef>>> {
  const given = typeof command.subCommands === "function" ? await command.subCommands() : await command.subCommands;
  return Object.fromEntries(
    Object.entries(given ?? {}).map(([name, each]) => [name, async () => (typeof each === "function" ? each() : each)]),
  );
}

/** An option of a command. */
export interface Option {
  readonly name: string;
  /** One letter, without its hyphen. */
  readonly short: string | undefined;
  readonly description: string;
  readonly takesValue: boolean;
}

/** The options of a command, `--no-…` of what is on by default among them. */
export function optionsOf(command: CommandDef): Option[] {
  return Object.entries((command.args ?? {}) as ArgsDef).flatMap(([name, definition]) => {
    if (definition.type === "positional") return [];
    const [short] = "alias" in definition ? [definition.alias ?? []].flat() : [];
    const takesValue = definition.type !== "boolean";
    const option = { name, short, description: definition.description ?? "", takesValue };
    if (definition.type !== "boolean" || definition.default !== true) return [option];
    return [
      option,
      { ...option, name: `no-${name}`, short: undefined, description: definition.negativeDescription ?? "" },
    ];
  });
}

/** A misspelt flag is an error, not silence. @throws UserError which names it */
export function refuseUnknownOptions(command: CommandDef, words: readonly string[]): void {
  const known = new Set(
    optionsOf(command).flatMap(({ name, short }) => [name, `no-${name}`, ...(short === undefined ? [] : [short])]),
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

/** A command of the whole tree, with the words that call it. */
export interface PlacedCommand {
  readonly words: readonly string[];
  readonly command: CommandDef;
  /** Names of the commands below it. */
  readonly below: readonly string[];
}

/** Every command there is, each loaded. */
export async function allCommands(
  words: readonly string[] = [],
  command: CommandDef = tenner,
): Promise<PlacedCommand[]> {
  const known = await subCommandsOf(command);
  const below = await Promise.all(
    Object.entries(known).map(async ([name, load]) => allCommands([...words, name], await load())),
  );
  return [{ words, command, below: Object.keys(known) }, ...below.flat()];
}

/** citty's command types are invariant in their arguments; the table of commands needs none of that. */
function plain(command: unknown): CommandDef {
  return command as CommandDef;
}
