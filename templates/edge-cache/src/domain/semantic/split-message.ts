import { LETTERED, NAMES_TOO, SHOUTED_NAMES } from "./lexicon/function-words.ts";
import { SPELLING, withZ } from "./lexicon/spelling.ts";
import { DAYS, MONTHS, NUMBER_WORDS, SCALES, UNITS } from "./lexicon/units.ts";

/** A message cut into sentences of words. A word's first sign tells its class where that is certain:
 * `#` number, `%` unit, `@` date, `$` version or identifier, `§` literal text or code; `^` at its end: written large where that matters. */
export interface SplitMessage {
  readonly sentences: readonly (readonly string[])[];
  /** Words that were written as names, in lower case. */
  readonly names: ReadonlySet<string>;
}

const CODE = /```[\s\S]*?```|`[^`]+`/g;
const QUOTED = /"([^"]{1,500})"|(?<=^|\s)'([^']{1,500})'(?=$|[\s?.!,;:])/g;
const ADDRESS = /(?:https?:\/\/|www\.)\S+?(?=[?.,!;:)]*(?:\s|$))|[\w.+-]+@[\w-]+\.[\w.]*\w/g;
/** A full stop after these ends no sentence. */
const ABBREVIATION = /^(?:vs|dr|mr|mrs|ms|st|no|e\.g|i\.e|etc|approx|inc|ltd|u\.s|u\.k|[a-z])\.$/i;
const UNIT_BY_NUMBER_ONLY = new Set(
  "second seconds people person persons foot feet yard yards pound pounds bar bit bits cup cups min mins degree degrees day days week weeks month months year years minute minutes hour hours decade decades century centuries ton tons $ ° db mi ml bar sms yen cent cents percentage".split(
    " ",
  ),
);
const IS_SHORT = new Set("what who where when why how that there it here he she this which".split(" "));

/** Words of a text, numbers and units in one form; nothing is left out yet. */
export function splitMessage(text: string): SplitMessage {
  const names = new Set<string>();
  const literals: string[] = [];
  const keep = (literal: string) => ` §${encodeURIComponent(literal)} `;
  const plain = text
    .replace(CODE, (code) => keep(code))
    .replace(QUOTED, (_, double?: string, single?: string) =>
      keep((double ?? single ?? "").trim().replace(/\s+/g, " ")),
    )
    .replace(ADDRESS, (address) => keep(address))
    .replace(/\s*[—–]\s*/g, ", ")
    .replace(/(?<=\p{L}{3})\s-+\s(?=\p{L}{3})/gu, ", ")
    .replace(/(?<=\p{L})(?:…|\.{3,})/gu, " ");
  const prose = plain.replace(/§\S+/g, "");
  const mixed = /[a-z]/.test(prose);
  const lowercase = prose.match(/(?<=\s)[a-z]{3,}/g)?.length ?? 0;
  const carefulCase = mixed && /^\W*[A-Z]/.test(prose) && lowercase > 0;

  const sentences: string[][] = [];
  for (const line of plain.split(/\n+/)) {
    let sentence: string[] = [];
    for (const piece of line.split(/\s+/)) {
      if (piece === "") continue;
      if (piece.startsWith("§")) {
        sentence.push(piece);
        literals.push(piece);
        continue;
      }
      if (isSymbol(piece, line)) {
        sentence.push(`§${encodeURIComponent(piece)}`);
        continue;
      }
      const core = piece
        .replace(/^[("'¿¡]+/, "")
        .replace(/[)"',;:!?]+$|(?<!^\.?)\.+[)\]"']*$/g, "")
        .replace(/[?!.]+$/, "");
      if (core !== "") pushWord(core, sentence, { mixed, carefulCase, names });
      if (/[,;:][)"']*$/.test(piece)) sentence.push(",");
      const ends = /[?!][)"']*$/.test(piece) || (/\.[)"']*$/.test(piece) && !ABBREVIATION.test(piece));
      if (ends && sentence.length > 0) {
        sentences.push(joinNumbers(sentence));
        sentence = [];
      }
    }
    if (sentence.length > 0) sentences.push(joinNumbers(sentence));
  }
  return { sentences, names };
}

/** Signs that stand alone are asked about, unless they only end the line; so are brackets, and the mark in "5!". */
function isSymbol(piece: string, line: string): boolean {
  if (/^\d+![?.]?$/.test(piece) || /^[a-z]'+$/i.test(piece)) return true;
  if (/[\p{L}\p{N}]/u.test(piece)) return false;
  return (
    /[()[\]{}]/.test(piece) ||
    !(/^[?!.,]+$/.test(piece) && line.trimEnd().endsWith(piece)) ||
    line.split(piece).length > 2
  );
}

interface Casing {
  readonly mixed: boolean;
  readonly carefulCase: boolean;
  readonly names: Set<string>;
}

function pushWord(core: string, sentence: string[], casing: Casing): void {
  const first = sentence.length === 0;
  const lower = core.toLowerCase();
  if (/\d/.test(core)) {
    pushNumber(core, lower, sentence);
    return;
  }
  if (casing.mixed && core === core.toUpperCase() && SHOUTED_NAMES.has(lower) && /^[A-Z]+$/.test(core)) {
    const before = sentence.at(-1) ?? "";
    const name =
      core === "I" || lower === "not" ? LETTERED.has(before) : core === "A" ? !first : core.length > 1 || !first;
    // Emphasis ("do NOT") is no name; whether "WHO" is one only the writer knows, so it never passes for "who".
    sentence.push(name ? `${lower}^` : lower);
    return;
  }
  if (LETTERED.has(sentence.at(-1) ?? "") && /^[a-z]$/.test(lower)) {
    sentence.push(`${lower}^`);
    return;
  }
  if (/^[A-Z]{2,}s$/.test(core) && casing.mixed) {
    if (!first) casing.names.add(lower.slice(0, -1));
    sentence.push(lower.slice(0, -1));
    return;
  }
  // "5 M" is not "5 m".
  if (/^[A-Z]$/.test(core) && (sentence.at(-1) ?? "").startsWith("#")) {
    sentence.push(`$${core}`);
    return;
  }
  // Megabits, not megabytes.
  if (/^[KMGT]b(?:ps)?$/.test(core)) {
    sentence.push(`$${core}`);
    return;
  }
  const capital = !first && /^\p{Lu}/u.test(core);
  if (capital && casing.mixed) casing.names.add(lower.replace(/['’]s$/, ""));
  if (capital && casing.carefulCase && NAMES_TOO.has(lower)) {
    sentence.push(`${lower}^`);
    return;
  }
  if (/^[A-Za-z]+[a-z][A-Z]\w*$|^\w*[a-z]_\w+$/.test(core) && !/^(?:[A-Z][a-z]+){2}$/.test(core))
    casing.names.add(lower);
  const spelled = SPELLING.get(lower);
  for (const word of spelled === undefined ? [lower] : spelled.split(" ")) pushContracted(word, sentence);
}

function pushContracted(word: string, sentence: string[]): void {
  const short = /^(.+?)(n't|'re|'ve|'ll|'m|'d|'s|s')$/.exec(word);
  if (short === null) {
    sentence.push(...calendar(withZ(word)));
    return;
  }
  const [, base = "", ending] = short;
  if (ending === "n't") sentence.push({ ca: "can", wo: "will", sha: "shall", ai: "is" }[base] ?? base, "not");
  else if (ending === "'s" && base === "let") sentence.push("let", "us");
  else if (ending === "'s" && IS_SHORT.has(base)) sentence.push(base, "is");
  else if (ending === "'s") sentence.push(withZ(base), "'s");
  else if (ending === "s'") sentence.push(`${base}s`, "'s");
  else
    sentence.push(base, { "'re": "are", "'ve": "have", "'ll": "will", "'m": "am", "'d": "would" }[ending ?? ""] ?? "");
}

function calendar(word: string): string[] {
  // "may", "march", "sun", "second" are other words too.
  const date = /^(?:may|march|mar|dec|now|sept?|jun)$/.test(word) ? undefined : (MONTHS.get(word) ?? DAYS.get(word));
  if (date !== undefined) return [`@${date}`];
  const unit = UNIT_BY_NUMBER_ONLY.has(word) ? undefined : UNITS.get(word);
  return [unit === undefined ? word : `%${unit}`];
}

const KNOWN = /^(?:2fa|co2|h2o|k8s|covid-19|ww[12])$|^\d-?(?:factor|step)$/;

const ORDINALS: Readonly<Record<string, string>> = {
  "1st": "first",
  "2nd": "second",
  "3rd": "third",
  "4th": "fourth",
  "5th": "fifth",
};

function pushNumber(core: string, lower: string, sentence: string[]): void {
  // Known shortenings stay words, so that they meet their long form.
  if (KNOWN.test(lower)) {
    sentence.push(lower);
    return;
  }
  const ordinal = ORDINALS[lower];
  if (ordinal !== undefined) {
    sentence.push(ordinal);
    return;
  }
  if (/^\d{4}-\d{2}-\d{2}$|^\d{1,2}\/\d{1,2}\/\d{2,4}$|^\d{1,2}:\d{2}(?::\d{2})?$|^\d{4}s$/.test(lower))
    return void sentence.push(`@${lower}`);
  if (/^v?\d+(?:\.\d+){2,}\S*$|^v\d\S*$/.test(lower)) {
    sentence.push(`$${lower.replace(/^v/, "")}`);
    return;
  }
  const number = /^([$€£¥₹])?([-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-+]?\d*\.?\d+)(%|°?[A-Za-z/]*|[$€£¥₹])$/.exec(core);
  if (number === null) {
    sentence.push(...identifier(core, lower));
    return;
  }
  const [, currency, digits = "", tail = ""] = number;
  const value = digits.replaceAll(",", "");
  const unit =
    /^[kmgt]b$/i.test(tail) && /[a-z]/.test(tail) && /[A-Z]/.test(tail) ? undefined : UNITS.get(tail.toLowerCase());
  if (tail === "") sentence.push(`#${value}`);
  else if (unit !== undefined && tail.length !== 1) sentence.push(`#${value}`, `%${unit}`);
  else if (tail === "%" || UNITS.has(tail) || tail === "$") sentence.push(`#${value}`, `%${UNITS.get(tail) ?? tail}`);
  else if (/^(?:am|pm)$/i.test(tail)) sentence.push(`@${lower}`);
  else if (tail.length === 1) sentence.push(`#${value}${tail === "K" ? "k" : tail}`);
  else sentence.push(`$${lower}`);
  if (currency !== undefined) sentence.push(`%${UNITS.get(currency) ?? currency}`);
}

