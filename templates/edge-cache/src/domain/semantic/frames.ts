export const WH = "(?:what|who|whom|whose|when|where|why|how|which)";
const ONE = "(?:i|you|we|one|someone|somebody|people|a person|anyone)";

/** Taken off the front again and again: they ask nicely, and ask nothing. */
export const POLITE: readonly RegExp[] = [
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
/** Taken off the end. */
export const POLITE_END =
  /(?:(?:^| )(?:,|please|kindly|pls|plz|thanks|thank you|thank you (?:so|very) much|many thanks|thanks (?:a lot|in advance|so much)|thank you in advance|cheers|for me|if possible|if you can|if you could|if you do not mind|do you know|exactly|by the way|to me))+$/;

/** Frames that say of which kind the question is. The first that fits counts. */
export const KINDS: readonly (readonly [RegExp, string, string?])[] = [
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
  [
    /^(?:what|which) ([a-z]+)((?: (?:about|on|for|in) .+?)?) (?:do|would|can|could) you (?:recommend|suggest)((?: (?:about|on|for|in) .+)?)$/,
    "what is",
    "is good $1$2$3",
  ],
  [/^compare (.+?) (?:with|to|and|versus|vs) (.+)$/, "what", "difference between $1 and $2"],
  [
    /^(?:what|how) (?:distinguishes|differentiates|do you distinguish) (.+) from (.+)$/,
    "what",
    "difference between $1 and $2",
  ],
  [/^(?:if|whether) /, "yes or no"],
  [/^(?:is|was) it (?:true|correct|the case|right) that /, "yes or no"],
  [/^(?:true or false) ,? ?/, "yes or no"],
  [
    /^(?:how come|for what reason(?:s)?|what (?:is|are|was|were) the (?:main )?reasons?(?: (?:that|why|for|behind|of))?(?= (?!the only)))(?: |$)/,
    "why",
  ],
  [/^what makes (?!a |an )/, "why"],
  [
    /^(?:what (?:(?:can |could |might )?cause[sd]?|leads to|brings about)|what (?:is|are) the (?:main |most common |usual )?(?:causes?|reasons?) (?:of|for|behind)|(?:the )?causes of) (?!a |the |my |this |that |you |me |him |her |us |them )([a-z]+(?: [a-z]+)?)$/,
    "what",
    "cause-of $1",
  ],
  [
    /^why (?:do|does) (?:people |we |you |i |one )?(?:get |have |develop |suffer from )?((?!you |i |we |people |they |he |she )[a-z]+(?: [a-z]+)?)(?: (?:happen|occur|exist|arise))$/,
    "what",
    "cause-of $1",
  ],
  [/^why (?:do|does) (?:people|we|one) (?:get|develop|suffer from) ([a-z]+(?: [a-z]+)?)$/, "what", "cause-of $1"],
  [/^how (?:is|are) ([a-z]+(?: [a-z]+)?) caused$/, "what", "cause-of $1"],
  [/^([a-z]+(?: [a-z]+)?) causes$/, "what", "cause-of $1"],
  [/^(?:why)(?: |$)/, "why"],
  [
    new RegExp(
      `^(?:show (?:me |us )?|tell (?:me |us )?|explain (?:to me )?|teach (?:me |us )?)?how (?:to|(?:do|does|can|could|would|might) ${ONE}(?: go about| be able to| manage to)?)(?: |$)`,
    ),
    "how",
  ],
  [
    /^(?:please )?(?:walk|guide|talk|take|lead) (?:me|us) through (?:the )?(?:process (?:of|for|to) |steps (?:of|for|to) |how to )?(?=\w+ing|how )/,
    "how",
  ],
  [/^(?:i )?(?:need|want|could use) (?:some |a little )?help (?:with )?(?=\w+ing )/, "how"],
  [
    /^(?:what is|which is|what) (?:the )?(?:right |correct )?(?:\S+ )?command (?:do i (?:use|run|need) |can i (?:use|run) |should i (?:use|run) )?(?:to|for) (?=\w)/,
    "how",
  ],
  [/^what is the formula (?:to|for) (?=(?:calculate|calculating|convert|converting|compute|computing) )/, "how"],
  [
    /^(?:what (?:is|are) )?(?:the )?(?:fastest|quickest|speediest) (?:ways?|methods?) (?:to|of|for) (.+)$/,
    "how",
    "$1 quickly",
  ],
  [
    /^(?:(?:i|we) (?:want|would like|need|am trying|wish) to )?(.+?) (?:, )+(?:how (?:is (?:it|that|this) done|(?:do|can|should) i (?:go about|start|begin|proceed)(?: with)?(?: (?:it|that|this))?|to do (?:it|that|this))|what (?:do|should|must) i (?:need to |have to )?do|what are the steps|what is the process|any (?:tips|ideas))$/,
    "how",
    "$1",
  ],
  [/^(?!.*,)(?!how |what |why |when |where |who )(.+?) how to(?: do (?:it|that|this))?$/, "how", "$1"],
  [
    /^(?!.*,)(?!how |what |why |when |where |who |give |write |create |make |find )(.+?) (?:install(?:ation)?|setup|set up) (?:guide|tutorial|instructions|steps)$/,
    "how",
    "install $1",
  ],
  [/^how (?:am i|are we|are you) able to /, "how"],
  [/^how (?:is it|would it be) possible to /, "how"],
  [
    /^(?:what|which) (?:steps|actions|measures) (?:do|should|must|can) (?:i|you|we|one) (?:need to |have to )?(?:take|follow) (?:in order )?to /,
    "how",
  ],
  [/^what (?:do|should|must|can) (?:i|you|we|one) (?:need to |have to )?do (?:in order to|to|if i want to) /, "how"],
  [
    /^(?:(?:what|which) (?:is|are|would be) |(?:tell|give|show) (?:me|us) )?(?:the |a |some |any |my )?(?:best |right |proper |correct |good |recommended |usual |exact |general |different |possible )*(?:ways?|methods?|steps?|process|procedure|instructions?|approach)(?: needed| required| involved)? (?:to be able to|that i can|in order to|to|for|of|on how to) (?=\w+ing|(?!the |a |my )\w+ )/,
    "how",
  ],
  [/^(?:the |a )?(?:guide|tutorial|instructions|directions|steps) (?:on how to|for|to|on) (?=\w)/, "how"],
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
    /^(?:(?:i|we) (?:want|would like|need|am trying|wish) to |)(.+?) ?, (?:so )?how(?: to| does (?:it|that|this) (?:go|work)| (?:do|can|could|would|should) i(?: do (?:that|this|it|so))?)?$/,
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
    /^how (?=.+ (?:works?|happens?|functions?|operates?|forms?|grows?|moves?|fl(?:y|ies)|communicates?|breathes?|sleeps?|develops?|evolves?|spreads?|reproduces?|survives?|(?:is|are|was|were) (?:\w+ed|made|written|built|done))$)/,
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
  [/^do you (?:offer|have|provide|sell) (?:an? |any )?/, "yes or no", "offer "],
  [
    /^(is|are) (?!it )(.+) (safe|legal|illegal|possible|impossible|dangerous|healthy|unhealthy|okay|ok|allowed|hard|easy|difficult|necessary) to (\w+)$/,
    "yes or no",
    "$1 it $3 to $4 $2",
  ],
  [/^(?:should|would|will|shall|might|must|may) /, "yes or no", "$&"],
  [/^(?:is|are|was|were|am|do|does|did|has|have|had) (?!not )/, "yes or no", "$&"],
  [/^(?:is|are|was|were|am|do|does|did|has|have|had) not /, "yes or no", "$&"],
  [/^(?:what|which) (?:is|are) (?:meant by|(?:the |a )?definition of) (?:the (?:word|term) )?/, "define"],
  [/^(?:what|which) (?:is|are) (?:the |a )?(?:description|explanation) of /, "explain"],
  [/^what (?:does|do) (.+) stand for$/, "what", "meaning of $1"],
  [
    /^what (?:does|do) (?:the (?:word|term|expression|phrase) )?(?!it |this |that |he |she |they |you |life$)(.+) mean$/,
    "define",
    "$1",
  ],
  [/^(?:what is )?(?:the )?(?:meaning|definition) of (?:the )?(?:word|term|expression|phrase) (.+)$/, "define", "$1"],
  [/^what (?:does|do) (.+) mean$/, "what", "meaning of $1"],
  [/^what (?:do you know|can you tell me|can you say) about /, "explain"],
  [/^(?:tell me|explain(?: to me)?|give me|describe) what (?:is |are )?/, "what"],
  [/^what (?:is|are) (?=the |my |your |our |his |her |their |#|@|%|some |any |most |\w+est )/, "what", "is "],
  [/^what (?:is|are) (?=.)/, "what is", "is "],
  [
    /^(?:what|which) ((?!is |are |was |were ).+?) (is|are|was|were) ((?:the )?(?:\w{2,}est|(?:most|least) \w+|best|worst))(?= |$)/,
    "what",
    "$2 $3 $1",
  ],
  [/^(?:what|which) (?:city|town) (?=(?:is|was) (?:the )?capital )/, "what"],
  // "What benefits the economy" asks who does so, not which its benefits are.
  [
    /^what (benefits|risks|rules|limits|values|rates|names|effects|numbers|prices|costs|colors) (?!do |does |did |is |are |was |were |can |should |there |of |in |for |have |has )(?=[a-z ]+$)/,
    "what",
    "+$1 ",
  ],
  [/^(?:what|which)(?: |$)/, "what"],
  [
    /^(?:tell (?:me|us) (?:more |something |a bit |a little )?about|(?:give|provide|tell|show|send)(?: me| us)?(?: with)? (?:an? |the )?(?:explanation|description|overview) of|explain(?: to (?:me|us))?|describe(?: to (?:me|us))?) (?=.)/,
    "explain",
  ],
  [/^define (?:the (?:word|term) )?(?=.)/, "define"],
  [
    /^(?:recommend|suggest)(?: me| us)? (?:an?|some) (?:good |great |nice )?(?!way)([a-z]+)(?= (?:about|on|for|in) )/,
    "what is",
    "is good $1",
  ],
  [/^(?:(?:give|tell)(?: me| us)?|provide(?: me| us)?(?: with)?|name|list|state|identify) (?=.)/, "what"],
  [/^(?:the )?definition of /, "define"],
  [/^(?:the )?(?:explanation|description) of /, "explain"],
];
