import { words } from "./lexicon/function-words.ts";
import { IRREGULAR_PARTICIPLE, IRREGULAR_PAST, IRREGULAR_PLURAL, NOT_PLURAL } from "./lexicon/irregular-forms.ts";

/** What the ending of a word says. */
type Ending = "base" | "plural" | "past" | "participle" | "past or participle" | "gerund";

export interface BaseForm {
  readonly base: string;
  readonly ending: Ending;
}

const NO_GERUND = words(`
  meaning building meeting nothing something everything anything billing marketing engineering accounting banking shipping
  boiling melting freezing programming earring sibling painting morning evening ceiling during wedding clothing heading pudding
  opening housing learning pricing string king ring thing spring wing sing bring sling string herring being offspring`);
const NO_PAST = words(`
  need seed speed feed bed red hundred shed embed exceed proceed succeed indeed breed bleed weed deed sacred naked united
  kindred med fed led wed reed freed greed agreed ted sled`);
const DOUBLE_KEPT = /(?:ll|ss|ff|zz|dd)$|^egg$/;
const ONE_L = words("control compel propel cancel travel label model signal patrol enrol total level fuel expel excel");
const WITH_E = words(`
  delet complet compet invit cit recit ignit stor explor restor ignor scor compar shar prepar declar car renam welcom resum
  consum assum chang manag charg merg arrang exchang damag engag encourag challeng judg stag emerg surg tast past wast believ breath brows creat describ subscrib unsubscrib
  escap guid includ postpon quot recharg recycl cycl rewrit unit whistl wrestl consol ow stor`);
const WITHOUT_E = words(`
  format combat repeat defeat monitor color favor author market target budget occur output input bring hang long belong
  wrong sing ring swing cling visit edit limit credit exit profit open happen listen offer enter focus bonus bias canvas gas
  plus process access develop gallop cover discover answer order list develop
  begin explain train join beat eat treat heat seat cheat float threat wait appear disappear repair sync screenshot`);

/** The dictionary's form of a lower-case English word. By rule and lists, so of a rare word it may be none: then it is the same for all its forms at least. */
export function baseForm(word: string): BaseForm {
  const plural = IRREGULAR_PLURAL.get(word);
  if (plural !== undefined) return { base: plural, ending: "plural" };
  const past = IRREGULAR_PAST.get(word);
  const participle = IRREGULAR_PARTICIPLE.get(word);
  if (past !== undefined) return { base: past, ending: participle === past ? "past or participle" : "past" };
  if (participle !== undefined) return { base: participle, ending: "participle" };
  if (word.length > 4 && word.endsWith("ing") && !NO_GERUND.has(word)) {
    const stem = word.slice(0, -3);
    if (/[aeiouy]/.test(stem)) return { base: restored(stem), ending: "gerund" };
  }
  if (word.length > 3 && word.endsWith("ed") && !NO_PAST.has(word) && !/[^r]eed$/.test(word)) {
    const stem = word.slice(0, -2);
    if (/[aeiouy]/.test(stem)) return { base: restored(stem), ending: "past or participle" };
  }
  return single(word);
}

/** The verb of a word in "-ing" that stands where only a verb can: "opening an account", though an opening is a thing too. */
export function verbOf(word: string): string {
  return word.length > 4 && word.endsWith("ing") && /[aeiouy]/.test(word.slice(0, -3))
    ? restored(word.slice(0, -3))
    : word;
}

function single(word: string): BaseForm {
  if (word.length < 4 || !word.endsWith("s") || NOT_PLURAL.has(word) || /(?:ss|us|is)$/.test(word)) {
    return { base: word, ending: "base" };
  }
  if (word.endsWith("ies")) return { base: `${word.slice(0, -3)}y`, ending: "plural" };
  if (/(?:sh|ch|ss|x|zz)es$/.test(word)) return { base: word.slice(0, -2), ending: "plural" };
  if (/[^aeo]oes$/.test(word)) return { base: word.slice(0, -2), ending: "plural" };
  return { base: word.slice(0, -1), ending: "plural" };
}

/** From what is left before "-ing" or "-ed" to the verb: `mak` → `make`, `stopp` → `stop`. */
function restored(stem: string): string {
  if (/^(?:un)?[dlt]y$/.test(stem)) return `${stem.slice(0, -1)}ie`;
  if (stem === "embedd") return "embed";
  if (stem.endsWith("i")) return stem.length > 2 ? `${stem.slice(0, -1)}y` : `${stem}e`;
  if (stem.length > 3 && stem.endsWith("ll") && ONE_L.has(stem.slice(0, -1))) return stem.slice(0, -1);
  if (/([^aeiou])\1$/.test(stem)) return DOUBLE_KEPT.test(stem) ? stem : stem.slice(0, -1);
  if (WITHOUT_E.has(stem)) return stem;
  return needsE(stem) ? `${stem}e` : stem;
}

function needsE(stem: string): boolean {
  if (WITH_E.has(stem)) return true;
  if (/(?:[cvzu]|dg|[^s]tl|[bpdgfkz]l)$/.test(stem) && !/(?:you|do)$/.test(stem)) return true;
  const vowels = stem.match(/[aeiouy]+/g)?.length ?? 0;
  if (vowels === 1)
    return /(?:^|[^aeiou])[aeiouy][^aeiouwxy]$/.test(stem) || /(?:[aeiou][aeiou]s|[^s]ns|rs|ps|ng[^aeiou])$/.test(stem);
  if (/(?:[^s]s)$/.test(stem)) return true;
  if (/(?:[^aeo]at|ut|[aeiu]r[^a-z]?|ag|od|id|il|ul|ak|ok|ik|yp|op)$/.test(stem))
    return !/(?:er|oid|aid|oil|ail)$/.test(stem);
  return /(?:[^aeo]in|[^eo]ad|(?:nam|com|sum)|ot)$/.test(stem) && !/(?:pilot|robot)$/.test(stem);
}
