import { baseForm, verbOf } from "./base-form.ts";
import { classify } from "./classify-token.ts";
import { isEnglish } from "./is-english.ts";
import { BE_PAST, DROPPED, MENTIONING, ROLES } from "./lexicon/function-words.ts";
import { DEMONYMS, FOR_RELATIONS, OFFERED, PLACE_RELATIONS, RELATIONS, SYMMETRIC } from "./lexicon/relations.ts";
import { LONGEST_PHRASE, SYNONYMS } from "./lexicon/synonyms.ts";
import { moveOwners } from "./move-owners.ts";
import { frameQuestion } from "./question-frame.ts";
import type { Phrase, Reading, Sentence, Token } from "./reading.ts";
import { settlePhrases } from "./settle-phrases.ts";
import { splitMessage } from "./split-message.ts";

/** Longer messages (UTF-16 units) are mostly material, not a question: they are compared as they are. */
const READABLE = 600;

/** Reads one message. Pure and without memory. */
export function readMessage(text: string): Reading {
  const normal = text.normalize("NFC").replace(/[‘’ʼ]/g, "'").replace(/[“”„]/g, '"').trim();
  const verbatim = { verbatim: normal };
  if (normal.length > READABLE || !isEnglish(normal)) return verbatim;
  const { sentences, names } = splitMessage(normal);
  const read = sentences.map((words) => readSentence(words, names)).filter(({ phrases }) => phrases.length > 0);
  return read.length === 0 ? verbatim : { sentences: read };
}

function readSentence(words: readonly string[], names: ReadonlySet<string>): Sentence {
  const mention = words.some((word) => MENTIONING.has(word));
  const framed = frameQuestion(moveOwners(words));
  const rest = framed.rest
    .split(" ")
    .filter(Boolean)
    .flatMap((word) => unhyphened(word, names));
  if (mention || rest[0] === "translate") {
    const tokens = rest.filter((word) => word !== ",").map((word) => ({ key: word, class: classify(word, names) }));
    return { kind: framed.kind, tense: [], plural: [], phrases: tokens.length === 0 ? [] : [{ role: "", tokens }] };
  }
  const { marks, tense } = markVerbs(rest, framed.kind, names);
  const phrases = gather(marks, framed.kind);
  const first = phrases.find(({ role }) => role === "")?.tokens[0]?.key ?? "";
  // "flu symptoms" asks what they are.
  if (/^(?:do|topic)$/.test(framed.kind) && rest.length > 1 && RELATIONS.has(single(first)))
    return readSentence(["what", "is", ...rest], names);
  // What a thing is can be explained; what its symptoms are is a fact.
  const owned = phrases.length > 1 || (phrases[0]?.tokens.length ?? 0) > 1;
  const kind = framed.kind === "what is" && RELATIONS.has(first) && owned ? "what" : framed.kind;
  const inMain = new Set(phrases.find(({ role }) => role === "")?.tokens.map(({ key }) => key));
  const plural =
    kind === "what" || kind === "topic" || kind === "what is"
      ? marks
          .filter(({ key, plural }) => plural && inMain.has(key) && !NUMBERLESS.has(key))
          .map(({ key }) => key)
          .sort()
      : [];
  return { kind, tense, plural, phrases };
}

/** "jump-start" is "jump start". */
function unhyphened(word: string, names: ReadonlySet<string>): string[] {
  const parts = word.split("-");
  return /^[a-z]{3,}-[a-z]{3,}$/.test(word) &&
    !names.has(word) &&
    classify(word, names) === "content" &&
    !parts.some((part) => ROLES.has(part) || classify(part, names) !== "content")
    ? parts
    : [word];
}

function single(key: string): string {
  return key.replace(/\+s$/, "");
}

interface Mark extends Token {
  readonly word: string;
  readonly plural: boolean;
}

