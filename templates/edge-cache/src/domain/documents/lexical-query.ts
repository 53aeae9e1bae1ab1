import { contentWords } from "./content-words.ts";

const MOST_WORDS = 32;

/**
 * What the full-text index is asked: any of the question's words, within one tenant's texts.
 *
 * Words are letters and digits only and stand in quotes, so nothing that somebody asks is read as an operator.
 *
 * @param scope the token that marks the tenant's texts
 * @see https://www.sqlite.org/fts5.html#full_text_query_syntax
 */
export function lexicalQuery(question: string, scope: string): string | null {
  const words = contentWords(question).slice(0, MOST_WORDS);
  if (words.length === 0) return null;
  return `scope : "${scope}" AND text : (${words.map((word) => `"${word}"`).join(" OR ")})`;
}
