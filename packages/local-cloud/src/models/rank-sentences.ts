const STOP_WORDS = new Set(
  (
    "a an and are as at be been but by can could did do does for from had has have he her his how i if in into is it its " +
    "me my no not of on or our she so than that the their them then there these they this to was we were what when " +
    "where which who why will with would you your about please"
  ).split(" "),
);

/** The words of a text that carry meaning: lower case, without stop words. */
export function contentWords(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => word.length > 1 && !STOP_WORDS.has(word));
}

/** The sentences of a text, in order. A line break after a full line ends one too. */
export function sentencesOf(text: string): string[] {
  return text
    .split(/(?<=[.!?…])\s+(?=\p{Lu}|\p{N}|["'(])|\n+/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence.length > 0);
}

/**
 * The `count` sentences that say most of a text, in their order: those whose words are frequent in the whole text
 * or stand in `question`.
 */
export function bestSentences(text: string, count: number, question = ""): string[] {
  const sentences = sentencesOf(text);
  const frequency = new Map<string, number>();
  for (const word of contentWords(text)) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  const asked = new Set(contentWords(question));
  const scored = sentences.map((sentence, position) => {
    const words = new Set(contentWords(sentence));
    let score = position === 0 ? 1 : 0;
    for (const word of words) score += (frequency.get(word) ?? 0) - 0.5 + (asked.has(word) ? 3 : 0);
    return { sentence, position, score: score / Math.sqrt(words.size + 4) };
  });
  return scored
    .sort((a, b) => b.score - a.score || a.position - b.position)
    .slice(0, count)
    .sort((a, b) => a.position - b.position)
    .map(({ sentence }) => sentence);
}

/**
 * The `count` sentences that have most of a question's words, the rare ones before the frequent, in their order; the best
 * ones of the text where none has any.
 */
export function sentencesAbout(text: string, count: number, question: string): string[] {
  const sentences = sentencesOf(text);
  const words = sentences.map((sentence) => new Set(contentWords(sentence)));
  const asked = [...new Set(contentWords(question))].map((word) => {
    const isIn = (sentence: ReadonlySet<string>) => [...sentence].some((other) => isForm(word, other));
    return { isIn, weight: 1 / (1 + words.filter(isIn).length) };
  });
  const scored = sentences.map((sentence, position) => {
    const own = words[position] ?? new Set();
    const found = asked.reduce((sum, { isIn, weight }) => sum + (isIn(own) ? weight : 0), 0);
    // A heading names what a sentence says.
    const says = /[.!?…]["'”’)*]*$/.test(sentence) ? 1 : 0.5;
    return { sentence, position, score: (found * says) / Math.sqrt(own.size + 8) };
  });
  const about = scored.filter(({ score }) => score > 0);
  if (about.length === 0) return bestSentences(text, count, question);
  const best = about.sort((a, b) => b.score - a.score || a.position - b.position);
  return best
    .slice(0, count)
    .filter(({ score }) => score > (best[0]?.score ?? 0) / 2)
    .sort((a, b) => a.position - b.position)
    .map(({ sentence }) => sentence);
}

/** Whether two words are likely forms of one: `high` and `higher`. */
function isForm(left: string, right: string): boolean {
  const [short, long] = left.length < right.length ? [left, right] : [right, left];
  return short === long || (short.length > 3 && long.length - short.length <= 3 && long.startsWith(short));
}
