/** Words that only hold a sentence together: left out of what is compared. */
export const DROPPED = words(`
  a an the of that there please kindly pls plz do does is are am be been being thanks thank exactly actually basically
  then such really whatsoever`);

/** Words that open a phrase: what follows is compared under its word, so "from A to B" is not "to A from B". */
export const ROLES: ReadonlyMap<string, string> = new Map([
  ...[
    ...words(`in on at to from with without by for about as than before after during since until between among against
  over under above below through within per toward off out up down across around along behind near inside outside despite
  like if unless because when where while whether although into onto back away instead beyond beside besides except how why
  who whose what which`),
  ].map((word): [string, string] => [word, word]),
  ["using", "with"],
  ["via", "with"],
  ["regarding", "about"],
  ["concerning", "about"],
  ["till", "until"],
  ["towards", "toward"],
  ["amongst", "among"],
  ["upon", "on"],
]);

/** "To be" in the past, by which a sentence's tense is told. */
export const BE_PAST = words("was were");

export const NEGATIONS = words(
  "not no never none neither nor nothing nobody nowhere without hardly barely except unless",
);

/** How many, which of them, how much of it: never left out. */
export const QUANTITIES = words(`
  all every each some any none most many much few several both half either neither only first last next previous final
  another other others entire whole part single double triple twice once couple dozen enough least at-least at-most
  always often sometimes usually rarely never seldom daily weekly monthly yearly annually hourly second third fourth fifth
  minimum maximum average median total approximately about exactly more less fewer most least everyone someone anyone
  everything something anything mostly partially fully completely top bottom up-to again`);

/** Comparison; "-er" and "-est" are found by form. */
export const COMPARISONS = words(`
  more less most least better best worse worst fewer fewest than further furthest farther farthest same different similar
  equal too enough`);

/** What the answer shall look like or whom it is for. */
export const FORMATS = words(`
  json xml yaml csv html markdown table bullet bullets list paragraph sentence sentences words word essay poem haiku email
  summary summarize tldr brief briefly short long shortly detail detailed details step-by-step simple simply concise
  concisely verbose example examples code formal informal casual tone rhyme plain outline diagram tweet letter story joke
  steps step line lines page pages characters shortest longer shorter`);
export const AUDIENCES = words(`
  child children kid kids beginner beginners expert experts adult adults teenager student students teacher layman laymen
  toddler grandmother doctor doctors lawyer engineer engineers developer developers manager executives year-old eli5 novice
  woman women man men senior seniors baby dog cat pregnant`);

/** Of these one letter or number says which. */
export const LETTERED = words(`
  vitamin hepatitis type plan group grade class section option level appendix model influenza team part exhibit schedule
  series vector point side row column drive room gate terminal hall variant answer choice`);

/** Written small they are words without content, written large they are names. */
export const SHOUTED_NAMES = words("us it who a or and not in on at is as am pm if so do be all no to i");

/** Also the names of things: with both spellings at hand the capital letter decides. */
export const NAMES_TOO = words(`
  turkey china polish march may apple windows word target shell edge access teams outlook pages numbers notes photos reading nice
  mobile jordan chad august mercury mars saturn galaxy office square stripe block bath split cork hull bill mark rose frank grant will
  jobs gates ford fox dell gap visa`);

/** Requests about a word itself: there even the words without content count, and so do their endings. */
export const MENTIONING = words(`
  spell spelling spelled pronounce pronounced pronunciation translate translated translation conjugate conjugation plural
  singular rhyme rhymes synonym synonyms antonym antonyms syllable syllables say said tense participle etymology
  grammatically noun verb adjective adverb proofread paraphrase anagram palindrome hyphenated preposition capitalize uppercase lowercase`);

export function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).filter(Boolean));
}
