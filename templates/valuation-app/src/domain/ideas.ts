import { formatCount } from "./format.ts";

/** What takes how many tokens, each read and answered. From small to large. */
const WORK: readonly (readonly [tokens: number, one: string, many: string])[] = [
  [600, "Have one review sorted into praise and complaint", "Have {n} reviews sorted into praise and complaint"],
  [1_500, "Have one letter answered", "Have {n} letters answered"],
  [4_000, "Have one recipe turned into a shopping list", "Have {n} recipes turned into shopping lists"],
  [12_000, "Have one contract explained", "Have {n} contracts explained, clause by clause"],
  [30_000, "Have one hour of talk written up", "Have {n} hours of talk written up"],
  [90_000, "Have a day of research read for you", "Have {n} days of research read for you"],
  [250_000, "Have one novel read and discussed", "Have {n} novels read and discussed"],
  [1_800_000, "Keep an assistant for one working day", "Keep an assistant at work for {n} days"],
  [40_000_000, "Have a small library translated", "Have {n} small libraries translated"],
  [3_000_000_000, "Have every law of a country compared", "Have the laws of {n} countries compared"],
];
const HOW_MANY = 4;

/** What one could do with so many tokens, in numbers that a person can picture: nothing a billion times over. */
export function ideas(tokens: number): readonly string[] {
  const possible = WORK.filter(([each]) => each <= tokens);
  const chosen = possible.slice(-HOW_MANY).reverse();
  if (chosen.length === 0) return ["Ask one short question, and get a short answer"];
  return chosen.map(([each, one, many]) => {
    const count = Math.floor(tokens / each);
    return count === 1 ? one : many.replace("{n}", formatCount(count));
  });
}
