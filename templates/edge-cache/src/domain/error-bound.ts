/**
 * As many right answers as the rules have earned before an entry has any of its own: pairs written to deceive them are
 * told apart without an error among more than a thousand.
 */
const EARNED = 300;
/** 95 % on one side. */
const Z = 1.645;

/**
 * The share of wrong answers, 0 to 1, that an entry stays below with 95 % certainty, by what its answers to alike questions
 * have proved to be: Wilson's bound. Without any it is 0.9 %; one wrong answer raises it to 1.7 %.
 *
 * @see https://arxiv.org/abs/2502.03771 for the idea of a bound for each entry, learned while it is used
 */
export function errorBound({ right, wrong }: { readonly right: number; readonly wrong: number }): number {
  const n = EARNED + right + wrong;
  const share = wrong / n;
  const spread = Z * Math.sqrt((share * (1 - share)) / n + (Z * Z) / (4 * n * n));
  return (share + (Z * Z) / (2 * n) + spread) / (1 + (Z * Z) / n);
}
