import { now } from "@tenner/worker-kit/clock";
import { log } from "@tenner/worker-kit/log";
import type { Settings } from "@tenner/worker-kit/settings";
import type { CacheEntry } from "../cache/entry.ts";
import { raise, scope } from "../cache/generations.ts";
import { compareAnswers, compareWords, cosine, needsCosine } from "../domain/compare-answers.ts";
import { errorBound } from "../domain/error-bound.ts";
import type { Relay } from "../upstream.ts";
import type { Lesson } from "./explanation.ts";
import { judge, type OpenPair } from "./judge.ts";
import { countProof } from "./questions.ts";
import { type Counted, count } from "./record.ts";
import { keepVerdict } from "./verdicts.ts";

/** Two questions, and the answers that a model gave to each. */
export interface Compared {
  readonly tenant: string;
  /** Of the asked question. */
  readonly key: string;
  readonly questions: OpenPair;
  /** To the asked question. */
  readonly fresh: string;
  readonly entry: CacheEntry;
  /** `open`: the rules could not say. `shadow`, `verified`: they have said that the questions mean the same. */
  readonly kind: Lesson["kind"];
}

/** What learning needs. */
export interface LearnTools {
  readonly env: Env;
  readonly settings: Settings;
  readonly relay: Relay;
}

/** Longer answers are compared by their beginnings: an embedding model reads no more. */
const COMPARED = 2_000;

/**
 * Learns from a fresh answer whether a kept one would have been right: equal questions become one, different ones are
 * blocked, and what the rules had said of them counts for or against the kept answer.
 *
 * @throws whatever D1 or the models fail with
 */
export async function learn(compared: Compared, { env, settings, relay }: LearnTools): Promise<Lesson> {
  const { tenant, key, questions, fresh, entry, kind } = compared;
  const words = compareWords(
    { question: questions.asked, answer: fresh },
    { question: questions.kept, answer: textOf(entry) },
  );
  const closeness = needsCosine(words) ? await similarity(relay, fresh, textOf(entry)) : null;
  const answers = compareAnswers(words, closeness);
  const { semantic } = settings.cache;
  const judged = answers === "open" && semantic.judge ? await judge(relay, semantic, questions) : null;
  const result = answers !== "open" ? (answers === "equal" ? "same" : "different") : verdictOf(judged);
  const lesson: Lesson = {
    key: entry.key,
    kind,
    agreement: words.agreement,
    cosine: closeness,
    answers,
    judged,
    result,
  };
  if (result === "open") {
    await count(env, tenant, "left-open");
    return lesson;
  }
  const proof = judged === null ? "answers" : "judge";
  // What the rules say needs no alias; against it, the pair is blocked.
  if (kind === "open" || result === "different") {
    await keepVerdict(env.DB, tenant, [key, entry.key], { verdict: result, proof }, now(env));
  }
  if (kind === "open") await count(env, tenant, result === "same" ? "learned-same" : "learned-different");
  else
    await prove(
      env,
      settings,
      { tenant, key, kept: entry.key },
      result === "same" ? "verified-right" : "verified-wrong",
    );
  return lesson;
}

function verdictOf(judged: boolean | null): Lesson["result"] {
  if (judged === null) return "open";
  return judged ? "same" : "different";
}

/** Counts for or against a kept answer that was, or would have been, served for another question. */
export async function prove(
  env: Env,
  { cache }: Pick<Settings, "cache">,
  { tenant, key, kept }: { readonly tenant: string; readonly key: string; readonly kept: string },
  counted: Extract<Counted, "verified-right" | "verified-wrong" | "reported-wrong">,
): Promise<void> {
  await count(env, tenant, counted);
  const right = counted === "verified-right";
  const counts = await countProof(env.DB, tenant, kept, right ? "right" : "wrong");
  if (right) return;
  const stopped = errorBound(counts) > cache.semantic.maxErrorRate;
  if (stopped) log("warn", "semantic_entry_stopped", { tenant, key: kept, ...counts });
  await raise(env.DB, tenant, [scope.key(key), ...(stopped ? [scope.alike(kept)] : [])], now(env));
}

async function similarity(relay: Relay, one: string, other: string): Promise<number> {
  const { value } = await relay.embed([one.slice(0, COMPARED), other.slice(0, COMPARED)]);
  return cosine(value[0] ?? [], value[1] ?? []);
}

/** The words of an answer. Several (`n`) are compared as one. */
export function textOf({ completion }: Pick<CacheEntry, "completion">): string {
  return completion.choices.map(({ message }) => message.content ?? "").join("\n");
}
