import { PERSONS } from "./lexicon/deeds.ts";
import type { Phrase, Sentence, Token } from "./reading.ts";

/** Under these stands what a thing is for or where it belongs, and so what its name may begin with. */
const BELONGING = new Set(["for", "on", "in", "at"]);
/** Given to somebody, it matters whether it is given for somebody. */
const GIVING = new Set([
  "pay",
  "give",
  "send",
  "sell",
  "lend",
  "tell",
  "teach",
  "show",
  "offer",
  "owe",
  "charge",
  "write",
  "read",
  "bring",
  "buy",
  "ask",
  "make",
  "cook",
  "get",
  "find",
  "leave",
  "call",
  "name",
  "serve",
  "feed",
  "rent",
]);
/** Of what is filled the filling is no sort. */
const MATERIAL = new Set([
  "cup",
  "glass",
  "bottle",
  "box",
  "can",
  "bag",
  "jar",
  "pot",
  "bowl",
  "bucket",
  "milk",
  "chocolate",
  "oil",
  "house",
  "car",
  "boat",
  "paper",
  "book",
  "water",
  "toast",
  "time",
  "day",
  "light",
]);

/** "A charge on a credit card" is "a credit card charge": the same words, where one phrase has become the beginning of the other's last noun. */
export function rearranged(one: Sentence, other: Sentence): boolean {
  if (one.tense.join() !== other.tense.join()) return false;
  return compounded(one.phrases, other.phrases) || compounded(other.phrases, one.phrases);
}

function compounded(apart: readonly Phrase[], together: readonly Phrase[]): boolean {
  const whole = text(together.find(({ role }) => role === "")?.tokens);
  const main = apart.find(({ role }) => role === "");
  if (main === undefined || apart.length !== together.length + 1) return false;
  return apart.some((phrase) => {
    if (!BELONGING.has(phrase.role) || !phrase.tokens.every((token) => movable(token, main.tokens))) return false;
    const others = apart.filter((each) => each !== phrase && each !== main).map(spoken);
    const left = together.filter(({ role }) => role !== "").map(spoken);
    if (others.join(";") !== left.join(";")) return false;
    const last = main.tokens.at(-1);
    if (last === undefined || last.class !== "content" || MATERIAL.has(last.key) || main.tokens.length < 2)
      return false;
    // Right before the noun that it belongs to, never as the end: "cook for a dog" is not "cook a dog".
    return [main.tokens.length - 1, main.tokens.length - 2].some(
      (at) => at > 0 && text([...main.tokens.slice(0, at), ...phrase.tokens, ...main.tokens.slice(at)]) === whole,
    );
  });
}

function movable({ key, class: kind }: Token, main: readonly Token[]): boolean {
  if (!(kind === "content" || kind === "name") || key === "&" || key === "|" || MATERIAL.has(key)) return false;
  return !(PERSONS.has(key) && main.some((token) => GIVING.has(token.key)));
}

function spoken({ role, tokens }: Phrase): string {
  return `${role} ${text(tokens)}`;
}

function text(tokens: readonly Token[] = []): string {
  return tokens.map(({ key }) => key).join(" ");
}
