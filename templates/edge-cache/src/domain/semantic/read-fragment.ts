import { baseForm, verbOf } from "./base-form.ts";
import { DEED_OF, OWN_WORK, PERSONS, SORTING, STATES, TASKS } from "./lexicon/deeds.ts";
import { BE_PAST, DROPPED, ROLES } from "./lexicon/function-words.ts";
import { TOOLS } from "./lexicon/tools.ts";

const DETERMINER = /^(?:an?|the|my|your|our|this|that|#\S+|someone|somebody)$/;
/** Begin an order to the assistant, or say nothing of their own. */
const NOT_TOPICS =
  /^(?:write|make|create|generate|give|list|translate|summarize|convert|calculate|compute|solve|draft|compose|recommend|suggest|find|show|tell|help|compare|describe|explain|define|answer|act|play|sing|read|rewrite|correct|proofread|paraphrase|rephrase|continue|imagine|pretend|design|plan|book|order|buy|call|send|open|close|stop|start|turn|put|take|get|go|come|do|let|yes|no|ok|more|again|same|other|another|nothing|all|some|any|fix|debug|refactor|optimize|improve|add|delete|remove|sort|reverse|count|sum|print|draw|paint|search|look|check|test|use|keep|try|run|eat|drink|sleep|note|remember|forget|wait|mind|meet|state|name|round|divide|multiply|subtract|what|who|when|where|why|how|which|whose)$/;
const HELPER =
  /^(?:can|could|should|would|will|must|may|might|did|has|have|had|not|no|never|and|or|if|i|you|he|she|it|we|they)$/;
const WISH =
  /^(?:i|we) (?:(?:really |just |also )?(?:want|need|wish|would like|would love|have|plan|am trying|am looking|am hoping|was trying|was hoping|tried|try) to|am about to|(?:do not|did not) know how to) (\S+) (.+)$/;
/** Beside a tool's name these are typed for the way to do it. */
const CODE_WORK = new Set(
  "list loop compare split reverse sort merge join count filter find replace read parse round sum iterate map throw catch call check get concatenate".split(
    " ",
  ),
);
const CREATING = new Set("write make create generate use edit build run set send prepare".split(" "));
/** Phrasal verbs whose first word says nothing yet. */
const PARTICLE = /^(?:up|off|on|in|out|down|back|over|rid|away)$/;

/** What is typed into a search box instead of a question, as the question that it stands for; nothing when it may stand for many. */
export function readFragment(text: string): string | undefined {
  const readers = [usual, topicFirst, toolFirst, wish, versus, whyLast, superlative, deed, command, topic];
  for (const read of readers) {
    const question = read(text);
    if (question !== undefined) return question;
  }
  return undefined;
}

/** "git, undo a commit", "Excel: how to …" */
function topicFirst(text: string): string | undefined {
  const found = /^(?:in )?(\S+) , (?:how |what |which |where |why |can |is )?(.+)$/.exec(text);
  const [, tool = "", rest = ""] = found ?? [];
  if (!TOOLS.has(tool) || rest.includes(",")) return undefined;
  return `${text.slice(text.indexOf(",") + 2)} in ${tool}`;
}

/** "normal blood pressure range" */
function usual(text: string): string | undefined {
  const found = /^(?:the )?(normal|average|typical|ideal|healthy) (.+?)(?: (?:range|level|value)s?)?$/.exec(text);
  const [, usual = "", what = ""] = found ?? [];
  return found !== null && what.split(" ").every(isNominal) ? `what is a ${usual} ${what}` : undefined;
}

/** "python parse json" */
function toolFirst(text: string): string | undefined {
  const found = /^(\S+) ([a-z]+(?:ing)? .+)$/.exec(text);
  const [, tool = "", rest = ""] = found ?? [];
  if (!TOOLS.has(tool) || / in /.test(rest)) return undefined;
  const way = command(`${rest} in ${tool}`) ?? deed(rest);
  return way === undefined ? undefined : way.endsWith(` in ${tool}`) ? way : `${way} in ${tool}`;
}

/** "office wifi password" asks what it is. */
function topic(text: string): string | undefined {
  const parts = text.split(" ");
  const plain = parts.filter((word) => !/^(?:of|the|an?|for|in|on)$/.test(word));
  const [first = "", second = ""] = parts;
  if (parts.length > 7 || !plain.every((word) => isNominal(word) && /^[a-z$#^.'+-]/.test(word))) return undefined;
  if (/^(?:of|for|in|on|and)$/.test(first) || /^(?:of|for|in|on|the|an?)$/.test(parts.at(-1) ?? "")) return undefined;
  if (PERSONS.has(first) || plain.some((word) => /ing$|ed$/.test(word) && /gerund|past/.test(baseForm(word).ending)))
    return undefined;
  if (/^(?:an?|the)$/.test(second) || first === "the" || NOT_TOPICS.test(first)) return undefined;
  return `~topic ${text.replace(/^(?:the|an?) /, "")}`;
}

/** "I need to change my plan" */
function wish(text: string): string | undefined {
  const found = WISH.exec(text);
  const [, verb = "", rest = ""] = found ?? [];
  if (found === null || !TASKS.has(verb) || OWN_WORK.has(verb) || /^(?:it|this|that|them)$| , /.test(rest))
    return undefined;
  return `how to ${verb} ${rest}`;
}

function versus(text: string): string | undefined {
  const found = /^(.+) (?:vs|versus) (.+)$/.exec(text);
  const [, one = "", other = ""] = found ?? [];
  const plain = (part: string) =>
    part !== "" &&
    part.split(" ").length < 5 &&
    part.split(" ").every((word) => isNominal(word) || word === "the" || word === "a");
  return plain(one) && plain(other) ? `what is the difference between ${one} and ${other}` : undefined;
}

/** "screen stays black, why?" */
function whyLast(text: string): string | undefined {
  const found =
    /^(?!why |how |what )(.+?) (?:, )?(?:why|how come)(?: is (?:that|this)| does (?:that|this|it) happen)?$/.exec(text);
  return found === null ? undefined : `why ${found[1]?.replace(/ ,$/, "")}`;
}

function superlative(text: string): string | undefined {
  return /^(?:the )?(?:[a-z]{2,}est|best|worst|most \S+|least \S+) (?:\S+ )*\S+$/.test(text) &&
    !/^(?:test|rest|west|guest|forest|request|nest|quest|latest|interest|suggest|invest|digest|contest|harvest|protest|arrest)\b/.test(
      text,
    )
    ? `what is the ${text.replace(/^the /, "")}`
    : undefined;
}

/** "passport renewal", "installation of Docker", "changing a tyre" */
function deed(text: string): string | undefined {
  const parts = text.split(" ");
  const [first = "", second = ""] = parts;
  const adverb = /^([a-z]{3,}ly) ([a-z]+ing .+)$/.exec(text);
  if (adverb !== null) return deed(`${adverb[2]} ${adverb[1]}`);
  const { base, ending } = baseForm(first);
  if (ending === "base" && DETERMINER.test(second) && TASKS.has(verbOf(first)) && first !== verbOf(first))
    return `how to ${verbOf(first)} ${parts.slice(1).join(" ")}`;
  if (ending === "gerund" && parts.length > 1) {
    if (
      STATES.has(base) ||
      /^(?:is|are|was|were|it)$/.test(second) ||
      / (?:is|are|was|were|will|can|should) /.test(text)
    )
      return undefined;
    const certain = DETERMINER.test(second) || (PARTICLE.test(second) && parts.length > 2);
    const rest = parts
      .slice(1)
      .join(" ")
      .replace(/(?<=^| )your(?= )/g, "my");
    if (certain || !SORTING.has(base) || parts.length > 2) return `how to ${base} ${rest}`;
  }
  const of = /^(?:the )?(\S+) of (.+)$/.exec(text);
  const noun = DEED_OF.get(of?.[1] ?? "");
  if (noun !== undefined && noun !== of?.[1]) return `how to ${noun} ${of?.[2]}`;
  const tail = /^((?:\S+ ){1,4}?)(\S+)((?: (?:in|on|for|with|from|to|at) .+)?)$/.exec(text);
  const [, object = "", last = "", rest = ""] = tail ?? [];
  const verb =
    DEED_OF.get(last) ??
    (baseForm(last).ending === "gerund" && TASKS.has(baseForm(last).base) ? baseForm(last).base : undefined);
  if (verb === undefined || !object.trim().split(" ").every(isNominal) || TASKS.has(object.split(" ")[0] ?? ""))
    return undefined;
  return `how to ${verb} ${object.trim()}${rest}`;
}

/** "undo git push", "kill process on port 3000": no article, so nobody is told to do it. */
function command(text: string): string | undefined {
  const parts = text.split(" ");
  const [verb = "", next = ""] = parts;
  const code = parts.some((word) => TOOLS.has(word));
  const known = TASKS.has(verb) || (code && CODE_WORK.has(verb));
  if (!known || (code ? CREATING : OWN_WORK).has(verb) || parts.length < 2 || HELPER.test(next)) return undefined;
  const told = parts.some(
    (word) => (DETERMINER.test(word) && !(code && /^an?$/.test(word))) || word === "," || HELPER.test(word),
  );
  return told ? undefined : `how to ${text}`;
}

function isNominal(word: string): boolean {
  return (
    word !== "" && word !== "," && !ROLES.has(word) && !DROPPED.has(word) && !BE_PAST.has(word) && !HELPER.test(word)
  );
}
