/** What two answers say of their questions. `open`: neither is proven. */
export type Comparison = "equal" | "different" | "open";

/** How two answers agree by their words. */
export interface WordComparison {
  /** One says what the other denies: other numbers, yes against no. */
  readonly contradict: boolean;
  /** Nothing that would have to be equal in equal answers is not. */
  readonly consistent: boolean;
  /** Shared words with content among all of them, 0 to 1. */
  readonly agreement: number;
  /** Words of the shorter one that have content: two answers "Yes." prove nothing. */
  readonly words: number;
}

/** Answers longer than this may mention numbers by the way. */
const SHORT_ANSWER = 60;
const LEAST_WORDS = 4;
const NEGATION =
  /\b(?:not|no|never|none|neither|nor|without|cannot|can't|isn't|aren't|doesn't|don't|won't|unsafe|false|impossible)\b/g;

/** A question and what was answered. */
export interface Answered {
  readonly question: string;
  readonly answer: string;
}

/** Compares two answers by their words, and by what of them their questions alone have brought. */
export function compareWords(one: Answered, other: Answered): WordComparison {
  const [a, b] = [read(one.answer), read(other.answer)];
  const [asked, known] = [read(one.question).words, read(other.question).words];
  const shared = [...a.words].filter((word) => b.words.has(word)).length;
  const all = a.words.size + b.words.size;
  const numbersAgree = sameSet(a.numbers, b.numbers);
  const short = Math.max(a.length, b.length) <= SHORT_ANSWER;
  const otherNumbers = a.numbers.size > 0 && b.numbers.size > 0 && !overlaps(a.numbers, b.numbers);
  const opposed = a.stance !== null && b.stance !== null && a.stance !== b.stance;
  return {
    contradict: opposed || (short && otherNumbers),
    consistent:
      numbersAgree &&
      a.stance === b.stance &&
      (!short || a.negations === b.negations) &&
      !echoes(asked, known, a.words, b.words) &&
      !echoes(known, asked, b.words, a.words),
    agreement: all === 0 ? 0 : (2 * shared) / all,
    words: Math.min(a.words.size, b.words.size),
  };
}

/**
 * Whether an answer takes up a word that only its own question has said, and the other answer does not know: how one
 * descales a kettle and an iron may be told in the same words but for these two.
 */
function echoes(
  mine: ReadonlySet<string>,
  theirs: ReadonlySet<string>,
  myAnswer: ReadonlySet<string>,
  theirAnswer: ReadonlySet<string>,
): boolean {
  return [...mine].some((word) => !theirs.has(word) && myAnswer.has(word) && !theirAnswer.has(word));
}

/** From here on the words may prove that two answers are equal. */
const EQUAL_AGREEMENT = 0.6;
const EQUAL_COSINE = 0.88;
/** Below both, two answers are about different things. */
const DIFFERENT_AGREEMENT = 0.15;
const DIFFERENT_COSINE = 0.55;

/** Whether the similarity of the answers' vectors could still decide: else it need not be asked for. */
export function needsCosine({ contradict, consistent, agreement, words }: WordComparison): boolean {
  if (contradict || words < LEAST_WORDS) return false;
  return (consistent && agreement >= EQUAL_AGREEMENT) || agreement < DIFFERENT_AGREEMENT;
}

/** @param cosine of the answers' vectors; null when it is not known */
export function compareAnswers(compared: WordComparison, cosine: number | null): Comparison {
  const { contradict, consistent, agreement, words } = compared;
  if (contradict) return "different";
  if (cosine === null || words < LEAST_WORDS) return "open";
  if (consistent && agreement >= EQUAL_AGREEMENT && cosine >= EQUAL_COSINE) return "equal";
  return agreement < DIFFERENT_AGREEMENT && cosine < DIFFERENT_COSINE ? "different" : "open";
}

/** Of two vectors, -1 to 1. */
export function cosine(one: readonly number[], other: readonly number[]): number {
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
  const length = Math.sqrt(dot(one, one) * dot(other, other));
  return length === 0 ? 0 : dot(one, other) / length;
}

interface ReadAnswer {
  readonly words: ReadonlySet<string>;
  readonly numbers: ReadonlySet<string>;
  readonly stance: "yes" | "no" | null;
  readonly negations: number;
  /** In words. */
  readonly length: number;
}

const EMPTY = new Set(
  (
    "a an the and or but if of in on at to for from with by as is are was were be been being it its this that these those " +
    "there here you your i we they he she his her their our can could may might will would should do does did has have had " +
    "also very more most so than then which who what when where how why into about such some any all each other please " +
    "sure certainly course here's that's it's you're"
  ).split(" "),
);

function read(answer: string): ReadAnswer {
  // Numbers and signs of lists are the form, not what is said.
  const text = answer
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[‘’]/g, "'")
    .replace(/^\s*(?:\d{1,2}[.)]|[-*•])\s+/gm, "");
  const tokens = text.match(/[\p{L}][\p{L}'’-]*|[-+]?\d+(?:[.,:]\d+)*%?/gu) ?? [];
  const words = new Set(tokens.filter((token) => /^\p{L}/u.test(token) && !EMPTY.has(token)).map(stem));
  const numbers = new Set(tokens.filter((token) => /\d/.test(token)).map(plainNumber));
  const [, stance] = /^\W*(yes|no)\b(?! (?:one|matter|doubt|longer|more|way))/.exec(text) ?? [];
  return {
    words,
    numbers,
    stance: stance === "yes" || stance === "no" ? stance : null,
    negations: text.match(NEGATION)?.length ?? 0,
    length: tokens.length,
  };
}

/** 1,000 is 1000; 2.50 is 2.5. */
function plainNumber(token: string): string {
  const number = token.replace(/,(?=\d{3}\b)/g, "");
  return /^[-+]?\d+\.\d*$/.test(number) ? String(Number(number)) : number;
}

function stem(word: string): string {
  return word.replace(/'s$/, "").replace(/(?<=\p{L}{3})(?:ing|ed|es|s)$/u, "");
}

function sameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((each) => other.has(each));
}

function overlaps(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return [...one].some((each) => other.has(each));
}
