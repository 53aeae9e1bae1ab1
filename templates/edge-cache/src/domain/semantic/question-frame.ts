import { baseForm } from "./base-form.ts";
import { KINDS, POLITE, POLITE_END, WH } from "./frames.ts";
import { DOERS, MEASURES } from "./lexicon/relations.ts";
import { readFragment } from "./read-fragment.ts";
import { rewriteClause } from "./rewrite-clause.ts";

/** What kind of answer a sentence asks for, and what is left when the words that only say so are gone. */
export interface Framed {
  /** `what`, `who`, `when`, `where`, `why`, `how`, `how many`, `yes or no`, `can`, `must` …, or `do`: a request or a statement. */
  readonly kind: string;
  /** Lower-case words joined by a space. */
  readonly rest: string;
}

const FRONTED =
  /^((?:in|on|for|with|using|at|from|during|after|before|when|if|as|regarding|about|to|once|unless|while|because|since|without|by) [^,]+?) (?:, (?:then )?(?=\S)|(?=(?:what|why|who|which|how (?:do|can|to|does|many|much)|where|when) ))(.+)$/;
const MEASURED = new RegExp(`^how (${[...MEASURES.keys()].join("|")}) (is|are|was|were) (.+)$`);
const DOER = new RegExp(
  `^(?:who|what|which person) (?:is|was|were|are) (?:the )?(?:original )?(${[...DOERS.keys()].join("|")})s? of (.+)$`,
);
const DONE_BY = /^(?:by whom|who) (?:was|were) (.+?) (\S+ed|written|built|made|founded|sung|drawn)(?: by)?$/;

const MADE_BY = /^(.+) (?:is|was|were) (\S+ed|written|built|made|founded|sung|drawn) by (?:whom|who|which \w+)$/;
/** "a day" only where it cannot be a day of somebody's life. */
const PER =
  / (?:per|each|every|(?<=(?:#\S+|times|once|twice|much|many)(?: \S+){0,3} )an?|an?(?= (?:day|week|month|year|hour)$)) (day|week|month|year|hour)(?= |$)/g;
const UNIT_RATES: Readonly<Record<string, string>> = {
  day: "daily",
  week: "weekly",
  month: "monthly",
  year: "yearly",
  hour: "hourly",
};
const PASSIVE =
  /^(is|are|was|were) (.+?) (\S+(?:ed|en|[^aeiou]t|de|ld|ne|wn|id))((?: (?:in|on|at|for|from|with|into|to) .+)?)$/;
/** Of these it makes no difference who did it. */
const NO_AGENT = new Set(["when", "where", "how", "why"]);
const NO_PARTICIPLE = new Set(
  "located situated interested tired related married divorced bored excited scared used supposed need based begin begun started ended opened closed stopped changed called named".split(
    " ",
  ),
);

/** "When was it built" becomes "when did build~ it", as "when did they build it" does; the sign says that the verb has lost its ending. */
function activeVoice(kind: string, rest: string): string {
  if (kind === "where") rest = rest.replace(/ (?:located|situated)$/, "");
  if (!NO_AGENT.has(kind)) return rest;
  const passive = PASSIVE.exec(rest);
  if (passive === null) return rest.replace(/^(did|do|does) they (\w+)/, "$1 $2~");
  const [, be = "", subject = "", verb = "", rest_ = ""] = passive;
  const { base, ending } = baseForm(verb);
  if (!/participle/.test(ending) || (kind !== "how" && NO_PARTICIPLE.has(verb)) || /(?:^| )not(?: |$)/.test(subject))
    return rest;
  return `${/^w/.test(be) ? "did" : "do"} ${base}~ ${subject}${rest_}`;
}

/** Reads the frame of one sentence. Pure text work on what `splitMessage` gave. */
export function frameQuestion(words: readonly string[]): Framed {
  let text = words
    .join(" ")
    .replace(/ ,(?= ,)/g, "")
    .replace(/^(?:, )+| ,$/g, "");
  for (let before = ""; before !== text; ) {
    before = text;
    for (const frame of POLITE) text = text.replace(frame, "");
    text = text.replace(/^, /, "").replace(POLITE_END, "");
  }
  text = rewriteClause(text);
  const fronted = FRONTED.exec(text);
  if (
    fronted !== null &&
    new RegExp(`^(?:${WH}|is|are|do|does|did|can|could|should|will|would|tell|explain|give|list|show|describe) `).test(
      fronted[2] ?? "",
    )
  ) {
    const inner = frameQuestion((fronted[2] ?? "").split(" "));
    return { kind: inner.kind, rest: `${inner.rest} , ${fronted[1]}` };
  }
  const measured = MEASURED.exec(text);
  if (measured !== null)
    return { kind: "what", rest: `${measured[2]} ${MEASURES.get(measured[1] ?? "")} of ${measured[3]}` };
  const doer = DOER.exec(text);
  // Whoever made it made it once: "is the author" and "was the author" ask for the same.
  if (doer !== null) return { kind: "who", rest: `did ${DOERS.get(doer[1] ?? "")} ${doer[2]}` };
  const doneBy = /^by whom|by$/.test(text) ? DONE_BY.exec(text) : null;
  if (doneBy !== null) return { kind: "who", rest: `${doneBy[2]} ${doneBy[1]}` };
  text = text.replace(/ (good|bad) for (?:you|your health|me|us|people|the health)$/, (_, quality: string) =>
    quality === "good" ? " healthy" : " unhealthy",
  );
  // "tell me what it is" has come to be "what it is".
  text = text.replace(
    /^(what|who|where) (?!is |are |was |were |do |does |did |can |could |should |would |will )(.+) (is|are|was|were)$/,
    "$1 $3 $2",
  );
  const madeBy = MADE_BY.exec(text);
  if (madeBy !== null) return { kind: "who", rest: `${madeBy[2]} ${madeBy[1]}` };
  text = text.replace(PER, (_, unit: string) => ` ${UNIT_RATES[unit] ?? unit}`);
  for (const [frame, kind, replacement] of KINDS) {
    if (frame.test(text)) return { kind, rest: activeVoice(kind, text.replace(frame, replacement ?? "").trim()) };
  }
  const meant = readFragment(text);
  if (meant?.startsWith("~topic ")) return { kind: "topic", rest: meant.slice("~topic ".length) };
  return meant === undefined ? { kind: "do", rest: text } : frameQuestion(meant.split(" "));
}
