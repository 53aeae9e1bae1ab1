const SHAPES: Readonly<Record<string, RegExp>> = {
  email: /[\w.+-]+@[\w-]+\.[\w.-]*\w/,
  uri: /https?:\/\/[^\s<>"')]+/,
  url: /https?:\/\/[^\s<>"')]+/,
  date: /\b\d{4}-\d{2}-\d{2}\b/,
  "date-time": /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})/,
  uuid: /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/i,
  number: /-?\d[\d,]*(?:\.\d+)?/,
};

/**
 * The value that a text gives for a field of this name: "Invoice number: A-17" for `invoice_number`, else the first
 * thing of the shape its name or format suggests (an e-mail address, a date, an amount).
 *
 * @param kind a JSON Schema format, `number`, or `text`.
 */
export function findByName(name: string, text: string, kind: string): string | undefined {
  const shape = SHAPES[kind];
  const words = name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .split(/[\s_-]+/)
    .filter(Boolean)
    .map(escapeForPattern);
  if (words.length > 0) {
    const labelled = new RegExp(
      `\\b${words.join("[\\s_-]*")}\\b["']?\\s*(?:[:=#]|is)\\s*["']?([^\\n;|"']{1,200})`,
      "i",
    ).exec(text)?.[1];
    const value = shape
      ? labelled?.match(shape)?.[0]
      : labelled
          ?.replace(/(?<=\D)[,.]\s.*$/, "")
          .replace(/[,.]$/, "")
          .trim();
    if (value) return kind === "number" ? plainNumber(value) : value;
  }
  if (kind === "number")
    return /amount|total|price|cost|sum|count|number|quantity|year|age/i.test(name)
      ? plainNumber(money(text))
      : undefined;
  if (shape) return text.match(shape)?.[0];
  if (/e-?mail/i.test(name)) return text.match(SHAPES.email ?? /$^/)?.[0];
  if (/url|link|website/i.test(name)) return text.match(SHAPES.url ?? /$^/)?.[0];
  if (/date|deadline|due/i.test(name)) return text.match(SHAPES.date ?? /$^/)?.[0];
  if (/currency/i.test(name))
    return (
      text.match(/\b(?:USD|EUR|GBP|CHF|JPY)\b/)?.[0] ??
      (text.includes("$") ? "USD" : text.includes("€") ? "EUR" : undefined)
    );
  return undefined;
}

function money(text: string): string | undefined {
  return text.match(/(?:[$€£]|USD|EUR)\s?(-?\d[\d,]*(?:\.\d+)?)/)?.[1] ?? text.match(SHAPES.number ?? /$^/)?.[0];
}

const plainNumber = (value: string | undefined) => value?.replaceAll(",", "");

const escapeForPattern = (word: string) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
