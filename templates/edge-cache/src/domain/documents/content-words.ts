/** Words that say nothing of what is asked. */
const STOP_WORDS = new Set(
  (
    "a about all also am an and any are as at be been being but by can could did do does doing done for from get give " +
    "had has have having he her here him his how i if in into is it its just kind know let like many may me might more " +
    "most much must my no not of off on one or our out please say says she should show so some such tell than that the " +
    "their them then there these they thing this those to too under until up us was we were what whats when where " +
    "which while who whom whose why will with would you your document documents file text according"
  ).split(" "),
);

/** The words of a question that its answer is about: lower case, each once. All of them where none is left. */
export function contentWords(text: string): string[] {
  const words = wordsOf(text);
  const content = words.filter((word) => !STOP_WORDS.has(word) && (word.length > 1 || /\p{N}/u.test(word)));
  return [...new Set(content.length > 0 ? content : words)];
}

/** All words of a text, lower case and without accents. */
export function wordsOf(text: string): string[] {
  return (
    text
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** Whether two words are likely forms of one: they begin alike and differ in a short ending. */
export function isSameWord(left: string, right: string): boolean {
  if (left === right) return true;
  if (Math.min(left.length, right.length) < 4 || /\p{N}/u.test(left + right)) return false;
  let alike = 0;
  while (alike < left.length && left[alike] === right[alike]) alike++;
  return alike >= 4 && Math.max(left.length, right.length) - alike <= 3;
}
