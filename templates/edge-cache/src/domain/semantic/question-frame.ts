import { baseForm } from "./base-form.ts";
import { DOERS, MEASURES } from "./lexicon/relations.ts";

/** What kind of answer a sentence asks for, and what is left when the words that only say so are gone. */
export interface Framed {
  /** `what`, `who`, `when`, `where`, `why`, `how`, `how many`, `yes or no`, `can`, `must` …, or `do`: a request or a statement. */
  readonly kind: string;
  /** Lower-case words joined by a space. */
  readonly rest: string;
}

const WH = "(?:what|who|whom|whose|when|where|why|how|which)";
const ONE = "(?:i|you|we|one|someone|somebody|people|a person|anyone)";

/** Taken off the front again and again: they ask nicely, and ask nothing. */
const POLITE: readonly RegExp[] = [
  /^(?:hi|hello|hey|hiya|greetings|good (?:morning|afternoon|evening)|good @(?:morning|afternoon|evening)|ok|okay|so|well|um|uh|hmm|excuse me|sorry|just curious|quick question|(?:i have )?a?n? ?(?:quick |simple |small )?question(?: for you)?|please|kindly|alright)(?: there| all| everyone| team| guys| folks)?(?: ,)?(?: |$)/,
  new RegExp(
    `^(?:can|could|would|will) (?:you|someone|anyone|somebody|anybody) (?:please |kindly |possibly |maybe |perhaps |help me (?:to )?)*(?:tell|show|teach|explain to|inform|remind|advise|enlighten|clarify for|walk) (?:me|us) (?:please )?(?:about |on |through )?(?=(?:${WH}|if|whether) )`,
  ),
  /^(?:can|could|would|will) (?:you|someone|anyone|somebody|anybody) (?:please |kindly |possibly |maybe |perhaps )*(?=(?:tell|show|explain|describe|give|help|list|write|translate|summarize|convert|create|generate|make|find|suggest|recommend|compare|define|provide|calculate|compute|solve|name|clarify|outline|state|identify|teach|remind) )/,
  new RegExp(
    `^(?:please )?(?:tell|show|teach|explain to|inform|remind|explain|describe|clarify|help) (?:me |us )?(?:please )?(?:to )?(?:understand |know |figure out |find out )?(?:exactly )?(?=(?:${WH}|if|whether) )`,
  ),
  new RegExp(
    `^(?:would you mind|do you mind) (?:telling|explaining|showing)(?: to)?(?: me| us)? (?=(?:${WH}|if|whether) )`,
  ),
  new RegExp(
    `^(?:i|we) (?:would (?:really )?(?:like|love)|want|need|wish|am trying|was hoping|am hoping|have) to (?:know|find out|learn|understand|figure out|ask|see)(?: about| you)? (?=(?:${WH}|if|whether) )`,
  ),
  new RegExp(
    `^(?:i|we) (?:am |are |was |were |have been )?(?:just )?(?:curious|wondering|wonder|interested|do not know|do not understand|am not sure|not sure|have no idea|am confused|unsure)(?: about| as to| in knowing| to know)?(?: ,)? (?=(?:${WH}|if|whether) )`,
  ),
  new RegExp(
    `^(?:do|does) (?:you|anyone|anybody|someone|somebody)(?: here)?(?: happen to)? know (?:exactly )?(?=(?:${WH}|if|whether) )`,
  ),
  new RegExp(
    `^(?:any|have you any|do you have any|does anyone have any|do you have an|got any) ideas?(?: of| about| on)? (?=(?:${WH}|if|whether) )`,
  ),
  new RegExp(
    `^(?:let me know|(?:may|can|could|might) i (?:please )?(?:ask|know)(?: you)?|question :?|i ask(?: you)?) (?=(?:${WH}|if|whether) )`,
  ),
];
const POLITE_END =
  /(?:(?:^| )(?:,|please|kindly|pls|plz|thanks|thank you|thank you (?:so|very) much|many thanks|thanks (?:a lot|in advance|so much)|thank you in advance|cheers|for me|if possible|if you can|if you could|if you do not mind|do you know|exactly|by the way|to me))+$/;

