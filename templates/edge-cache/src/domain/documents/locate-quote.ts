/** Characters that writers and models change without changing the words. */
const SAME: Readonly<Record<string, string>> = {
  "“": '"',
  "”": '"',
  "„": '"',
  "«": '"',
  "»": '"',
  "‘": "'",
  "’": "'",
  "‚": "'",
  "‐": "-",
  "‑": "-",
  "–": "-",
  "—": "-",
  "−": "-",
  "‹": "<",
  "…": "...",
};
/** Marks that are not read: emphasis, code, and what nobody sees. */
const UNREAD = /[*`\u00ad\u200b-\u200d\u2060\ufeff]/;

/** Shorter than this a quote proves nothing. */
const LEAST_LETTERS = 4;
const MOST_CHARACTERS = 600;

/**
 * Where a quote stands in a source: letter by letter, but for white space, case, the form of quotation marks and dashes,
 * emphasis, and hyphens at a line's end. What a quote leaves out (`…`) is looked over.
 *
 * @returns its place in the source, whose own words are then the quote; null when it does not stand there
 */
export function locateQuote(source: string, quote: string): { readonly start: number; readonly end: number } | null {
  const parts = quote
    .split(/\[?(?:…|\.{3})\]?/)
    .map((part) => plainOf(part).text.replace(/^[\s"']+|[\s"'.,;:]+$/g, ""))
    .filter((part) => part !== "");
  if ((parts.join("").match(/[\p{L}\p{N}]/gu)?.length ?? 0) < LEAST_LETTERS) return null;
  const plain = plainOf(source);
  let from = 0;
  let start: number | undefined;
  let end = 0;
  for (const part of parts) {
    const at = indexOfWords(plain.text, part, from);
    if (at < 0) return null;
    start ??= plain.at[at] ?? 0;
    from = at + part.length;
    end = (plain.at[from - 1] ?? source.length - 1) + 1;
  }
  if (start === undefined || end - start > MOST_CHARACTERS) return null;
  // The mark that ends a sentence belongs to it, when the quote has one, too.
  if (/[.!?]["'”’]?\s*$/.test(quote) && /[.!?]/.test(source[end] ?? "")) end++;
  return { start, end: withoutHalf(source, end) };
}

/** Where a text stands in another, not beginning or ending inside a word or number. */
function indexOfWords(text: string, part: string, from: number): number {
  const inWord = /[\p{L}\p{N}]/u;
  for (let at = text.indexOf(part, from); at >= 0; at = text.indexOf(part, at + 1)) {
    const before = at > 0 && inWord.test(text[at - 1] ?? "") && inWord.test(part[0] ?? "");
    const after = inWord.test(text[at + part.length] ?? "") && inWord.test(part.at(-1) ?? "");
    if (!before && !after) return at;
  }
  return -1;
}

/** A text as it is compared, and where each of its characters comes from. */
function plainOf(text: string): { readonly text: string; readonly at: readonly number[] } {
  let plain = "";
  const at: number[] = [];
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? "";
    if (UNREAD.test(character)) continue;
    if (/\s/.test(character)) {
      if (plain.endsWith(" ")) continue;
      // "exam-" at a line's end and "ple" at the next one's beginning are a word.
      if (character === "\n" && /\p{Ll}-$/u.test(plain.slice(-3)) && /^\s*\p{Ll}/u.test(text.slice(index, index + 8))) {
        plain = plain.slice(0, -1);
        at.pop();
        while (/\s/.test(text[index + 1] ?? "")) index++;
        continue;
      }
      plain += " ";
      at.push(index);
      continue;
    }
    const same = (SAME[character] ?? character).normalize("NFKC").toLowerCase();
    plain += same;
    for (let each = 0; each < same.length; each++) at.push(index);
  }
  return { text: plain, at };
}

/** Never through the middle of a character. */
function withoutHalf(text: string, end: number): number {
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last < 0xdc00 ? end + 1 : end;
}
