import { baseForm, verbOf } from "./base-form.ts";
import { ANYBODYS, CHOICES, COOKED, PERSONS } from "./lexicon/deeds.ts";
import { AMOUNTS, SERVICES } from "./lexicon/relations.ts";

type Rewrite = readonly [RegExp, string | ((...found: string[]) => string)];

const ADJECTIVE =
  "(?:good|normal|typical|ideal|suitable|healthy|common|reasonable|acceptable|average|appropriate|decent|fair|standard)";
const JUDGED =
  "(?:safe|unsafe|dangerous|harmful|healthy|unhealthy|legal|illegal|possible|impossible|necessary|hard|difficult|easy|worth it|a good idea|a bad idea|bad|good)";
const MANNERS: ReadonlyMap<string, string> = new Map([
  ["quick", "quickly"],
  ["fast", "quickly"],
  ["safe", "safely"],
  ["easy", "easily"],
  ["simple", "easily"],
  ["cheap", "cheaply"],
]);
const WH = "(?:how(?: often| long| frequently)?|when|where)";
const MODAL = "(?:should|can|could|must|may|might)";
const ANYONE = "(?:one|you|we|a person|people|someone|somebody|an adult person)";

/** Ways to build a sentence that say nothing of their own, each to the one that the frames know. In order; each where it fits. */
const REWRITES: readonly Rewrite[] = [
  [/(?<= )in order to(?= )|(?<= )so as to(?= )/g, "to"],
  [/(?<= )so (?:that )?i can(?= )/g, "to"],
  [
    /^(at|in|on|for|by|to|from|with|of|under|about) ((?:what|which) (?!(?:year|place|time|location|reason|case|way)\b).+)$/,
    "$2 $1",
  ],
  [
    /^what (is|are) (?:generally |usually |commonly )?(?:considered|regarded as|deemed)(?: to be)? (?:an? |(?=(?:good|normal|typical|ideal|safe|healthy|average|high|low) ))/,
    "what $1 a ",
  ],
  [new RegExp(`^(?:what|which) ((?:[a-z'-]+ ){1,3}?)(?:is|are) (${ADJECTIVE})( .*)?$`), "what is a $2 $1$3"],
  [/^when (is|was) (?=the best time )/, "what $1 "],
  [/(?<=\b(?:time|month|season)) (?:of (?:the )?year )?to (?:go to|travel to|visit) /, " to visit "],
  [/(?<=\btime) of (?:the )?year to /, " to "],
  // "holding in a sneeze is dangerous"
  [
    new RegExp(`^(?:is|are) ([a-z]+ing) ((?:\\S+ )+?)(?:really )?(${JUDGED})$`),
    (whole, verb, object, judged) =>
      baseForm(verb).ending === "gerund" ? `is it ${judged} to ${baseForm(verb).base} ${object.trim()}` : whole,
  ],
  [new RegExp(`^((?:what|which|when|where|who|how) .*?|(?:when|where|who|how) )(should|must) ${ANYONE} `), "$1$2 i "],
  [
    /^(how (?:long|often|many \S+|much \S+|early|frequently)|how much) do (?:you|we|people) (need|have) to /,
    "$1 do i $2 to ",
  ],
  [
    /^(how (?:long|often|frequently|early)(?: before .+?)?) (?:do|does) (.+?) (?:need|have|ought) to (?=[a-z])/,
    "$1 should $2 ",
  ],
  [
    /^(how (?:many|much) ?.*?|what) (?:do|does) (.+?) need to (?!pay|tip|spend|charge|owe|give|deposit|contribute|know|do\b)(?=[a-z])/,
    "$1 should $2 ",
  ],
  [/^(what|where|when|who|whom|how much|how many \S+|which \S+) to (?=[a-z]{2,} ?)/, "$1 should i "],
  // "how often should the oil be changed"
  [
    new RegExp(`^(${WH}) (${MODAL}) (?!there )(.+?) be (?:properly )?(\\S+)( .*)?$`),
    (whole, wh, modal, subject, verb, rest = "") => active(whole, `${wh} ${modal} i`, subject, verb, rest),
  ],
  [
    /^(?:can|could|may) (?!there )(.+?) be (\S+)( .*)?$/,
    (whole, subject, verb, rest = "") => active(whole, "can i", subject, verb, rest),
  ],
  [/^what temperature do (?:you|i|we) /, "what temperature should i "],
  [/^what (?:can|could|should|do) i use (?:instead|in place) of /, "what is substitute-for of "],
  [
    /^what (?:can|could|should|do) i (?:substitute|use as an? (?:substitute|replacement)) for /,
    "what is substitute-for of ",
  ],
  [/^what (?:can|could|should|do) i (?:substitute|replace) (.+) with$/, "what is substitute-for of $1"],
  [
    /^(?:what is |what are )(?:an? |the |some |any )?(?:good |possible )?(?:substitute|replacement|alternative)s? (?:for|of) /,
    "what is substitute-for of ",
  ],
  [/^(?:what is )?(?:an? |the )?(?:good )?((?!an? |the |good )[a-z]+) substitute$/, "what is substitute-for of $1"],
  [/^is it (?:better|best|smarter|wiser) to (.+ or .+)$/, "should i $1"],
  [/^how should i (\S+)(?= )/, (whole, verb) => (CHOICES.has(verb.replace("~", "")) ? whole : `how do i ${verb}`)],
  [
    new RegExp(`^how long should (?!i )(.+?) (${COOKED})( .*)?$`),
    (_, subject, verb, rest = "") => `how long should i ${verb} ${subject}${rest}`,
  ],
  [
    /^what is the (?:right |best |correct |usual )?([a-z]+ing) time (?:for|of) (.+)$/,
    (whole, verb, object) => cooked(whole, verb, object),
  ],
  [
    /^what is the (?:right|best|correct|ideal|proper) temperature (?:for|to) ([a-z]+) (.+)$/,
    (_, verb, object) => `what temperature should i ${baseForm(verb).base} ${object} at`,
  ],
  // "Is blood pressure raised by coffee", "what is covered by the plan"
  [
    /^(is|are|was|were) (?!it |there )(.+) (\S+) by (?!\S+ing |[@#%]|now|then|far|chance|accident|mistake|default|hand|law)(.+)$/,
    (whole, be, object, verb, doer) => {
      const { base, ending } = baseForm(verb);
      return /participle/.test(ending) ? `${/^w/.test(be) ? "did" : "does"} ${doer} ${base}~ ${object}` : whole;
    },
  ],
  [
    /^what (is|are|was|were) (\S+) by (?!\S+ing |[@#%]|now|then|far|chance|accident|mistake|default|hand|law)(.+)$/,
    (whole, be, verb, doer) => {
      const { base, ending } = baseForm(verb);
      return /participle/.test(ending) ? `what ${/^w/.test(be) ? "did" : "does"} ${doer} ${base}~` : whole;
    },
  ],
  [/^(?:is|are) (.+) included (?:in|with) (.+)$/, "does $2 include $1"],
  [
    /^(?:is|are) (?:there )?((?:an? |any )?[^#]+?) (?:needed|required|necessary|mandatory)(?= (?:to|for|in|at|when)\b|$)/,
    "do i need $1",
  ],
  [/^(?:must|should) i have (?=an? )/, "do i need "],
  [/^(?:must i|do i (?:have|need) to) (?:get|have|obtain|possess) (?=an? )/, "do i need "],
  [
    /^(?:what|which) ((?:[a-z'-]+ ){1,3}?)(?:is|are) (?:needed|required|necessary)(?: (?:in order )?(?=to |for )|$)/,
    "what $1do i need ",
  ],
  // "my laptop won't start, what can I do?"
  [
    /^(.+?) (?:, )+(?:and )?(?:so )?what (?:can|could|should|do|must) i do(?: about (?:it|this|that))?(?: now)?$/,
    (_, what) => `what should i do if ${present(what)}`,
  ],
  [
    /^((?:my |the )?\S+ (?:\S+ )?(?:will|does|do|is|are|not) (?:\S+ ){1,4}), help(?: me)?$/,
    (_, what) => `what should i do if ${present(what)}`,
  ],
  [
    /^what (?:can|could|do|must|should|to) (?:i )?(?:do )?(?:do )?(?:if|when|in case) (.+)$/,
    (_, what) => `what should i do if ${present(what)}`,
  ],
  [
    /^what (?:are|is) the consequences? (?:of|for|if i) (?:not )?([a-z]+ing) (.+)$/,
    (whole, verb, rest) => (/ not /.test(whole) ? whole : `what happens if i ${baseForm(verb).base} ${rest}`),
  ],
  [/^(?:what|which) things (?=(?:do|does|did|should|can|are|is) )/, "what "],
  [/^what is the (?:total )?number of (.+?) (?:that )?i should (.+)$/, "how many $1 should i $2"],
  [/(?<= )(?:see|determine|verify|test|find out|tell) (?:if|whether) /, "check if "],
  [/(?<= )check whether /, "check if "],
  [
    new RegExp(`^how (?:high|big|large|low|much) (is|are|was|were) (?:the )?(${AMOUNTS}) (of|in|for) `),
    "what $1 the $2 $3 ",
  ],
  [
    /^(?:what|which) (currency|language|alphabet|time zone|religion|plug type|voltage) (?:is|are) (?:used|spoken|practiced) in (.+)$/,
    "what is the $1 of $2",
  ],
  [
    /^(?:what|which) (currency|language|alphabet|time zone|voltage) (?:do (?:they|people) (?:use|speak) in (.+)|does (.+) (?:use|have))$/,
    (_, noun, one = "", other = "") => `what is the ${noun} of ${one}${other}`,
  ],
  [/distance from (.+) to (.+)$/, "distance between $1 and $2"],
  [/^(?:is|are) there (?:an? |any )?(.+)$/, (whole, what) => (offered(what) ? `do you offer ${what}` : whole)],
  [
    /^(?:is|are) (?:an? |the |any |your )?(.+) (?:available|offered)$/,
    (whole, what) => (offered(what) ? `do you offer ${what}` : whole),
  ],
  [
    /^(?:suggest|recommend|list|give|i need|i want|i am looking for|i would like|what are)(?: me| us)? (?:some |any |a few |a couple )?(?=(?:\S+ ){0,3}(?:ideas|suggestions)(?: |$))/,
    "what are ",
  ],
  [
    /^((?:[a-z]+ ){1,3}ideas)((?: for .+)?)$/,
    (whole, ideas, rest = "") =>
      /^(?:what|which|how|why|the|any|some|do|my) /.test(whole) ? whole : `what are ${ideas}${rest}`,
  ],
  [new RegExp(`^can you (?=${ANYBODYS} )(?!.*\\b(?:my|me|our|us|this|these|that|those|your)\\b)`), "can i "],
  [/^(?:is it|am i) (?:legally )?(?:allowed|permitted) by law to /, "is it legal to "],
  [/^can i legally /, "is it legal to "],
  [/(?<=^|why )(?:am|is|are) (\S+) (?:unable|not able) to /, "can $1 not "],
  [/^unable to (.+?)(?: , why)?$/, "why can i not $1"],
  [
    /^what is (?:the )?(?:best|right|ideal|proper) time (?:of (?:the )?(?:day|year) )?(?:to|for) ([a-z]+)(?= )/,
    (_, verb) => `when should i ${baseForm(verb).base}`,
  ],
  [/^(?:at )?what time of (?:the )?day (?=should )/, "when "],
  [/^(?:on )?what (?:date|day) (is|was|did|does|do|are|will|were) (?!it\b|this\b|that\b|today|tomorrow)/, "when $1 "],
  [/^what (is|was) the date (?:of|for) (?!today|tomorrow)/, "when $1 "],
  [/^what is the deadline (?:of|for) (.+)$/, "when is the $1 deadline"],
  [/^what will happen$/, "what happens"],
  [
    /^what (?:are|is) the consequences? (?:of|for|if i) (not )?([a-z]+ing) /,
    (_, not, verb) => `what happens if i ${not === undefined ? "" : "do not "}${baseForm(verb).base} `,
  ],
  [/^(?:what|how much) do you charge for (.+)$/, "what is the price of $1"],
  [/^who (is|was) (?:in charge of|responsible for|the head of|the leader of|leading|heading) /, "who $1 leader of "],
  [/(?<=^|the |are )difference (?:of|from|among) (.+?) (?:and|to|from) (.+)$/, "difference between $1 and $2"],
  [/(?<= |^)(?:warning )?signs of (?=\S)/, "symptoms of "],
  [
    /^(?:what|which) ((?:[a-z]+ ){1,2})(?:do|does) (.+) have$/,
    (whole, noun, owner) => (/^(?:you|i|we|they|it|he|she)$/.test(owner) ? whole : `what are the ${noun}of ${owner}`),
  ],
  [/^what are some (?=[a-z])/, "what are "],
  [/^what is some (?=[a-z])/, "what is "],
  [/^do you have (?:any|some) (?=(?:tips|ideas|suggestions|recipes) )/, "what are "],
  [
    /^(?:suggest|recommend|list|give|i need|i want|i am looking for|i would like)(?: me| us)? (?:some |any |a few |a couple )?(?=(?:tips|recipes|suggestions) )/,
    "what are ",
  ],
  [
    /^(?:what is )?(?:an? |the )?(quick|fast|safe|easy|simple|cheap) (?:way|method) (?:to|of|for) ([a-z]+) (.+)$/,
    (_, manner, verb, rest) => `how do i ${baseForm(verb).base} ${rest} ${MANNERS.get(manner) ?? ""}`,
  ],
  [/^what (?:will happen|would happen|happens|is going to happen) (?:if|when) /, "what happens if "],
  [/^what if (?=.)/, "what happens if "],
];

/** One clause in the form that the frames know. Lower-case words joined by a space, as `splitMessage` has them. */
export function rewriteClause(text: string): string {
  let clause = text;
  for (const [pattern, replacement] of REWRITES) {
    clause =
      typeof replacement === "string" ? clause.replace(pattern, replacement) : clause.replace(pattern, replacement);
  }
  return clause.replace(/ {2,}/g, " ").trim();
}

/** Whoever does it: "can pasta be frozen" is "can I freeze pasta", but who is fired does not fire. */
function active(whole: string, start: string, subject: string, verb: string, rest: string): string {
  const { base, ending } = baseForm(verb);
  const last = subject.split(" ").at(-1) ?? "";
  if (
    !/participle/.test(ending) ||
    PERSONS.has(baseForm(last).base) ||
    / by /.test(rest) ||
    / not( |$)/.test(` ${subject}`)
  )
    return whole;
  return `${start} ${base}~ ${subject}${rest}`;
}

/** "a discount for students", "student discount" */
function offered(what: string): boolean {
  const head =
    what
      .split(/ (?:for|on|in|with|at|of) /)[0]
      ?.split(" ")
      .at(-1) ?? "";
  return SERVICES.has(baseForm(head).base) && !/ (?:that|which|who|if|when) /.test(what);
}

function cooked(whole: string, gerund: string, object: string): string {
  const base = verbOf(gerund);
  return new RegExp(`^${COOKED}$`).test(base) ? `how long should i ${base} ${object}` : whole;
}

/** "it won't start", "it is not starting" and "it does not start" tell of the same trouble. */
function present(trouble: string): string {
  return trouble.replace(
    / (?:will|does|do|is|are) not (?:be )?(\S+)| not (\S+ing)(?= |$)/,
    (_, helped?: string, bare?: string) => {
      const { base, ending } = baseForm(helped ?? bare ?? "");
      return ` not ${ending === "gerund" ? `${base}~` : (helped ?? bare ?? "")}`;
    },
  );
}
