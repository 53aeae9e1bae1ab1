/** Puts an answer together piece by piece, and knows when it is over before the model does. */
export interface AnswerText {
  /**
   * Takes the next piece.
   *
   * @returns what may be shown now, and whether the answer is complete
   */
  add(piece: string): { text: string; over: boolean };
  /** What was held back, at the end. */
  rest(): string;
}

/**
 * @param stop texts before which the answer ends; what may be the beginning of one is held back
 * @param json whether the answer is JSON: it is over with the value, while a grammar lets blanks follow for ever
 */
export function answerText(stop: readonly string[], json: boolean): AnswerText {
  let held = "";
  let whole = "";

  return {
    add(piece) {
      held += piece;
      const ends = stop.map((each) => held.indexOf(each)).filter((at) => at >= 0);
      if (ends.length > 0) {
        const text = held.slice(0, Math.min(...ends));
        held = "";
        return { text, over: true };
      }
      const text = held.slice(0, held.length - beginningOf(stop, held));
      held = held.slice(text.length);
      whole += text;
      return { text, over: json && isComplete(whole) };
    },
    rest: () => held,
  };
}

/** Length of the longest end of `text` that a stop text begins with. */
function beginningOf(stop: readonly string[], text: string): number {
  let longest = 0;
  for (const each of stop) {
    for (let length = Math.min(each.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(each.slice(0, length))) longest = length;
    }
  }
  return longest;
}

/** Whether no further character can belong to the value: a number, say, may have another digit. */
function isComplete(text: string): boolean {
  if (!/[}\]"]\s*$/.test(text) && !/\S\s+$/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
