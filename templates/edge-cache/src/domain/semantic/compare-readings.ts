import type { TokenClass } from "./classify-token.ts";
import { opposite } from "./lexicon/antonyms.ts";
import type { Reading, Sentence, Token } from "./reading.ts";
import { rearranged } from "./rearranged.ts";

/** What tells two messages apart. `wording` is all that no other guard has a name for. */
export type Guard =
  | Exclude<TokenClass, "content">
  | "conversation"
  | "language"
  | "antonym"
  | "direction"
  | "kind"
  | "tense"
  | "wording";

/** One difference that was found. */
export interface Difference {
  readonly guard: Guard;
  /** What only this side says. */
  readonly asked: string;
  readonly candidate: string;
  /** Whether it alone makes two different questions; if not, it may be another way to say the same. */
  readonly decides: boolean;
}

type Sentences = readonly Sentence[];

/** Different as soon as one side has more of it than the other. */
const STRICT: readonly TokenClass[] = ["number", "unit", "date", "code", "negation", "format", "audience"];
/** Different when both sides have one that the other has not. */
const MUTUAL: readonly TokenClass[] = ["identifier", "name", "quantity", "comparison", "person"];
/** Where the rest is reworded too, the other words may say it. */
const SOFT: ReadonlySet<TokenClass> = new Set(["format", "audience", "unit"]);
/** Forms of an answer, or readers, that are things to ask about too: one more of them may be another way to say the same. */
const ALSO_THINGS = new Set(
  "email letter page line code story list example step word sentence character doctor lawyer engineer manager student child person dog cat".split(
    " ",
  ),
);
/** Kinds whose answers are never of the same form. */
const DISTINCT = new Set([
  "who",
  "whose",
  "when",
  "where",
  "why",
  "how",
  "how many",
  "how much",
  "how long",
  "how often",
  "yes or no",
  "can",
  "may",
  "must",
  "should",
]);

/** The differences of two messages; none when both ask for the same. `without` leaves guards out, to measure what they are worth. */
export function compareReadings(
  asked: Reading,
  candidate: Reading,
  without: ReadonlySet<Guard> = new Set(),
): Difference[] {
  if ("verbatim" in asked || "verbatim" in candidate) return compareVerbatim(asked, candidate);
  if (
    keyOf(asked.sentences, without) === keyOf(candidate.sentences, without) &&
    samePlurals(asked.sentences, candidate.sentences) &&
    (without.has("kind") || sameKinds(asked.sentences, candidate.sentences))
  )
    return [];
  const one = asked.sentences;
  const other = candidate.sentences;
  const [first, more] = one;
  const [against, further] = other;
  if (
    first !== undefined &&
    against !== undefined &&
    more === undefined &&
    further === undefined &&
    sameKinds(one, other) &&
    samePlurals(one, other) &&
    rearranged(first, against)
  )
    return [];
  const left = surplus(tokensOf(one), tokensOf(other));
  const right = surplus(tokensOf(other), tokensOf(one));
  const reworded = [...left, ...right].filter(({ class: kind }) => kind === "content").length;
  const found: Difference[] = [];
  const add = (guard: Guard, asked: readonly string[], candidate: readonly string[], decides = true) =>
    found.push({ guard, asked: asked.join(" "), candidate: candidate.join(" "), decides });
  const keys = (tokens: readonly Token[], kind: TokenClass) =>
    tokens.filter((token) => token.class === kind).map(({ key }) => key);
  for (const kind of STRICT) {
    const [mine, yours] = [keys(left, kind), keys(right, kind)];
    const told = [...mine, ...yours].some((key) => !ALSO_THINGS.has(bare(key)));
    if (mine.length + yours.length > 0 && kind !== "content")
      add(kind, mine, yours, told && (!SOFT.has(kind) || reworded === 0));
  }
  for (const kind of MUTUAL) {
    const [mine, yours] = [keys(left, kind), keys(right, kind)];
    if (mine.length > 0 && yours.length > 0 && kind !== "content") add(kind, mine, yours);
  }
  for (const { key } of left) {
    const against = right.find((token) => opposite(bare(key), bare(token.key)));
    if (against !== undefined) add("antonym", [key], [against.key]);
  }
  const kinds = [one, other].map((sentences) => sentences.map(({ kind }) => kind));
  const [mine = [], yours = []] = kinds;
  if (!sameKinds(one, other) || one.length !== other.length) {
    add(
      "kind",
      mine,
      yours,
      mine.length === 1 &&
        yours.length === 1 &&
        [...mine, ...yours].every((kind) => DISTINCT.has(kind)) &&
        left.length + right.length === 0,
    );
  }
  const times = [one, other].map((sentences) =>
    sentences.flatMap(({ tense }) => tense).filter((tense) => tense !== "passive"),
  );
  const [myTimes = [], yourTimes = []] = times;
  if (myTimes.join() !== yourTimes.join())
    add(
      "tense",
      myTimes,
      yourTimes,
      [...myTimes, ...yourTimes].some((time) => !myTimes.includes(time) || !yourTimes.includes(time)) &&
        left.length + right.length === 0,
    );
  if (left.length === 0 && right.length === 0) {
    const turned = one.length === 1 && other.length === 1 && exchanged(one[0], other[0]);
    add("direction", [spoken(one)], [spoken(other)], turned);
  }
  const rest = (tokens: readonly Token[]) =>
    tokens.filter(({ class: kind }) => kind === "content").map(({ key }) => key);
  if (found.length === 0 || rest(left).length + rest(right).length > 0) add("wording", rest(left), rest(right), false);
  return found;
}

