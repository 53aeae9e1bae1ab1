import { AUDIENCES, COMPARISONS, FORMATS, NEGATIONS, QUANTITIES } from "./lexicon/function-words.ts";

/** Of which sort a word is, and so which guard watches it. */
export type TokenClass =
  | "number"
  | "unit"
  | "date"
  | "identifier"
  | "code"
  | "name"
  | "negation"
  | "quantity"
  | "comparison"
  | "format"
  | "audience"
  | "person"
  | "content";

const BY_SIGN: Readonly<Record<string, TokenClass>> = {
  "#": "number",
  "%": "unit",
  "@": "date",
  $: "identifier",
  "§": "code",
};
const COMPARED =
  /^(?:.{2,}(?:est|iest)|.{2,}(?:ger|ier|ster|rter|aller|eaper|arger|ower|igher|onger|ounger|older|etter|orse))$/;
const ONLY_LOOKS_COMPARED =
  /^(?:test|request|west|rest|forest|interest|guest|quest|nest|contest|latest|suggest|invest|digest|tiger|finger|danger|manager|trigger|passenger|power|flower|tower|shower|lower|letter|register|master|poster|older|folder|protest|harvest|arrest|honest|august|burger|ledger|ginger|hunger|anger|messenger|cluster|plaster|sister|minister|monster|disaster|easter|carrier|supplier|barrier|soldier|courier|twitter|starter|charter|quarter|reporter|porter|shorter|border|holder)$/;

export function classify(word: string, names: ReadonlySet<string>): TokenClass {
  const bySign = BY_SIGN[word.slice(0, 1)];
  if (bySign !== undefined && word.length > 1) return bySign;
  if (word.endsWith("^") || names.has(word)) return "name";
  if (NEGATIONS.has(word)) return "negation";
  if (
    COMPARISONS.has(word) ||
    (COMPARED.test(word) && (!ONLY_LOOKS_COMPARED.test(word) || /^(?:older|shorter|lower)$/.test(word)))
  ) {
    return "comparison";
  }
  if (QUANTITIES.has(word)) return "quantity";
  if (FORMATS.has(word)) return "format";
  return AUDIENCES.has(word) ? "audience" : "content";
}
