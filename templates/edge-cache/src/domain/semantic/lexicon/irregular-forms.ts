/** Past and participle of verbs that do not follow the rule: `base past [participle]`. */
const VERBS = `
  become became become|begin began begun|break broke broken|bring brought|build built|buy bought|catch caught|choose chose chosen
  come came come|do did done|draw drew drawn|drink drank drunk|drive drove driven|eat ate eaten|fall fell fallen|feed fed
  feel felt|fight fought|find found|fly flew flown|forget forgot forgotten|freeze froze frozen|give gave given|go went gone
  grow grew grown|hang hung|have had|hear heard|hide hid hidden|hold held|keep kept|know knew known|lead led|leave left
  lend lent|lose lost|make made|mean meant|meet met|pay paid|ride rode ridden|ring rang rung|rise rose risen|run ran run
  say said|see saw seen|sell sold|send sent|shake shook shaken|shine shone|shoot shot|show showed shown|sing sang sung
  sink sank sunk|sit sat|sleep slept|speak spoke spoken|spend spent|stand stood|steal stole stolen|stick stuck|swim swam swum
  take took taken|teach taught|tear tore torn|tell told|think thought|throw threw thrown|understand understood|wake woke woken
  wear wore worn|win won|write wrote written|bite bit bitten|blow blew blown|deal dealt|dig dug|dream dreamt|lay laid
  seek sought|strike struck|swear swore sworn|sweep swept|swing swung|weave wove woven|weep wept|wind wound|withdraw withdrew withdrawn
  overcome overcame overcome|rewrite rewrote rewritten|rebuild rebuilt|resell resold|undo undid undone|die died|lie lied`;

const PAST = new Map<string, string>();
const PARTICIPLE = new Map<string, string>();
for (const line of VERBS.split(/[|\n]/)) {
  const [base, past, participle] = line.trim().split(/\s+/);
  if (base === undefined || past === undefined) continue;
  if (past !== base) PAST.set(past, base);
  if (participle !== base) PARTICIPLE.set(participle ?? past, base);
}

/** `wrote` → `write`. */
export const IRREGULAR_PAST: ReadonlyMap<string, string> = PAST;
/** `written` → `write`. */
export const IRREGULAR_PARTICIPLE: ReadonlyMap<string, string> = PARTICIPLE;

/** Plurals that do not follow the rule. */
export const IRREGULAR_PLURAL: ReadonlyMap<string, string> = new Map(
  `people person|children child|men man|women woman|feet foot|teeth tooth|mice mouse|geese goose|lives life|wives wife
  knives knife|leaves leaf|wolves wolf|halves half|shelves shelf|loaves loaf|thieves thief|calves calf|selves self
  criteria criterion|phenomena phenomenon|indices index|indexes index|matrices matrix|vertices vertex|analyses analysis
  crises crisis|theses thesis|diagnoses diagnosis|bacteria bacterium|fungi fungus|cacti cactus|oxen ox|movies movie
  cookies cookie|calories calorie|zombies zombie|potatoes potato|tomatoes tomato|heroes hero|echoes echo|taxes tax
  boxes box|buses bus|viruses virus|statuses status|gases gas|lenses lens|quizzes quiz|shoes shoe|toes toe|horses horse
  houses house|databases database|expenses expense|licenses license|purchases purchase|releases release|phases phase
  diseases disease|courses course|causes cause|uses use|cases case|phrases phrase|nurses nurse|responses response|caches cache|aches ache
  headaches headache|sizes size|prizes prize|axes axis|ties tie|pies pie|dies die|lies lie`
    .split(/[|\n]/)
    .map((line): [string, string] => {
      const [plural = "", single = ""] = line.trim().split(/\s+/);
      return [plural, single];
    }),
);

/** They end in "s" and are no plural, or the plural is another thing than the single one. */
export const NOT_PLURAL: ReadonlySet<string> = new Set(
  `news physics mathematics maths economics politics ethics athletics genetics statistics electronics series species texas paris
  kubernetes redis ios always gas bus lens js css https dns sms gps os yes plus wales goods arms glasses customs means
  manners times contents savings chess canvas atlas christmas diabetes rabies herpes perhaps besides towards afterwards
  nowadays sometimes its this has was does is as us hers ours yours his theirs james charles netherlands philippines
  windows pants shorts jeans scissors pajamas headquarters measles mumps bias alias pancreas kansas arkansas dallas
  athens brussels naples honduras barbados cyprus laos cosmos chaos vs postgres sass less jenkins aws access express
  pros cons thus minus across unless blues physics ethics hours-long congress process address wireless business`
    .split(/\s+/)
    .filter(Boolean),
);
