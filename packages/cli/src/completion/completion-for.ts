import { allCommands, optionsOf } from "../command-tree.ts";
import { descriptionOf } from "../help.ts";
import { argumentWordsOf } from "../word-argument.ts";
import { bashScript } from "./bash-script.ts";
import { fishScript } from "./fish-script.ts";
import type { Place } from "./place.ts";
import { zshScript } from "./zsh-script.ts";

/** Shells that can be taught. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** The script that a shell reads, made from the commands as they are. */
export async function completionFor(shell: Shell): Promise<string> {
  const all = await allCommands();
  const does = new Map<string, string>();
  for (const { words, command } of all) does.set(words.join(" "), (await descriptionOf(command)).does);
  const places = all.map(({ words, command, below }): Place => {
    const path = words.join(" ");
    return {
      path,
      commands: below.map((name) => ({ name, does: does.get([...words, name].join(" ")) ?? "" })),
      options: optionsOf(command),
      argumentWords: argumentWordsOf(command),
    };
  });
  return SCRIPTS[shell](places);
}
