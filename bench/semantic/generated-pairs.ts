/** A template with its slot `X`, what it becomes, and what sort of difference that is. Each side has templates of its own: see `pairs.ts`. */
export interface Template {
  readonly kind: string;
  readonly frames: readonly string[];
  /** What stands for X on one side, and on the other. */
  readonly swaps: readonly (readonly [string, string])[];
}

const pairs = (text: string): [string, string][] =>
  text
    .trim()
    .split("|")
    .map((pair): [string, string] => {
      const [one = "", other = ""] = pair.split(" / ");
      return [one.trim(), other.trim()];
    });

/** Hard negatives: each frame with each swap makes one pair of different questions. */
export const HARD_NEGATIVES: readonly Template[] = [
  {
    kind: "number",
    frames: [
      "What is X percent of 80?",
      "Give me X ideas for a party",
      "How do I split a bill among X people?",
      "What happens at X degrees Celsius?",
      "List X cities in Peru",
      "Is X a prime number?",
      "How many cups of flour for X cookies?",
      "Summarise the war in X words",
    ],
    swaps: pairs(
      "10 / 11|15 / 150|three / four|7 / 70|2,000 / 20,000|1.5 / 15|twenty / thirty|12 / twenty-one|100 / 1000|0.5 / 5",
    ),
  },
  {
    kind: "unit",
    frames: [
      "Is 40 X a lot?",
      "How much is 12 X?",
      "Convert 3 X to the usual measure",
      "I walked 9 X today, is that healthy?",
      "What can I do with 500 X?",
      "How heavy or long are 25 X?",
    ],
    swaps: pairs(
      "km / miles|kg / pounds|minutes / hours|dollars / euros|MB / GB|litres / gallons|mg / g|cm / inches|days / weeks|m / M",
    ),
  },
  {
    kind: "date",
    frames: [
      "What happened on X?",
      "Which films came out in X?",
      "What was the weather like on X?",
      "Who won the cup in X?",
      "Is the office open on X?",
      "Book a table for X",
    ],
    swaps: pairs(
      "1990 / 1991|March 5 / March 6|Monday / Tuesday|July 2020 / July 2021|2024-01-02 / 2024-02-01|Christmas / Easter|today / tomorrow|May 1 / June 1|the 1980s / the 1990s|yesterday / today",
    ),
  },
  {
    kind: "version",
    frames: [
      "What is new in Python X?",
      "How do I install Node X?",
      "Is PostgreSQL X still supported?",
      "Does the library work with Java X?",
      "Upgrade guide for Rails X",
    ],
    swaps: pairs("3.11 / 3.12|18 / 20|3.1 / 3.10|v2.0.1 / v2.1.0|11 / 17|14.2 / 14.3|1.0.0-beta / 1.0.0|5 / 6"),
  },
  {
    kind: "identifier",
    frames: [
      "What does error X mean?",
      "Where is order X?",
      "How do I fix X?",
      "Explain the function X",
      "Who is responsible for ticket X?",
    ],
    swaps: pairs(
      "E404 / E405|AB-1234 / AB-1243|0x80070005 / 0x80070006|ENOENT / EACCES|get_user / set_user|parseInt / parseFloat|TICKET-9 / TICKET-90|ORA-00942 / ORA-00943",
    ),
  },
  {
    kind: "negation",
    frames: [
      "Which animals X fly?",
      "Why X people vote?",
      "What happens if I X pay taxes?",
      "Which foods X contain gluten?",
      "Who X like the new law?",
      "Which plants X need sun?",
      "Tell me which servers X support TLS",
    ],
    swaps: pairs("do / do not|do / don't|always / never|will / will not|would / wouldn't|can / cannot"),
  },
  {
    kind: "negation",
    frames: [
      "Is it X to park here?",
      "Are these mushrooms X?",
      "Why is my screen X working?",
      "Is the shop X on Sundays?",
      "Recipes X nuts",
      "Coffee X sugar please",
    ],
    swaps: pairs(
      "with / without|legal / illegal|safe / unsafe|allowed / not allowed|open / closed|not / still|possible / impossible|edible / inedible",
    ),
  },
  {
    kind: "direction",
    frames: [
      "How do I convert X?",
      "Translate X",
      "Distance and tickets: flights X",
      "How can I migrate X?",
      "What changes when moving X?",
      "How do I transfer money X?",
      "Write a script that copies files X",
    ],
    swaps: pairs(
      "from A to B / from B to A|from Paris to Rome / from Rome to Paris|from JSON to YAML / from YAML to JSON|from MySQL to Postgres / from Postgres to MySQL|from English to French / from French to English|from euros to dollars / from dollars to euros|from checking to savings / from savings to checking|from iOS to Android / from Android to iOS|from left to right / from right to left",
    ),
  },
  {
    kind: "roles",
    frames: ["X?", "Tell me whether X", "Is it true that X?", "Explain why X", "What follows if X?"],
    swaps: pairs(
      "dogs chase cats / cats chase dogs|the teacher praised the student / the student praised the teacher|Rome conquered Greece / Greece conquered Rome|Anna sold Ben a car / Ben sold Anna a car|the bank sued the client / the client sued the bank|lions eat hyenas / hyenas eat lions|Mary is taller than Tom / Tom is taller than Mary|gold is heavier than lead / lead is heavier than gold|squares are rectangles / rectangles are squares",
    ),
  },
  {
    kind: "order in time",
    frames: ["Should I X?", "Is it better to X?", "Why do people X?", "What happens when I X?", "Is it healthy to X?"],
    swaps: pairs(
      "eat before running / run before eating|brush my teeth before breakfast / brush my teeth after breakfast|shower before shaving / shave before showering|sign before reading / read before signing|stretch before training / stretch after training|pay before delivery / pay after delivery",
    ),
  },
  {
    kind: "named thing",
    frames: [
      "What is the capital of X?",
      "How do I get to X?",
      "Who governs X?",
      "What is the best museum in X?",
      "Tell me about X",
      "How big is X?",
      "What do people eat in X?",
      "When was X founded?",
    ],
    swaps: pairs(
      "France / Germany|Austria / Australia|Slovakia / Slovenia|Niger / Nigeria|Paris, Texas / Paris, France|Georgia / Armenia|New York / York|Washington DC / Washington State|South Korea / North Korea|London / Londonderry|Iran / Iraq|Mali / Malawi",
    ),
  },
  {
    kind: "named thing",
    frames: [
      "How do I reset my X?",
      "Is X worth the money?",
      "How do I debug X code?",
      "Who owns X?",
      "Alternatives to X",
      "What license does X have?",
      "How do I install X?",
    ],
    swaps: pairs(
      "iPhone / iPad|Java / JavaScript|C / C++|C# / C|React / React Native|Angular / AngularJS|Windows / Linux|Go / Rust|MySQL / SQLite|GitHub / GitLab|Kafka / RabbitMQ|Vue / Svelte",
    ),
  },
  {
    kind: "quantity",
    frames: [
      "Are X swans white?",
      "Which X books should I read?",
      "Do X of the students pass?",
      "Delete X files in the folder",
      "What are X rules of golf?",
      "Show X entries of the log",
      "Were X kings of Spain good?",
    ],
    swaps: pairs(
      "all / some|some / none|the first / the last|most / few|all / most|both / neither|every / any|the first two / the last two|many / several|the top / the bottom",
    ),
  },
  {
    kind: "comparison",
    frames: [
      "Which laptop is X?",
      "What is the X car on the market?",
      "Find me the X hotel in Nice",
      "Which phone has the X camera?",
      "Who was the X emperor?",
      "What is the X way to travel?",
    ],
    swaps: pairs(
      "the cheapest / the most expensive|cheaper / more expensive|the best / the worst|the fastest / the slowest|the biggest / the smallest|the oldest / the youngest|the lightest / the heaviest|the safest / the most dangerous|the cheapest / the best|the newest / the oldest|the most popular / the least popular",
    ),
  },
  {
    kind: "antonym",
    frames: [
      "How do I X the firewall?",
      "Can I X my account?",
      "When should I X the service?",
      "What is the command to X a server?",
      "Please X the alarm",
      "Why should I X it?",
    ],
    swaps: pairs(
      "enable / disable|start / stop|lock / unlock|turn on / turn off|activate / deactivate|install / uninstall|open / close|connect / disconnect|log in to / log out of|add / remove|mount / unmount|switch on / switch off",
    ),
  },
  {
    kind: "antonym",
    frames: [
      "Is it time to X shares?",
      "How can I X my weight?",
      "What makes prices X?",
      "Should we X the price?",
      "How do I X the volume?",
      "Does exercise X the risk?",
    ],
    swaps: pairs(
      "buy / sell|increase / decrease|gain / lose|rise / fall|raise / lower|maximize / minimize|grow / shrink",
    ),
  },
  {
    kind: "tense",
    frames: [
      "Who X the mayor of Bonn?",
      "What X the price of oil?",
      "Where X the meeting?",
      "What X the rules for visitors?",
      "Who X in charge of the lab?",
      "When X the concert?",
      "How X the weather?",
    ],
    swaps: pairs("is / was|is / will be|are / were|was / will be|is / has been|is / used to be"),
  },
  {
    kind: "tense",
    frames: ["Who X the league?", "Where X Anna?", "What X the company?", "Why X the price?"],
    swaps: pairs(
      "wins / won|leads / led|won / will win|did leave / will leave|does hurt / did hurt|does live / did live",
    ),
  },
  {
    kind: "format",
    frames: [
      "Explain entropy X",
      "Describe the water cycle X",
      "Give me the planets X",
      "Summarize the plot of Dune X",
      "What is a monad X",
      "Compare cats and dogs X",
    ],
    swaps: pairs(
      "in JSON / in XML|in one sentence / in three sentences|briefly / in detail|as a table / as a list|in JSON / in plain text|in 50 words / in 100 words|as a poem / as an essay|step by step / in one line|with examples / without examples|in Markdown / in HTML",
    ),
  },
  {
    kind: "audience",
    frames: [
      "Explain inflation X",
      "Write a safety note X",
      "What is DNA? Explain it X",
      "Recommend a sport X",
      "Plan a day in Vienna X",
      "Is coffee fine X?",
    ],
    swaps: pairs(
      "for a child / for an expert|for beginners / for professionals|for a doctor / for a patient|for kids / for adults|for men / for women|for students / for teachers|for dogs / for cats|for a toddler / for a teenager",
    ),
  },
  {
    kind: "reply language",
    frames: [
      "Explain gravity X",
      "Write a birthday card X",
      "Tell me a fact about owls X",
      "Answer X: what is love?",
      "How do you say hello X?",
    ],
    swaps: pairs(
      "in Spanish / in French|in English / in German|in Italian / in Portuguese|in Hindi / in Urdu|in Dutch / in Danish|in simple English / in English",
    ),
  },
  {
    kind: "question kind",
    frames: [
      "X was the bridge built?",
      "X did Mozart compose the opera?",
      "X do bees make honey?",
      "X did the war start?",
      "X does she teach?",
      "X should I plant tulips?",
      "X do whales sleep?",
    ],
    swaps: pairs(
      "When / Where|Why / How|When / Why|How / When|Where / How|Why / Where|How often / How|How long / How often",
    ),
  },
  {
    kind: "question kind",
    frames: ["X the lightbulb?", "X penicillin?", "X the World Wide Web?", "X the Suez Canal?"],
    swaps: pairs(
      "Who invented / When did they invent|What is / Who made|How many people use / Who uses|Why do we need / What is|Who found / Where did they find|Is it safe to touch / What is|How does one use / Who uses",
    ),
  },
  {
    kind: "code",
    frames: ["What does `X` do?", "Why is `X` slow?", "What is the result of X in Python?", "Rewrite X"],
    swaps: pairs(
      "a += 1 / a -= 1|i++ / ++i|x == y / x === y|list[0] / list[1]|[1, 2] + [3] / [1, 2] * 3|if (a) b() / if (!a) b()|5 // 2 / 5 % 2|rm -r x / rm -rf x|SELECT a FROM t / SELECT b FROM t|a & b / a && b",
    ),
  },
  {
    kind: "person",
    frames: ["What is X name?", "Where is X office?", "What are X rights?", "How old is X dog?", "Who is X boss?"],
    swaps: pairs("my / your|his / her|our / their|your / his"),
  },
  {
    kind: "permission",
    frames: [
      "X I take ibuprofen with wine?",
      "X I open the window at night?",
      "X I sign the contract?",
      "X we leave the dog alone?",
      "X I file taxes online?",
    ],
    swaps: pairs("Can / Should|May / Must|Should / Must|Do / Should|Can / Did|Could / Did"),
  },
  {
    kind: "topic",
    frames: [
      "How do I clean X?",
      "What is the price of X?",
      "Are X healthy?",
      "Where can I buy X?",
      "What is the history of X?",
      "How do I store X?",
      "Explain X",
    ],
    swaps: pairs(
      "white shoes / white shirts|oat milk / almond milk|brown eggs / brown bread|gas stoves / gas prices|the left engine / the right engine|cast iron pans / cast iron pipes|a credit card / a debit card|baking soda / baking powder|the front door / the back door|type 1 diabetes / type 2 diabetes|vitamin C / vitamin D|hot dogs / dogs|green beans / green peas|heart attacks / heart rates",
    ),
  },
];

