/**
 * Splits a text into parts of at most `most` characters, at a paragraph's end where one is near, else at a sentence's, a
 * word's, or anywhere. Put together again the parts give the text, except for spaces between them.
 */
export function splitText(text: string, most: number): string[] {
  const parts: string[] = [];
  let rest = text.trim();
  while (rest.length > most) {
    const end = endOfPart(rest, most);
    parts.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  if (rest !== "") parts.push(rest);
  return parts;
}

/** Not before the half: a part should not be a scrap. */
function endOfPart(text: string, most: number): number {
  const window = text.slice(0, most);
  for (const border of ["\n\n", "\n", ". ", " "]) {
    const at = window.lastIndexOf(border);
    if (at >= most / 2) return at + border.length;
  }
  // Never through the middle of a character.
  const last = window.charCodeAt(most - 1);
  return last >= 0xd800 && last < 0xdc00 ? most - 1 : most;
}