/** Letters and digits in one: a name such as "iphone15" or "2fa", or a range. */
function identifier(core: string, lower: string): string[] {
  const range = /^(\d+)-(\d+)$/.exec(lower);
  if (range !== null) return [`#${range[1]}`, "to", `#${range[2]}`];
  const measured = /^(\d+)-([a-z]+)$/.exec(lower);
  const unit = UNITS.get(measured?.[2] ?? "");
  if (measured !== null && unit !== undefined) return [`#${measured[1]}`, `%${unit}`];
  return [`$${/[a-z]\d|\d[a-z]|-/i.test(core) ? lower : core}`];
}

/** Numbers in words become digits, a unit behind a number its one name, a month beside a number a date. */
function joinNumbers(sentence: readonly string[]): string[] {
  const joined: string[] = [];
  for (let index = 0; index < sentence.length; index++) {
    const word = sentence[index] ?? "";
    const previous = joined.at(-1) ?? "";
    const next = sentence[index + 1] ?? "";
    const [value, taken] = spelledNumber(sentence, index);
    if (
      taken > 0 &&
      !(
        word === "one" &&
        /^(?:which|this|that|the|no|any|each|every|another|do|does|can|could|should|would|must|might|may|did)$/.test(
          previous,
        )
      ) &&
      !/^world$|^(?:factor|step)$/.test(next)
    ) {
      joined.push(`#${value}`);
      index += taken - 1;
    } else if (previous.startsWith("#") && UNITS.has(word)) joined.push(`%${UNITS.get(word)}`);
    else if (previous.startsWith("#") && SCALES.has(word))
      joined[joined.length - 1] = `#${Number(previous.slice(1)) * (SCALES.get(word) ?? 1)}`;
    else if (MONTHS.has(word) && (previous.startsWith("#") || next.startsWith("#") || previous === "in"))
      joined.push(`@${MONTHS.get(word)}`);
    else if (previous.startsWith("python") && word.startsWith("$")) joined.push(word);
    else joined.push(word);
  }
  return joined;
}

function spelledNumber(sentence: readonly string[], start: number): [value: number, taken: number] {
  let total = 0;
  let current = 0;
  let taken = 0;
  for (let index = start; index < sentence.length; index++) {
    const word = sentence[index] ?? "";
    const parts = /^[a-z]+-[a-z]+$/.test(word) ? word.split("-") : [word];
    const values = parts.map((part) => NUMBER_WORDS.get(part));
    const scale = SCALES.get(word);
    if (values.every((value) => value !== undefined)) {
      // "five six" are two numbers, "fifty six" is one.
      if (taken > 0 && current % 10 !== 0) break;
      if (taken > 0 && current % 100 !== 0 && (values[0] ?? 0) > 9) break;
      current += values.reduce((sum, value) => sum + (value ?? 0), 0);
    } else if (scale !== undefined && taken > 0) {
      if (scale === 100) current *= 100;
      else {
        total += current * scale;
        current = 0;
      }
    } else break;
    taken = index - start + 1;
  }
  return [total + current, taken];
}
