import { compareReadings, type Difference, type Guard } from "./compare-readings.ts";
import type { Message } from "./conversation.ts";
import { readMessage } from "./read-message.ts";

/** `same`: the candidate's answer answers what was asked. `different`: it does not. `uncertain`: nobody may say so from the words alone. */
export type Verdict = "same" | "different" | "uncertain";

export interface Decision {
  readonly verdict: Verdict;
  /** Of `same` there are none. */
  readonly reasons: readonly Difference[];
}

/**
 * Whether two conversations ask for the same answer. Everything before the last message has to be equal; of the last, what is
 * left after polite words, question frames and endings has to agree word for word, known synonyms included. Which of the two is
 * which makes no difference to the verdict.
 *
 * @param without leaves guards out: for measuring what each is worth, never for answering.
 */
export function decide(
  asked: readonly Message[],
  candidate: readonly Message[],
  without?: ReadonlySet<Guard>,
): Decision {
  const question = asked.at(-1);
  const known = candidate.at(-1);
  if (question === undefined || known === undefined)
    return { verdict: "uncertain", reasons: [difference("conversation", false)] };
  if (without?.has("conversation") !== true && !equalBefore(asked, candidate)) {
    return { verdict: "different", reasons: [difference("conversation", true)] };
  }
  if (question.content === known.content) return { verdict: "same", reasons: [] };
  const reasons = compareReadings(readMessage(question.content), readMessage(known.content), without);
  if (reasons.length === 0) return { verdict: "same", reasons };
  return { verdict: reasons.some(({ decides }) => decides) ? "different" : "uncertain", reasons };
}

function equalBefore(asked: readonly Message[], candidate: readonly Message[]): boolean {
  if (asked.length !== candidate.length || asked.at(-1)?.role !== candidate.at(-1)?.role) return false;
  return asked.slice(0, -1).every(({ role, content }, index) => {
    const other = candidate[index];
    return other !== undefined && role === other.role && content.normalize("NFC") === other.content.normalize("NFC");
  });
}

function difference(guard: Guard, decides: boolean): Difference {
  return { guard, asked: "", candidate: "", decides };
}
