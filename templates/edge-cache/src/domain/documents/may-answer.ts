import { contentWords, isSameWord, wordsOf } from "./content-words.ts";

/** A passage as it is judged. */
export interface JudgedPassage {
  readonly text: string;
  readonly heading: string;
  /** Cosine with the question; null where only its words have found it. */
  readonly similarity: number | null;
}

/** Of the question's words, so many in one passage make it worth asking a model. */
const ENOUGH_WORDS = 0.5;
/** A passage that is so much further than the nearest one only leads a model astray. */
const NEAR_THE_BEST = 0.7;

/**
 * The passages that can have to do with a question: they are about as near to it in meaning as the nearest one, or have
 * about as many of its words as any. None where nothing is near and nothing has half of its words. Whether they answer it
 * is the model's to say.
 *
 * @param similarity of the nearest passage, cosine; null when the vectors could not be asked
 */
export function passagesThatMayAnswer<Passage extends JudgedPassage>(
  question: string,
  passages: readonly Passage[],
  { similarity, minSimilarity }: { readonly similarity: number | null; readonly minSimilarity: number },
): Passage[] {
  const asked = contentWords(question);
  const shares = passages.map((passage) => shareOf(asked, passage));
  const enough = Math.max(ENOUGH_WORDS, NEAR_THE_BEST * Math.max(0, ...shares));
  const isNear = similarity !== null && similarity >= minSimilarity;
  if (!isNear && !shares.some((share) => share >= ENOUGH_WORDS)) return [];
  return passages.filter(
    (passage, index) =>
      (shares[index] ?? 0) >= enough ||
      (isNear && passage.similarity !== null && passage.similarity >= similarity * NEAR_THE_BEST),
  );
}

function shareOf(asked: readonly string[], { heading, text }: JudgedPassage): number {
  const words = [...new Set(wordsOf(`${heading} ${text}`))];
  const found = asked.filter((word) => words.some((other) => isSameWord(word, other)));
  return found.length / Math.max(1, asked.length);
}
