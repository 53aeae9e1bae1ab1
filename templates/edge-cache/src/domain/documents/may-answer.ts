import { contentWords, isSameWord, wordsOf } from "./content-words.ts";

/** Of the question's words, so many in one passage make it worth asking a model. */
const ENOUGH_WORDS = 0.5;

/**
 * Whether passages can have anything to do with a question: one is near it in meaning, or has half of its words. False
 * only where both say no; whether they answer it is the model's to say.
 *
 * @param similarity of the nearest passage, cosine; null when the vectors could not be asked
 */
export function mayAnswer(
  question: string,
  passages: readonly { readonly text: string; readonly heading: string }[],
  { similarity, minSimilarity }: { readonly similarity: number | null; readonly minSimilarity: number },
): boolean {
  if (passages.length === 0) return false;
  if (similarity !== null && similarity >= minSimilarity) return true;
  const asked = contentWords(question);
  return passages.some(({ text, heading }) => {
    const words = [...new Set(wordsOf(`${heading} ${text}`))];
    const found = asked.filter((word) => words.some((other) => isSameWord(word, other)));
    return found.length / Math.max(1, asked.length) >= ENOUGH_WORDS;
  });
}