/** Questions that near repeats are made of, by the ways in `NEAR`. */
export const QUESTIONS = `
What is the boiling point of copper?|How do I sharpen a knife?|Why do leaves change colour in autumn?|What's the fastest way to learn Polish?|How do I merge two PDF files?
Who founded the Red Cross?|Where do polar bears live?|When does daylight saving time end?|Can I use olive oil for frying?|Is it safe to charge a phone overnight?
How many bones does a human have?|What are the side effects of too much salt?|How do I fix a leaking tap?|Which planets have rings?|What does a product manager do?
How do I write a unit test in Go?|Explain the theory of relativity in simple terms|Give me five tips for a job interview|Translate "where is the station" into German|Convert 45 kg to pounds
What is the difference between a crocodile and an alligator?|How long does a passport take to arrive?|Why isn't my printer responding?|Do cats dream?|Should I learn Rust or Go first?
What's the tallest building in Asia?|How do I organise my photos?|Is the museum open on Mondays?|What happens when ice melts?|Which vitamins are in carrots?
How can I speed up my website?|What causes thunder?|How do I stop my dog from barking?|Who was the first person on the moon?|How far is Mars from the sun?
What is a good name for a bakery?|How do I cite a website in APA style?|Why does bread rise?|How much does a wedding cost in Italy?|Where can I watch the northern lights?
What is the plural of octopus?|How do I unlock a SIM card?|Are tomatoes fruits?|How old is the Great Wall?|How do I use a pivot table in Excel?
What's the meaning of the word serendipity?|Can humans hear ultrasound?|How do I descale a kettle?|What is the salary of a nurse in Sweden?|List the colours of the rainbow
How do I declare an array in C?|How do I get from Oslo to Bergen by train?|What is the best way to store onions?|Why don't penguins fly?|What is two-factor authentication?
How do I center a table in HTML?|Write a SQL query that counts users per country|What are the ingredients of pesto?|How do magnets work?|Which country won the 1998 World Cup?
I can't log in to my account, what should I do?|How do I cancel a flight booking?|What's your refund policy for damaged goods?|How do I change my delivery address?|Do you have vegan options?
Who's the author of Dracula?|What year was the euro introduced?|How do you spell rhythm?|What is 17 times 23?|Is Pluto bigger than the Moon?
How do I normalise a database?|What is the flavour of umami like?|How do I make an omelette without butter?|When should I prune roses?|Where does coffee come from?
How does a heat pump work?|Who pays the inheritance tax?|What are my rights as a tenant?|Could you summarise the plot of Emma?|How do I calm a crying baby?`
  .trim()
  .split(/[|\n]/);

