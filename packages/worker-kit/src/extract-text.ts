/** Begins what nobody reads as text. */
const UNREAD = /<!--|<(script|style|noscript|template|svg|head)\b/gi;
/** Elements that end a line. Nothing here may look further than the next bracket: markup can be a megabyte of them. */
const BREAKS =
  /<\/?(?:p|div|section|article|header|footer|main|aside|h[1-6]|li|ul|ol|tr|table|blockquote|pre|br|hr)\b[^<>]*>/gi;

const STRUCTURE = /<(\/?)(h([1-6])|p|ul|ol|table|pre|blockquote|li)\b[^<>]*>/gi;

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  ndash: "–",
  mdash: "—",
  hellip: "…",
  euro: "€",
  copy: "©",
};

/**
 * The text of a document, with its paragraphs. HTML is taken for text to read, not for markup to trust: what comes out
 * is plain text.
 *
 * @param format left out: HTML when the document begins like it
 * @param options.structure HTML's headings and list items begin as Markdown's do: `## `, `- `
 */
export function extractText(
  document: string,
  format?: "text" | "html",
  { structure = false }: { readonly structure?: boolean } = {},
): string {
  const html =
    format === undefined
      ? /^\s*(<!doctype html|<html|<body|<(div|p|h1|article|section)\b)/i.test(document)
      : format === "html";
  return tidy(html ? fromHtml(document, structure) : document);
}

function fromHtml(html: string, structure: boolean): string {
  const read = withoutUnread(html);
  return (structure ? read.replace(STRUCTURE, marked) : read)
    .replace(BREAKS, "\n")
    .replace(/<[^<>]*>/g, "")
    .replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]+);/gi, (entity, name: string) => decodeEntity(name) ?? entity);
}

/** What a heading, a paragraph or a list item begins or ends with in Markdown. */
function marked(tag: string, slash: string, name: string, level: string | undefined): string {
  if (level !== undefined) return slash ? "\n\n" : `\n\n${"#".repeat(Number(level))} `;
  if (name.toLowerCase() === "li") return slash ? tag : "\n- ";
  return "\n\n";
}

/** What is never closed goes on to the end, as in a browser. */
function withoutUnread(html: string): string {
  const lower = html.toLowerCase();
  let text = "";
  let from = 0;
  for (const match of lower.matchAll(UNREAD)) {
    if (match.index < from) continue;
    text += html.slice(from, match.index);
    const close = match[1] === undefined ? "-->" : `</${match[1]}`;
    const end = lower.indexOf(close, match.index);
    const after = end < 0 ? -1 : close === "-->" ? end + 3 : lower.indexOf(">", end) + 1;
    from = after <= 0 ? html.length : after;
  }
  return text + html.slice(from);
}

function decodeEntity(name: string): string | undefined {
  if (!name.startsWith("#")) return ENTITIES[name.toLowerCase()];
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/** One blank line between paragraphs, no spaces at the ends of lines. */
function tidy(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/[ \t\u00a0]+/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
