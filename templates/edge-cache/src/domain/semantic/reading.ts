import type { TokenClass } from "./classify-token.ts";

/** One word or phrase with content. Two that mean the same have the same key. */
export interface Token {
  readonly key: string;
  readonly class: TokenClass;
}

/** Tokens in their order, under the word that binds them to the sentence: "from", "to", "with" …; "" is the sentence itself. */
export interface Phrase {
  readonly role: string;
  readonly tokens: readonly Token[];
}

export interface Sentence {
  /** See `frameQuestion`. */
  readonly kind: string;
  /** `past`, `future`, `perfect`, `passive`, once for each verb that shows it. */
  readonly tense: readonly string[];
  /** Of what it asks for several: "what are the …s". */
  readonly plural: readonly string[];
  readonly phrases: readonly Phrase[];
}

/** What a message asks for. What cannot be read is `verbatim`, and equal only to itself. */
export type Reading = { readonly verbatim: string } | { readonly sentences: readonly Sentence[] };
