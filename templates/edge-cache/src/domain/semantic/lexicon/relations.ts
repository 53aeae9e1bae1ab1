import { words } from "./function-words.ts";

/** Nouns that ask for something of another thing: "flu symptoms" is "symptoms of flu". In base form, after synonyms. */
export const RELATIONS = words(`
  symptom cause capital population price size height weight length width depth age area volume speed distance temperature
  definition meaning history origin purpose advantage disadvantage effect benefit risk treatment currency language flag
  president ceo founder inventor author director owner formula syntax recipe ingredient salary lifespan diameter radius
  duration density color location address climate economy religion mayor leader king queen nationality birthplace
  minister birth-date name number side-effect function role feature boiling-point melting-point difference similarity example
  rule requirement return-policy refund-policy refund version rate value revenue deadline diagnosis structure color
  remedy substitute alternative idea discount shortcut fee penalty wage weather climate timezone salary gdp debt budget limit
  tip password cure training right deadline`);

/** Here "for" and "of" say the same: "remedies for a cold", "substitute of butter". */
export const FOR_RELATIONS = words(
  "remedy substitute alternative idea discount shortcut symptom recipe formula requirement syntax symbol",
);

/** A country's own, whether "of" it or "in" it. */
export const PLACE_RELATIONS = words(
  "population currency weather climate language capital economy religion etiquette wage president leader king gdp timezone minister river mountain lake",
);

/** Of these a business has its own: "your shipping policy" is "the shipping policy". */
export const OFFERED = words(
  "policy hour price fee plan warranty rate discount shipping delivery newsletter support service product catalog menu subscription refund store shop website",
);

/** How much there is of these is what they are: "how high is the GDP". */
export const AMOUNTS =
  "(?:gdp|population|area|size|rate|price|cost|tax|salary|revenue|temperature|speed|debt|budget|wage|fee|limit)";

/** What a business has for its customers: whether there is one, or whether it is offered. */
export const SERVICES = words(`
  discount trial refund warranty guarantee plan option fee limit app api parking wifi delivery shipping support helpline hotline newsletter
  subscription voucher coupon promotion wishlist membership catering insurance installment demo version tier`);

/** "The French president" is the president of France. */
export const DEMONYMS: ReadonlyMap<string, string> = new Map(
  `french france|german germany|italian italy|spanish spain|portuguese portugal|british britain|english england|irish ireland|scottish scotland
  dutch netherlands|belgian belgium|swiss switzerland|austrian austria|swedish sweden|norwegian norway|danish denmark|finnish finland|polish poland
  czech czechia|hungarian hungary|greek greece|turkish turkey|russian russia|ukrainian ukraine|chinese china|japanese japan|korean korea|indian india
  pakistani pakistan|australian australia|canadian canada|mexican mexico|brazilian brazil|argentinian argentina|chilean chile|egyptian egypt
  nigerian nigeria|kenyan kenya|israeli israel|iranian iran|iraqi iraq|thai thailand|vietnamese vietnam|indonesian indonesia|european europe
  african africa|asian asia`
    .split(/[|\n]/)
    .map((line): [string, string] => {
      const [people = "", country = ""] = line.trim().split(/\s+/);
      return [people, country];
    }),
);

/** Who did it, to what was done: "the author of" is who "wrote". */
export const DOERS: ReadonlyMap<string, string> = new Map(
  `author write|writer write|inventor invent|founder found|discoverer discover|painter paint|composer compose
  creator create|designer design|architect design|director direct|winner win|developer develop|builder make|killer kill|singer sing|producer produce`
    .split(/[|\n]/)
    .map((line): [string, string] => {
      const [doer = "", deed = ""] = line.trim().split(/\s+/);
      return [doer, deed];
    }),
);

/** "How tall is" asks for the height. */
export const MEASURES: ReadonlyMap<string, string> = new Map(
  `tall height|high height|heavy weight|old age|deep depth|wide width|big size|large size|fast speed|expensive price|thick thickness|bright brightness`
    .split("|")
    .map((line): [string, string] => {
      const [adjective = "", noun = ""] = line.trim().split(/\s+/);
      return [adjective, noun];
    }),
);

/** Beside these the order of what "and" joins says nothing. */
export const SYMMETRIC = words(
  "between difference distance compare comparison similarity similar common vs versus relationship sum product average mean intersection combine mix",
);
