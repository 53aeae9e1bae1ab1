import type { ArgsDef, CommandDef } from "citty";
import { UserError } from "./user-error.ts";

/** A positional argument that takes one of a few words; citty has such lists for options only. */
interface WordArgument<Word extends string, Required extends boolean> {
  readonly type: "positional";
  readonly required: Required;
  readonly description: string;
  readonly words: readonly Word[];
}

/** Words of a command's positional argument. */
export interface ArgumentWords {
  /** How many positional arguments come before it. */
  readonly position: number;
  readonly words: readonly string[];
}

/** Defines a positional argument that takes one of `words`. They are offered by completion. */
export function wordArgument<Word extends string, Required extends boolean>(
  words: readonly Word[],
  { required, description }: { readonly required: Required; readonly description: string },
): WordArgument<Word, Required> {
  return { type: "positional", required, description, words };
}

/**
 * Which of an argument's words was given.
 *
 * @param what what the words are, for the message
 * @throws UserError which names all that there are
 */
export function wordOf<Word extends string>({ words }: WordArgument<Word, boolean>, given: string, what: string): Word {
  const word = words.find((each) => each === given);
  if (word === undefined) throw new UserError(`There is no ${what} "${given}". There is: ${words.join(", ")}.`);
  return word;
}

/** The positional arguments of a command that take one of a few words. */
export function argumentWordsOf(command: Pick<CommandDef, "args">): ArgumentWords[] {
  return Object.values((command.args ?? {}) as ArgsDef)
    .filter(({ type }) => type === "positional")
    .flatMap((argument, position) => {
      // citty's own type of an argument does not know of them; `wordArgument` alone adds them.
      const { words } = argument as Partial<WordArgument<string, boolean>>;
      return words ? [{ position, words }] : [];
    });
}