type Change = readonly [kind: string, change: (question: string) => string];
const lowerFirst = (text: string) =>
  /^(?:I|SQL|APA|PDF)\b/.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
const isQuestion = (text: string) => /^(?:what|how|why|who|where|when|which|can|is|do|are|should|could)\b/i.test(text);

/** Ways in which the same question comes again; one that leaves it as it was makes no pair. */
export const NEAR: readonly Change[] = [
  ["lower case", (text) => text.toLowerCase()],
  ["no mark at the end", (text) => text.replace(/[?.!]+$/, "")],
  ["more marks", (text) => `${text.replace(/\?$/, "")}???`],
  ["white space", (text) => `  ${text.replaceAll(" ", "  ")} `],
  ["please before", (text) => (isQuestion(text) ? `Please, ${lowerFirst(text)}` : `Please ${lowerFirst(text)}`)],
  ["please after", (text) => `${text.replace(/[?.]$/, "")}, please?`],
  ["greeting", (text) => `Hi there! ${text}`],
  ["hello", (text) => `Hello, ${lowerFirst(text)}`],
  ["thanks", (text) => `${text} Thanks!`],
  [
    "contracted",
    (text) =>
      text
        .replace(/\b(what|who|where|how) is\b/gi, "$1's")
        .replace(/\bdo not\b/g, "don't")
        .replace(/\bis not\b/g, "isn't"),
  ],
  [
    "not contracted",
    (text) =>
      text
        .replace(/\b(what|who|where|how)'s\b/gi, "$1 is")
        .replace(/\bcan't\b/g, "cannot")
        .replace(/\bdon't\b/g, "do not"),
  ],
  ["no apostrophe", (text) => text.replace(/'(?=[st]\b)/g, "")],
  [
    "spelling",
    (text) =>
      text
        .replace(/our\b/g, (end) => end.replace("our", "or"))
        .replaceAll("ise ", "ize ")
        .replaceAll("colours", "colors"),
  ],
  ["how to", (text) => text.replace(/^How do I /, "How to ")],
  ["how can I", (text) => text.replace(/^How do I /, "How can I ")],
  ["tell me how", (text) => text.replace(/^How do I (.+)\?$/, "Can you tell me how to $1?")],
  ["upper case", (text) => text.toUpperCase()],
  ["articles left out", (text) => text.replace(/ (?:the|an|a) (?=\w{3,})/g, " ")],
];
