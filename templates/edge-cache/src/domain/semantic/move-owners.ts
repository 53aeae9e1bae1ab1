import { BE_PAST, DROPPED, QUANTITIES, ROLES } from "./lexicon/function-words.ts";

const VERBS = new Set(
  "did has have had can could will would should may might must not and or i me my we us our you your he she it they his her its their this these those let tell show give explain describe name list define".split(
    " ",
  ),
);

/** "France's capital" becomes "capital of France", so that both are read alike. */
export function moveOwners(words: readonly string[]): readonly string[] {
  const at = words.indexOf("'s");
  if (at < 1) return words;
  let start = at;
  while (start > 0 && isNoun(words[start - 1])) start--;
  let end = at + 1;
  while (end < words.length && isNoun(words[end]) && end - at < 4) end++;
  if (start === at || end === at + 1) return [...words.slice(0, at), ...moveOwners(words.slice(at + 1))];
  return moveOwners([
    ...words.slice(0, start),
    ...words.slice(at + 1, end),
    "of",
    ...words.slice(start, at),
    ...words.slice(end),
  ]);
}

function isNoun(word: string | undefined): boolean {
  return (
    word !== undefined &&
    word !== "," &&
    word !== "'s" &&
    !DROPPED.has(word) &&
    !ROLES.has(word) &&
    !BE_PAST.has(word) &&
    !VERBS.has(word) &&
    !QUANTITIES.has(word)
  );
}
