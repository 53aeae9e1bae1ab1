const MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December";
const DATE = new RegExp(
  `\\b\\d{4}-\\d{2}-\\d{2}\\b|\\b\\d{1,2}\\.? (?:${MONTHS}),? \\d{4}\\b|\\b(?:${MONTHS}) \\d{1,2}(?:st|nd|rd|th)?,? \\d{4}\\b`,
  "i",
);
const EMAIL = /[\w.+-]+@[\w-]+\.[\w.-]*\w/;
const URL_SHAPE = /https?:\/\/[^\s<>"')\]]*[^\s<>"')\].,;]/;
const NUMBER = /-?\d[\d,]*(?:\.\d+)?/;

/** Shapes of values, by JSON Schema format. */
const SHAPES: Readonly<Record<string, RegExp>> = {
  email: EMAIL,
  uri: URL_SHAPE,
  url: URL_SHAPE,
  date: DATE,
  "date-time": /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})/,
  uuid: /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/i,
};

/** What a field's name says of its value when the text does not name it. First match wins. */
const BY_NAME: readonly [RegExp, RegExp][] = [
  [/e-?mail/i, EMAIL],
  [/url|link|website|homepage/i, URL_SHAPE],
  [/date|deadline|due|when/i, DATE],
  [/phone|mobile|tel$/i, /\+?\d[\d ()/-]{6,}\d/],
  // "the weather in New York": what stands behind a word of place.
  [
    /city|location|place|country|town|destination|address/i,
    /(?<=\b(?:in|at|to|for|from|near|of) )\p{Lu}\p{L}+(?:[ -]\p{Lu}\p{L}+)*/u,
  ],
  [/currency/i, /\b(?:USD|EUR|GBP|CHF|JPY)\b|[$€£]/],
  [/zip|postal/i, /\b\d{5}\b/],
  [/invoice|order|ticket|reference|number|^id$/i, /\b[A-Z]{1,5}-?\d[\w-]*\b|#\d+/],
  [
    /company|organi[sz]ation|employer|vendor|supplier/i,
    /\b[A-Z][\w&]+(?: [A-Z][\w&]+)* (?:Inc|Ltd|GmbH|LLC|Corp|AG|Co)\b\.?/,
  ],
  [
    /name|customer|person|author|sender|contact/i,
    /\b(?!Dear |Hello |Hi |From |Thanks |The |Best |Kind )[A-Z][a-z]+ (?:[A-Z]\. )?[A-Z][a-z]+\b/,
  ],
];

const SYMBOLS: Readonly<Record<string, string>> = { $: "USD", "€": "EUR", "£": "GBP" };

/**
 * The value that a text gives for a field of this name: "Invoice number: A-17" for `invoice_number`, else the first
 * thing of the shape that its format or name suggests (an e-mail address, a date, an amount).
 *
 * @param format a JSON Schema format, or undefined for any text.
 */
export function findText(name: string, text: string, format?: string): string | undefined {
  const shape = format === undefined ? undefined : SHAPES[format];
  if (format !== undefined && !shape) return undefined;
  const said = labelled(name, text);
  if (shape) return isoDate(said?.match(shape)?.[0] ?? text.match(shape)?.[0], format);
  if (said !== undefined)
    return said
      .replace(/([^\d\s])[,.;]\s.*$/, "$1")
      .replace(/[,.;]$/, "")
      .trim();
  const found = text.match(BY_NAME.find(([names]) => names.test(name))?.[1] ?? /$^/)?.[0];
  return found === undefined ? undefined : (SYMBOLS[found] ?? found);
}

/** The number that a text gives for a field of this name. */
export function findNumber(name: string, text: string): number | undefined {
  const said = labelled(name, text)?.match(NUMBER)?.[0];
  if (said !== undefined) return toNumber(said);
  const words = wordsOf(name);
  for (const word of words) {
    // "4 guests" for `guests` and `guest_count`.
    const before = new RegExp(
      `(-?\\d[\\d,]*(?:\\.\\d+)?)\\s+${escapeForPattern(word.replace(/s$/, ""))}s?\\b`,
      "i",
    ).exec(text)?.[1];
    if (before !== undefined && word.length > 2) return toNumber(before);
  }
  if (/amount|total|price|cost|sum|budget|value|fee/i.test(name)) {
    const money =
      /(?:[$€£]|USD|EUR|GBP)\s?(-?\d[\d,]*(?:\.\d+)?)|(-?\d[\d,]*(?:\.\d+)?)\s?(?:[$€£]|USD|EUR|GBP|dollars|euros)/i.exec(
        text,
      );
    return toNumber(money?.[1] ?? money?.[2] ?? text.match(NUMBER)?.[0]);
  }
  if (/year/i.test(name)) return toNumber(text.match(/\b(?:19|20)\d{2}\b/)?.[0]);
  return /quantity|count|number|age$/i.test(name) ? toNumber(text.match(NUMBER)?.[0]) : undefined;
}

/** What stands behind the field's name: `name: value`, `name = value`, `name is value`. */
function labelled(name: string, text: string): string | undefined {
  const words = wordsOf(name).map(escapeForPattern);
  if (words.length === 0) return undefined;
  const pattern = `\\b${words.join("[\\s_-]*")}\\b["']?\\s*(?:[:=#]|\\bis\\b)\\s*["']?([^\\n;|"']{1,200})`;
  return new RegExp(pattern, "i").exec(text)?.[1];
}

const wordsOf = (name: string) =>
  name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

function isoDate(found: string | undefined, format: string | undefined): string | undefined {
  if (found === undefined || format !== "date" || /^\d{4}-/.test(found)) return found;
  const time = Date.parse(`${found.replace(/(\d)(?:st|nd|rd|th)|\./g, "$1")} UTC`);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().slice(0, 10);
}

function toNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text.replaceAll(",", ""));
}

const escapeForPattern = (word: string) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
