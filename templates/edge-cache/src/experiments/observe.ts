import { now } from "@tenner/worker-kit/clock";
import type { Served } from "../answer-chat.ts";
import { moneyOf } from "../endpoints/account.ts";
import type { AnswerEvent } from "../upstream.ts";
import type { Trial } from "./assign.ts";
import { recordTrial } from "./record.ts";

/** What observing needs of the request. */
interface Observed {
  readonly env: Env;
  readonly tenant: string;
  readonly later: (work: Promise<unknown>) => void;
  readonly asker?: { readonly requestId: string } | undefined;
}

type Begun = Pick<Served, "outcome" | "events">;
type Came = ReturnType<typeof moneyOf> & { readonly fallback: boolean };
const FAILED = { costNano: 0, savedNano: 0, fallback: false };

/**
 * Answers, and writes into the experiment's books what became of it: when the answer is whole, or has failed. A client
 * that leaves before is not counted.
 */
export async function observe<Answered extends Begun>(
  { env, tenant, later, asker }: Observed,
  trial: Trial | null,
  answer: () => Promise<Answered>,
): Promise<Answered> {
  if (!trial || !asker) return answer();
  const startedAt = Date.now();
  const record = (outcome: string, came: Came) => {
    const { experiment, subject, variant } = trial;
    const ms = Date.now() - startedAt;
    const facts = { tenant, experiment, variant: variant.name, subject, outcome, ...came, ms, at: now(env) };
    recordTrial(env, later, { ...facts, requestId: asker.requestId });
  };
  try {
    const answered = await answer();
    return { ...answered, events: observed(answered, record) };
  } catch (error) {
    record("error", FAILED);
    throw error;
  }
}

async function* observed(
  begun: Begun,
  record: (outcome: string, came: Came) => void,
): AsyncGenerator<AnswerEvent, void, undefined> {
  try {
    for await (const event of begun.events) {
      if (event.kind === "answer") {
        record(begun.outcome, { ...moneyOf(begun, event.answer), fallback: event.answer.fallback });
      }
      yield event;
    }
  } catch (error) {
    record("error", FAILED);
    throw error;
  }
}