/** "What is a monad" may be answered with an explanation or with a definition; the two are no substitute for each other. */
const MAY_STAND_FOR = new Set([
  "what is explain",
  "explain what is",
  "what is define",
  "define what is",
  "can may",
  "may can",
  "topic what is",
  "what is topic",
  "topic explain",
  "explain topic",
  "topic what",
  "what topic",
]);

function sameKinds(one: Sentences, other: Sentences): boolean {
  return one.every(({ kind }, index) => {
    const against = other[index]?.kind;
    return kind === against || MAY_STAND_FOR.has(`${kind} ${against}`);
  });
}

/** "What is the largest city" asks for one; of what a thing is, its number says nothing. */
function samePlurals(one: Sentences, other: Sentences): boolean {
  return one.every(({ kind, plural }, index) => {
    const against = other[index];
    const kinds = new Set([kind, against?.kind]);
    // "What is a closure" is "what are closures", but "planets" alone is not "what is a planet".
    const counted = kinds.has("topic") ? !kinds.has("explain") : kinds.size === 1 && kinds.has("what");
    return !counted || plural.join() === against?.plural.join();
  });
}

/** Equal keys and kinds, equal questions. */
function keyOf(sentences: Sentences, without: ReadonlySet<Guard>): string {
  return JSON.stringify(
    sentences.map(({ tense, phrases }) => {
      const kept = phrases.map(({ role, tokens }) => [
        role,
        ...tokens.filter((token) => !without.has(token.class as Guard)).map(({ key }) => key),
      ]);
      const ordered = without.has("direction")
        ? kept.flatMap(([, ...tokens]) => tokens).sort()
        : kept.filter(({ length }) => length > 1);
      return [without.has("tense") ? "" : tense, ordered];
    }),
  );
}

function compareVerbatim(asked: Reading, candidate: Reading): Difference[] {
  if ("verbatim" in asked && "verbatim" in candidate) {
    if (asked.verbatim === candidate.verbatim) return [];
    return [{ guard: "wording", asked: "", candidate: "", decides: false }];
  }
  return [
    {
      guard: "language",
      asked: "verbatim" in asked ? "not read" : "read",
      candidate: "verbatim" in candidate ? "not read" : "read",
      decides: false,
    },
  ];
}

/** The same words with their places or roles exchanged. */
function exchanged(one: Sentence | undefined, other: Sentence | undefined): boolean {
  if (one === undefined || other === undefined || one.kind !== other.kind) return false;
  const roles = (sentence: Sentence) => sentence.phrases.map(({ role, tokens }) => `${role} ${tokens.length}`).join();
  if (roles(one) === roles(other)) return one.tense.join() === other.tense.join();
  const turned = (sentence: Sentence) =>
    sentence.phrases
      .map(({ role }) => role)
      .filter((role) => /^(?:to|from|before|after|into|with|without|over|under)$/.test(role));
  return turned(one).join() !== turned(other).join() && turned(one).length === turned(other).length;
}

function tokensOf(sentences: Sentences): Token[] {
  return sentences.flatMap(({ phrases }) => phrases.flatMap(({ tokens }) => tokens));
}

function surplus(tokens: readonly Token[], others: readonly Token[]): Token[] {
  const left = others.map(({ key }) => key);
  return tokens.filter(({ key }) => {
    const at = left.indexOf(key);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function spoken(sentences: Sentences): string {
  return sentences
    .map(({ phrases }) =>
      phrases.map(({ role, tokens }) => [role, ...tokens.map(({ key }) => key)].join(" ")).join("; "),
    )
    .join(". ");
}

function bare(key: string): string {
  return key.replace(/\+s$/, "").replace(/^\+/, "");
}
