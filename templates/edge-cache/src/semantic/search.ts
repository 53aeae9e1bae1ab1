import { now } from "@tenner/worker-kit/clock";
import type { Settings } from "@tenner/worker-kit/settings";
import type { Answers } from "../cache/answers.ts";
import type { Alike, CacheEntry } from "../cache/entry.ts";
import type { Generations } from "../cache/generations.ts";
import { conversationWith } from "../domain/comparable-question.ts";
import { errorBound } from "../domain/error-bound.ts";
import { decide } from "../domain/semantic/decide.ts";
import type { ChatRequest } from "../openai/chat-request.ts";
import type { Relay } from "../upstream.ts";
import { mayServeAlike } from "./alike-copy.ts";
import type { Candidate } from "./explanation.ts";
import { type KnownQuestion, knownQuestions } from "./questions.ts";
import { verdictsOf } from "./verdicts.ts";

/** A question that alike ones are looked for. */
export interface Sought {
  readonly tenant: string;
  readonly key: string;
  /** SHA-256 of its frame. */
  readonly frame: string;
  readonly text: string;
  readonly request: ChatRequest;
  /** Seconds that a kept answer may be old; null: as long as it lives. */
  readonly maxAge: number | null;
}

/** What looking needs. */
export interface SearchTools {
  readonly env: Pick<Env, "DB" | "QUESTIONS">;
  readonly settings: Pick<Settings, "cache">;
  readonly relay: Pick<Relay, "embed">;
  readonly kept: Answers;
  readonly generations: Generations;
}

/** A kept answer that answers the sought question, too. */
export interface Found {
  readonly entry: CacheEntry;
  /** The question that it answered; null when it need not be known. */
  readonly text: string | null;
  readonly alike: Alike;
}

/** What came of looking. */
export interface Search {
  readonly found: Found | null;
  /** The nearest answer of which the words do not say whether it answers the question. */
  readonly open: { readonly entry: CacheEntry; readonly text: string; readonly similarity: number } | null;
  readonly candidates: readonly Candidate[];
  /** Of the question; null when none was needed. */
  readonly vector: readonly number[] | null;
  readonly costNano: number;
  /** ms, real time */
  readonly ms: number;
}

/**
 * Looks for a kept answer to a question that means the same: first among those that were proven to, then among the nearest.
 * One embedding at most.
 *
 * @throws whatever Vectorize, D1 or the embedding model fail with
 */
export async function searchAlike(sought: Sought, tools: SearchTools): Promise<Search> {
  const startedAt = Date.now();
  const { env, settings, relay, kept, generations } = tools;
  const { tenant, key, frame, text } = sought;
  const at = now(env);
  const verdicts = await verdictsOf(env.DB, tenant, key);

  const liveEntry = async (candidate: string): Promise<CacheEntry | null> => {
    const entry = await kept.find(tenant, candidate);
    const ttl = settings.cache.semanticTtlSeconds;
    return entry && mayServeAlike(entry, generations, { at, ttl, maxAge: sought.maxAge }) ? entry : null;
  };

  const proven = [...verdicts].filter(([, { verdict }]) => verdict === "same").map(([other]) => other);
  const alias = await aliasOf(proven, liveEntry);
  if (alias) {
    const { candidates, found } = alias;
    return { found, open: null, candidates, vector: null, costNano: 0, ms: Date.now() - startedAt };
  }

  const embedded = await relay.embed([text]);
  const vector = embedded.value[0] ?? [];
  const { semantic, similarityThreshold } = settings.cache;
  const { matches } = await env.QUESTIONS.query(vector, {
    topK: semantic.candidates,
    namespace: tenant,
    filter: { frame },
  });
  const near = matches.filter(({ id, score }) => id !== key && score >= similarityThreshold);
  const known =
    near.length === 0
      ? new Map<string, KnownQuestion>()
      : await knownQuestions(
          env.DB,
          tenant,
          near.map(({ id }) => id),
          at,
        );

  // What somebody has called wrong once is asked a model from then on: an answer near the wrong one is no better.
  const reported = verdicts.has(key);
  let found: Found | null = null;
  let open: Search["open"] = null;
  const candidates: Candidate[] = [];
  for (const { id, score: similarity } of near) {
    const candidate = (state: Candidate["state"], more: Partial<Candidate> = {}) =>
      candidates.push({ key: id, similarity, verdict: null, reasons: [], state, ...more });
    const question = known.get(id);
    // Vectorize may lag, and it is not the only one that keeps tenants and frames apart.
    if (!question || question.frame !== frame) {
      candidate("gone");
      continue;
    }
    if (reported || verdicts.get(id)?.verdict === "different") {
      candidate("blocked");
      continue;
    }
    const { verdict, reasons } = decide(
      conversationWith(sought.request, text),
      conversationWith(sought.request, question.text),
    );
    const decided = { verdict, reasons: [...reasons] };
    if (verdict === "different") candidate("no", decided);
    else if (verdict === "same" && errorBound(question) > semantic.maxErrorRate) candidate("stopped", decided);
    else if (verdict === "same" ? found : open) candidate(verdict === "same" ? "usable" : "open", decided);
    else {
      const entry = await liveEntry(id);
      if (!entry) candidate("gone", decided);
      else if (verdict === "same") {
        found = { entry, text: question.text, alike: { key: id, similarity, by: "rules" } };
        candidate("usable", decided);
      } else {
        open = { entry, text: question.text, similarity };
        candidate("open", decided);
      }
    }
  }
  return { found, open, candidates, vector, costNano: embedded.costNano, ms: Date.now() - startedAt };
}

/** An answer that was proven to answer the question, too. How near the two are is of no more interest. */
async function aliasOf(
  proven: readonly string[],
  liveEntry: (key: string) => Promise<CacheEntry | null>,
): Promise<{ found: Found; candidates: Candidate[] } | null> {
  for (const key of proven) {
    const entry = await liveEntry(key);
    if (!entry) continue;
    const candidates: Candidate[] = [{ key, similarity: 1, verdict: null, state: "learned", reasons: [] }];
    return { found: { entry, text: null, alike: { key, similarity: 1, by: "learned" } }, candidates };
  }
  return null;
}