/** One or many of these make no two questions. */
const NUMBERLESS = new Set(["price", "tax", "saving", "work", "shipping", "delivery"]);
const FIRST_PERSON = new Set("i me my we us our mine myself ourselves".split(" "));
const SECOND_PERSON = new Set("you your yours yourself".split(" "));
/** Where it goes without saying for whom it is asked. */
const IMPERSONAL = new Set(["how", "why", "can", "may", "must", "should", "do"]);
/** Where a "not" before or behind the subject says the same. */
const CLAUSAL = new Set(["why", "yes or no"]);
/** What was begun did begin. */
const BY_ITSELF = new Set("begin start end open close change break".split(" "));
const TIMES = /^(?:day|week|month|year|hour|minute|second|time|night|morning|evening|other|#|@)/;
const VERB_FOLLOWS = /^(?:a|an|the|my|your|this|that|our|#\S+|new|bank|savings|account)$/;
/** Where "when it rains" is "if it rains": nobody is asked for the time. */
const CONDITIONAL = new Set(["what", "who", "how", "how much", "should", "can", "may", "must"]);
const PAST_OR_KNOWING =
  /^(?:did|was|were|had|been|know|tell|see|decide|determine|remember|check|understand|learn|ask|find|notice|guess|recognize|predict|calculate|schedule|set|show|choose|sure|figure)$/;
/** "the cost of living", "the best frying oil": an activity in the middle of names is going on nowhere. */
function isNoun(words: readonly string[], index: number, kind: string): boolean {
  const [first = ""] = words;
  const previous = words[index - 1] ?? "";
  const next = words[index + 1] ?? "";
  if (previous === "of" || ROLES.has(previous)) return true;
  return (
    kind === "what" &&
    BE.has(first) &&
    next !== "" &&
    !ROLES.has(next) &&
    !DROPPED.has(next) &&
    classify(next, new Set()) === "content" &&
    !/ly$|^(?:here|there|now|well|fast|my|your|his|her|their|our|me|you|him|us|them|it)$/.test(next)
  );
}

const NAMED_ONLY = new Set(["what is", "explain", "define"]);
const BE = new Set("is are am be been being was were".split(" "));

/** Takes the verbs' endings and helpers off and notes what they said of time. */
function markVerbs(
  words: readonly string[],
  kind: string,
  names: ReadonlySet<string>,
): { marks: Mark[]; tense: string[] } {
  const tense: string[] = [];
  const marks: Mark[] = [];
  let helper: "" | "be" | "have" = "";
  const anybody = words.some(
    (word, index) => word === "i" && /^(?:do|can|could|should|would|must|if|when)$/.test(words[index - 1] ?? ""),
  );
  for (const [index, word] of words.entries()) {
    const previous = words[index - 1] ?? "";
    const next = words[index + 1] ?? "";
    if (word === "," || ROLES.has(word)) {
      if (word !== "by") helper = "";
      const purpose = word === "for" && baseForm(next).ending === "gerund";
      const condition = word === "when" && CONDITIONAL.has(kind) && !words.some((each) => PAST_OR_KNOWING.test(each));
      marks.push({ key: purpose ? "to" : condition ? "if" : word, word, class: "content", plural: false });
      continue;
    }
    if (BE.has(word)) {
      if (BE_PAST.has(word)) tense.push("past");
      helper = "be";
      continue;
    }
    if (word === "did") {
      tense.push("past");
      continue;
    }
    if (
      (word === "will" && !/^(?:a|the|my|your|his|her|their|living|of)$/.test(previous)) ||
      word === "shall" ||
      (word === "going" && next === "to" && helper === "be")
    ) {
      tense.push("future");
      continue;
    }
    if (
      /^(?:have|has|had)$/.test(word) &&
      words.slice(index + 1, index + 5).some((later) => later === "been" || /participle/.test(baseForm(later).ending))
    ) {
      tense.push(word === "had" ? "past perfect" : "perfect");
      helper = "have";
      continue;
    }
    if (FIRST_PERSON.has(word)) {
      // "Our" is "the" to whoever answers; "do I", "can I" ask on behalf of anybody.
      // Where one asks for oneself, what one has is "the" or "a".
      const implied =
        /^(?:our|we|us)$/.test(word) ||
        (word === "i" && /^(?:do|can|could|should|would|must)$/.test(previous)) ||
        (word === "my" && anybody);
      if ((!IMPERSONAL.has(kind) || words.includes("only")) && !implied)
        marks.push({ key: "~me", word, class: "person", plural: false });
      continue;
    }
    if (
      word === "your" &&
      !/^(?:favou?rite|own|best|personal)$/.test(next) &&
      words.slice(index + 1, index + 4).some((later) => OFFERED.has(baseForm(later).base))
    )
      continue;
    if (SECOND_PERSON.has(word)) {
      marks.push({ key: "~you", word, class: "person", plural: false });
      continue;
    }
    if (DROPPED.has(word) && !(word === "a" && next === "")) continue;
    if (
      word === "not" &&
      CLAUSAL.has(kind) &&
      !marks.some((mark) => ROLES.has(mark.word)) &&
      !(index < 2 && baseForm(next).ending === "gerund")
    ) {
      // "isn't it working" and "is it not working"
      marks.unshift({ key: "not", word, class: "negation", plural: false });
      continue;
    }
    const named = names.has(word);
    const { base, ending } = word.endsWith("~")
      ? ({ base: word.slice(0, -1), ending: "base" } as const)
      : baseForm(word);
    let key = base;
    if (word === "every" && !TIMES.test(next)) key = "all";
    if (/^[#%@$§]/.test(word) || word.endsWith("^")) key = word;
    // As a subject of its own the activity is not the deed: "sewing".
    else if (ending === "gerund" && NAMED_ONLY.has(kind) && next === "") key = word;
    else if (named) key = ending === "plural" ? base : word;
    else if (
      ending === "gerund" &&
      helper === "be" &&
      !/^(?:why|how|what is)$/.test(kind) &&
      !isNoun(words, index, kind)
    )
      tense.push("progressive");
    else if (
      word.endsWith("ing") &&
      ending === "base" &&
      ((kind === "how" && index === 0) || /^(?:for|to|before|after|by|without)$/.test(previous)) &&
      VERB_FOLLOWS.test(next)
    )
      key = verbOf(word);
    else if (ending === "past") tense.push("past");
    else if (ending !== "base" && ending !== "plural" && ending !== "gerund") {
      const adjective =
        /^(?:a|an|the|my|your|of|to|)$/.test(previous) && kind !== "who" && !(kind === "what" && index === 0);
      if (helper === "be") {
        if (!(kind === "when" && BY_ITSELF.has(base))) tense.push("passive");
      } else if (helper === "have") helper = "";
      else if (adjective || ROLES.has(previous)) key = word;
      else tense.push("past");
    }
    const owned = kind === "what" && words.slice(0, index).includes("of");
    const plural = ending === "plural" && key === base && !owned;
    const several = plural && kind === "do" ? `${key}+s` : key;
    marks.push({ key: several, word, class: classify(word, names), plural });
  }
  return { marks: joinPhrases(marks, kind), tense: tense.sort() };
}

/** What is a verb where a deed is asked about, and another word elsewhere. */
const FIRST_AS_VERB: ReadonlyMap<string, string> = new Map([
  ["lower", "reduce"],
  ["store", "store"],
  ["book", "reserve"],
  ["move", "move"],
  ["screenshot", "take screenshot"],
]);

/** Known phrases and synonyms become their one name. */
function joinPhrases(marks: readonly Mark[], kind: string): Mark[] {
  const joined: Mark[] = [];
  const bare = (mark: Mark) => mark.key.replace(/^[#%@](?=.)/, "").replace(/\+s$/, "");
  for (let index = 0; index < marks.length; index++) {
    const mark = marks[index];
    if (mark === undefined) continue;
    let taken = 1;
    let key = (index === 0 ? FIRST_AS_VERB.get(mark.key) : undefined) ?? mark.key;
    if (index === 0 && FIRST_AS_VERB.has(mark.key) && kind !== "what" && kind !== "do") {
      joined.push({ ...mark, key: FIRST_AS_VERB.get(mark.key) ?? key, word: key });
      continue;
    }
    for (let length = LONGEST_PHRASE.get(bare(mark)) ?? 0; length > 0; length--) {
      const part = marks.slice(index, index + length);
      if (part.length < length || (length === 1 && /^[#%@$§]/.test(mark.key))) continue;
      const name = SYNONYMS.get(part.map(bare).join(" "));
      if (name === undefined) continue;
      key = part.at(-1)?.key.endsWith("+s") ? `${name}+s` : name;
      taken = length;
      break;
    }
    const plural = marks[index + taken - 1]?.plural ?? false;
    const parts = key.split(" ");
    const role = taken > 1 && ROLES.has(parts[0] ?? "") && parts.length === 1;
    joined.push({ ...mark, key, plural, word: taken > 1 && !role ? key : mark.word });
    index += taken - 1;
  }
  return joined;
}

/** Sorts the marks under their roles. */
function gather(marks: readonly Mark[], kind: string): Phrase[] {
  const phrases: { role: string; tokens: Token[] }[] = [{ role: "", tokens: [] }];
  const main = phrases[0];
  if (main === undefined) return [];
  const particles: string[] = [];
  const symmetric = marks.some(({ word, key }) => SYMMETRIC.has(key) || SYMMETRIC.has(word));
  for (const mark of marks) {
    const current = phrases.at(-1) ?? main;
    const role = ROLES.get(mark.key) ?? (mark.word === mark.key ? ROLES.get(mark.word) : undefined);
    if (mark.key === ",") {
      if (current.role !== "") phrases.push({ role: ",", tokens: [] });
    } else if (role !== undefined) phrases.push({ role, tokens: [] });
    else if (mark.key === "vs" || mark.key === "versus") current.tokens.push({ key: "&", class: "content" });
    else if (mark.key === "and" || mark.key === "or")
      current.tokens.push({ key: mark.key === "and" ? "&" : "|", class: "content" });
    else current.tokens.push({ key: mark.key, class: mark.class });
  }
  for (const { role, tokens } of phrases) if (tokens.length === 0 && role !== "" && role !== ",") particles.push(role);
  for (const phrase of phrases) {
    // "get back the deposit" and "get the deposit back"
    if (phrase.role !== "back" || phrase.tokens.length === 0 || main.tokens.length !== 1) continue;
    main.tokens.push(...phrase.tokens.splice(0));
    particles.push("back");
  }
  for (const particle of particles) takeParticle(main.tokens, particle);
  joinPlace(main.tokens, phrases);
  joinRelation(main.tokens, phrases, kind);
  return settlePhrases(phrases, kind)
    .map(({ role, tokens }) => ({
      role,
      tokens: sortEquals(DEEDS.has(kind) ? tokens : relationFirst(tokens), symmetric, role),
    }))
    .sort((one, other) => compare(phraseText(one), phraseText(other)));
}

const WORLD = new Set(["world", "earth", "globe"]);
/** Of these there are none elsewhere. */
const ON_EARTH = new Set(
  "ocean mountain river country continent animal lake desert island city building volcano waterfall sea bird fish mammal insect snake tree".split(
    " ",
  ),
);

/** "the longest river in Africa" is "the longest river of Africa". */
function joinPlace(tokens: Token[], phrases: { role: string; tokens: Token[] }[]): void {
  if (
    !tokens.some(({ key, class: kind }) => kind === "comparison" && /est$|^most$|^least$|^worst$/.test(key)) ||
    tokens.some(({ key }) => key === "&" || key === "|")
  )
    return;
  const places = phrases.filter(
    ({ role, tokens }) => role === "in" || (role === "on" && tokens.every(({ key }) => WORLD.has(key))),
  );
  const [place] = places;
  if (tokens.some(({ key }) => ON_EARTH.has(key))) {
    const world = places.length === 1 && place?.tokens.length === 1 && WORLD.has(place.tokens[0]?.key ?? "");
    if (world) place.tokens.splice(0);
    const at = tokens.findIndex(({ key }) => WORLD.has(key));
    if (at > 0 && places.every(({ tokens }) => tokens.length === 0)) tokens.splice(at, 1);
  }
  if (
    place === undefined ||
    places.length > 1 ||
    place.role !== "in" ||
    place.tokens.some(({ class: kind }) => kind === "number" || kind === "date")
  )
    return;
  tokens.push(...place.tokens.splice(0));
}

/** There the first word is what is done, and nothing is asked of another thing. */
const DEEDS = new Set(["how", "can", "may", "must", "should"]);

/** "ideas for a party" are party ideas, "the weather in Rome" is Rome's. */
function joinRelation(tokens: Token[], phrases: { role: string; tokens: Token[] }[], kind: string): void {
  const [head] = tokens;
  if (head === undefined || tokens.length > 2 || DEEDS.has(kind)) return;
  const name = tokens.map(({ key }) => key.replace(/\+s$/, "")).find((key) => RELATIONS.has(key)) ?? "";
  const roles = FOR_RELATIONS.has(name) ? ["for"] : PLACE_RELATIONS.has(name) ? ["in"] : [];
  const [place, more] = phrases.filter(({ role }) => roles.includes(role));
  if (
    place === undefined ||
    more !== undefined ||
    place.tokens.some(
      ({ class: kind, key }) => kind === "number" || kind === "date" || kind === "unit" || key === "&" || key === "|",
    )
  )
    return;
  tokens.push(...place.tokens.splice(0));
}

/** "turn the light on" is "turn on the light". */
function takeParticle(tokens: Token[], particle: string): void {
  for (const [index, token] of tokens.entries()) {
    const name = SYNONYMS.get(`${token.key} ${particle}`);
    if (name === undefined) continue;
    tokens[index] = { ...token, key: name };
    return;
  }
  tokens.push({ key: `+${particle}`, class: "content" });
}

/** "flu symptoms" becomes "symptoms (of) flu". */
function relationFirst(tokens: readonly Token[]): readonly Token[] {
  const last = tokens.at(-1);
  const [offer] = tokens;
  if (offer?.key === "offer" && tokens.length > 2) return [offer, ...relationFirst(tokens.slice(1))];
  if (last === undefined || tokens.length < 2 || !RELATIONS.has(last.key.replace(/\+s$/, ""))) return tokens;
  if (tokens.slice(0, -1).some(({ key, class: kind }) => RELATIONS.has(key) || (kind !== "content" && kind !== "name")))
    return tokens;
  const [owner] = tokens;
  const country = tokens.length === 2 && owner !== undefined ? DEMONYMS.get(owner.key) : undefined;
  return country === undefined || owner === undefined
    ? [last, ...tokens.slice(0, -1)]
    : [last, { ...owner, key: country }];
}

/** Where the order says nothing ("between A and B", "which is better, A or B") it is always the same one. */
function sortEquals(tokens: readonly Token[], symmetric: boolean, role: string): readonly Token[] {
  const choice = tokens.some(({ key }) => key === "|");
  const compared = tokens.some(({ class: kind }) => kind === "comparison");
  if (!tokens.some(({ key }) => key === "&" || key === "|")) return tokens;
  if (!(role === "between" || symmetric || (choice && compared))) return sortNeighbours(tokens);
  const isHead = (token: Token) => token.class === "comparison" || SYMMETRIC.has(token.key);
  const head = tokens.filter(isHead);
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token.key === "&" || token.key === "|") parts.push([]);
    else if (!isHead(token)) parts.at(-1)?.push(token);
  }
  const text = (part: readonly Token[]) => part.map(({ key }) => key).join(" ");
  parts.sort((one, other) => compare(text(one), text(other)));
  return [
    ...head,
    ...parts.flatMap((part, index) =>
      index === 0 ? part : [{ key: choice ? "|" : "&", class: "content" as const }, ...part],
    ),
  ];
}

/** "buy or rent" is "rent or buy". */
function sortNeighbours(tokens: readonly Token[]): readonly Token[] {
  const sorted = [...tokens];
  for (const [index, { key }] of tokens.entries()) {
    const [before, after] = [sorted[index - 1], sorted[index + 1]];
    if (key !== "|" || before === undefined || after === undefined || before.key <= after.key) continue;
    sorted[index - 1] = after;
    sorted[index + 1] = before;
  }
  return sorted;
}

function phraseText({ role, tokens }: Phrase): string {
  return `${role}: ${tokens.map(({ key }) => key).join(" ")}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
