import type { Option } from "../command-tree.ts";
import type { ArgumentWords } from "../word-argument.ts";

/** What can follow the words of a command. */
export interface Place {
  /** As typed, e.g. `state ls`; empty for `tenner` itself. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly does: string }[];
  readonly options: readonly Option[];
  /** What its arguments can be, where that is one of a few words. */
  readonly argumentWords: readonly ArgumentWords[];
}

/** Places whose arguments are known, with how their options are written that take the next word. */
export function placesWithWords(places: readonly Place[]) {
  return places
    .filter(({ argumentWords }) => argumentWords.length > 0)
    .map(({ path, options, argumentWords }) => ({
      path,
      argumentWords,
      takers: options
        .filter(({ takesValue }) => takesValue)
        .flatMap(({ name, short }) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]),
    }));
}