/** Frames that say of which kind the question is. The first that fits counts. */
const KINDS: readonly (readonly [RegExp, string, string?])[] = [
  [/^how (?:do|does|would|can|could|should) you (feel|think|know|want|like|live|sleep|decide|\w+$)/, "how", "you $1"],
  [/^how (?:do|would|can) (?:you|i|we) say (.+) in (\w+)$/, "do", "translate $1 to $2"],
  [/^what is the (\w+) (?:word|translation|expression|phrase) (?:for|of) (.+)$/, "do", "translate $2 to $1"],
  [/^what is (§\S+) in (\w+)$/, "do", "translate $1 to $2"],
  [/^translate (.+) (?:into|in) (\w+)$/, "do", "translate $1 to $2"],
  [
    /^(?!what|which|how)(.+) (?:versus|vs\.?) (.+?)(?: ,)? (?:what is the |what are the )?differences?$/,
    "what",
    "difference between $1 and $2",
  ],
  [/^compare (.+?) (?:with|to|and|versus|vs) (.+)$/, "do", "compare between $1 and $2"],
  [/^(?:if|whether) /, "yes or no"],
  [/^(?:is|was) it (?:true|correct|the case|right) that /, "yes or no"],
  [/^(?:true or false) ,? ?/, "yes or no"],
  [
    /^(?:how come|for what reason(?:s)?|what (?:is|are|was|were) the (?:main )?reasons?(?: (?:that|why|for|behind|of))?(?= (?!the only)))(?: |$)/,
    "why",
  ],
  [/^what makes /, "why"],
  [/^(?:why)(?: |$)/, "why"],
  [
    new RegExp(
      `^(?:show (?:me |us )?|tell (?:me |us )?|explain (?:to me )?|teach (?:me |us )?)?how (?:to|(?:do|does|can|could|would|might) ${ONE}(?: go about| be able to| manage to)?)(?: |$)`,
    ),
    "how",
  ],
  [/^how (?:am i|are we|are you) able to /, "how"],
  [/^how (?:is it|would it be) possible to /, "how"],
  [
    /^(?:what|which) (?:steps|actions|measures) (?:do|should|must|can) (?:i|you|we|one) (?:need to |have to )?(?:take|follow) (?:in order )?to /,
    "how",
  ],
  [/^what (?:do|should|must|can) (?:i|you|we|one) (?:need to |have to )?do (?:in order to|to|if i want to) /, "how"],
  [
    /^(?:(?:what|which) (?:is|are|would be) |(?:tell|give|show) (?:me|us) )?(?:the |a |some |any |my )?(?:best |right |proper |correct |good |recommended |usual )?(?:ways?|methods?|steps?|process|procedure|instructions?|approach)(?: needed| required| involved)? (?:to be able to|that i can|in order to|to|for|of|on how to) (?=\w+ing|(?!the |a |my )\w+ )/,
    "how",
  ],
  [/^(?:the |a )?(?:guide|tutorial|instructions|directions|steps) (?:on how to|for|to|on) (?=\w)/, "how"],
  [/^how can (.+) be (\w+ed|done|made|built|found|sold|written|sent|set|reset|put|read|shown) ?/, "how", "$2 $1 "],
  [/^(?:what (?:is|was)|tell me|give me) the (?:total )?number of /, "how many"],
  [/^what number of /, "how many"],
  [/^how many people (?:live|are there|reside) in /, "what", "population of "],
  [/^how many (.+?) (?:do|does) (.+) (?:have|contain)$/, "how many", "$1 in $2"],
  [/^how many /, "how many"],
  [/^(?:what amount of|what quantity of|what is the amount of) /, "how much"],
  [/^how long (?:is|are|was|were) the (?=\w+ (?:of|between)?)/, "how long", "the "],
  [/^(?:how much time|what length of time) /, "how long"],
  [/^how long /, "how long"],
  [/^(?:how often|how frequently|with what frequency) /, "how often"],
  [/^(?:calculate|compute) (?=the |#)/, "what"],
  [/^how much (?:is|are|makes) (?=#)/, "what"],
  [/^(?:what is |give me |tell me |show me )?(?:a |the |your )?recipe (?:for|of) (.+)$/, "how", "make $1"],
  [/^(?:what is |give me |tell me |show me )?(?:a |an |the )?((?!recipe)\S+(?: \S+)?) recipe$/, "how", "make $1"],
  [
    /^(?:i (?:want|would like|need|am trying) to |)(.+?) ?, (?:so )?how(?: to| does (?:it|that|this) (?:go|work)| (?:do|can|could|would|should) i(?: do (?:that|this|it|so))?)?$/,
    "how",
    "$1",
  ],
  [/^how much (?:does|do|did|would|will) (.+?) cost(?: |$)/, "what", "price of $1 "],
  [/^what (?:does|do) (.+?) cost(?: |$)/, "what", "price of $1 "],
  [/^how much (?:is|are) (?=the |a |an |this |my )/, "what", "price of "],
  [/^how much (?:does|do) (.+?) weigh(?: |$)/, "what", "weight of $1 "],
  [/^how far (?:away )?is (?:it )?from (.+?) to (.+)$/, "what", "distance between $1 and $2"],
  [/^how far (?:away )?is (.+?) from (.+)$/, "what", "distance between $1 and $2"],
  [
    /^how (?:is|are|does|do) (.+?) (?:different from|differ from|different to|different than) (.+)$/,
    "what",
    "difference between $1 and $2",
  ],
  [/^how (?:do|are) (.+?) and (.+?) (?:differ|different)$/, "what", "difference between $1 and $2"],
  [/^what makes (.+?) different from (.+)$/, "what", "difference between $1 and $2"],
  [/^how much /, "how much"],
  [/^how does (?=.+ work\b)/, "how"],
  [/^how do they (\w+) /, "how", "$1~ "],
  [/^how (do|does|did|is|are|was|were|can|could|will|would|should|has|have|had|not) /, "how", "$1 "],
  [
    /^how (?=.+ (?:works?|happens?|functions?|operates?|(?:is|are|was|were) (?:\w+ed|made|written|built|done))$)/,
    "how",
  ],
  [/^how /, "how very"],
  [/^(?:what is the (?:exact )?location of|in (?:what|which) place is|what place is) /, "where"],
  [/^(?:in (?:what|which) year|(?:what|which) year) (?!(?:is|was) it$)(?=(?:is|was|were|did|do|does|will) )/, "when"],
  [/^(?:at )?what time (?=(?:does|do) .+ (?:open|close|start|begin|end|leave|depart|arrive)\b)/, "when"],
  [/^(?:at what location|where)(?: |$)/, "where"],
  [/^when(?: |$)/, "when"],
  [
    /^(?:what is the name of the person (?:who|that)|(?:what|which) person|who (?:is|was) (?:it|the person|the one|the man|the woman) (?:that|who)|by whom|who|whom) /,
    "who",
  ],
  [
    /^(?:(?:tell|give) me|what is|what was) the name of (?=the (?:president|ceo|king|queen|mayor|author|director|founder|inventor|prime minister|owner) )/,
    "who",
  ],
  [/^whose /, "whose"],
  [
    /^(?:is|are|would) (?:it|there) (?:be )?(?:possible|(?:a|any|some) (?:way|method|option)) (?:for me |for us |for someone )?to /,
    "can",
  ],
  [/^(?:am i|are we) able to /, "can"],
  [/^(?:am i|are we|is it) (?:allowed|permitted|okay|ok|alright) to /, "may"],
  [/^may i /, "may"],
  [
    /^(?:do (?:i|we) (?:need|have) to|must (?:i|we)|is it (?:necessary|required|mandatory|obligatory)(?: for me)? to|am i (?:required|obliged) to) /,
    "must",
  ],
  [/^should (?:i|we) /, "should"],
  [/^(?:can|could) (?:i|we|one) /, "can"],
  [/^(?:can|could) /, "yes or no", "$&"],
  [/^do you (?:offer|have|provide|sell) /, "yes or no", "offer "],
  [
    /^(is|are) (?!it )(.+) (safe|legal|illegal|possible|impossible|dangerous|healthy|unhealthy|okay|ok|allowed|hard|easy|difficult|necessary) to (\w+)$/,
    "yes or no",
    "$1 it $3 to $4 $2",
  ],
  [/^(?:should|would|will|shall|might|must|may) /, "yes or no", "$&"],
  [/^(?:is|are|was|were|am|do|does|did|has|have|had) (?!not )/, "yes or no", "$&"],
  [/^(?:is|are|was|were|am|do|does|did|has|have|had) not /, "yes or no", "$&"],
  [/^(?:what|which) (?:is|are) (?:meant by|(?:the |a )?definition of) /, "define"],
  [/^(?:what|which) (?:is|are) (?:the |a )?(?:description|explanation) of /, "explain"],
  [/^what (?:does|do) (.+) (?:mean|stand for)$/, "what", "meaning of $1"],
  [/^what (?:do you know|can you tell me|can you say) about /, "explain"],
  [/^(?:tell me|explain(?: to me)?|give me|describe) what (?:is |are )?/, "what"],
  [/^what (?:is|are) (?=the |my |your |our |his |her |their |#|@|%|some |any |most |\w+est )/, "what", "is "],
  [/^what (?:is|are) (?=.)/, "explain", "is "],
  [
    /^(?:what|which) ((?!is |are |was |were ).+?) (is|are|was|were) ((?:the )?(?:\w{2,}est|(?:most|least) \w+|best|worst))(?= |$)/,
    "what",
    "$2 $3 $1",
  ],
  [/^(?:what|which) (?:city|town) (?=(?:is|was) (?:the )?capital )/, "what"],
  [/^(?:what|which)(?: |$)/, "what"],
  [
    /^(?:tell (?:me|us) (?:more |something |a bit |a little )?about|(?:give|provide|tell|show|send)(?: me| us)?(?: with)? (?:an? |the )?(?:explanation|description|overview) of|explain(?: to (?:me|us))?|describe(?: to (?:me|us))?) (?=.)/,
    "explain",
  ],
  [/^define (?=.)/, "define"],
  [/^(?:(?:give|tell)(?: me| us)?|provide(?: me| us)?(?: with)?|name|list|state|identify) (?=.)/, "what"],
  [/^(?:the )?definition of /, "define"],
  [/^(?:the )?(?:explanation|description) of /, "explain"],
];

const FRONTED =
  /^((?:in|on|for|with|using|at|from|during|after|before|when|if|as|regarding|about) [^,]+?) (?:, (?:then )?(?=\S)|(?=(?:what|why|who|which|how (?:do|can|to|does|many|much)|where|when) ))(.+)$/;
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
const PASSIVE = /^(is|are|was|were) (.+) (\S+)$/;
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
  const [, be = "", subject = "", verb = ""] = passive;
  const { base, ending } = baseForm(verb);
  if (!/participle/.test(ending) || NO_PARTICIPLE.has(verb) || /(?:^| )not(?: |$)/.test(subject)) return rest;
  return `${/^w/.test(be) ? "did" : "do"} ${base}~ ${subject}`;
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
  return { kind: "do", rest: text };
}
