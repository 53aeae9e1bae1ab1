import { words } from "./function-words.ts";

/** Nouns that ask for something of another thing: "flu symptoms" is "symptoms of flu". In base form, after synonyms. */
export const RELATIONS = words(`
  symptom cause capital population price size height weight length width depth age area volume speed distance temperature
  definition meaning history origin purpose advantage disadvantage effect benefit risk treatment currency language flag
  president ceo founder inventor author director owner formula syntax recipe ingredient salary lifespan diameter radius
  duration density color location address climate economy religion mayor leader king queen nationality birthplace
  birth-date name number side-effect function role feature boiling-point melting-point difference similarity example
  rule requirement return-policy refund-policy refund version rate value revenue deadline diagnosis structure color`);

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

/** Adjectives for which "how … is it" has an answer in a unit. */
export const SYMMETRIC = words(
  "between difference distance compare comparison similarity similar common vs versus relationship sum product average mean intersection combine mix",
);
