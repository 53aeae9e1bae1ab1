import type { Settings } from "@tenner/worker-kit/settings";
import type { CacheEntry } from "../cache/entry.ts";
import type { BypassReason } from "../domain/cacheable.ts";
import type { Explanation } from "./explanation.ts";
import { record } from "./record.ts";

/** What explaining needs of a request. */
interface Explainable {
  readonly env: Env;
  readonly settings: Settings;
  readonly tenant: string;
  readonly later: (work: Promise<unknown>) => void;
  readonly asker?: { readonly requestId: string } | undefined;
}

const BYPASSES: Readonly<Record<BypassReason, string>> = {
  "no-store": "the request says cache-control: no-store",
  tools: "a model that may call tools is asked anew each time",
  temperature: "its temperature is above the setting: it asks for a different answer each time",
  personal: "it holds personal data, and what is somebody's own is not kept",
  secret: "it holds a key, a token or a password",
  live: "it asks for what is true only for a while",
  creative: "it asks for something made up, which shall be another one each time",
};

/** Writes down why a request went past the cache. */
export function explainBypass(work: Explainable, reason: BypassReason): void {
  explain(work, null, { outcome: "bypass", why: BYPASSES[reason], served: null, similarity: null, candidates: [] });
}

/** Writes down that a copy of another question's answer was served. Of a question's own answer there is nothing to say. */
export function explainCopy(work: Explainable, { key, alike }: CacheEntry): void {
  if (!alike) return;
  const learned = alike.by === "learned";
  explain(work, key, {
    outcome: learned ? "hit-exact" : "hit-semantic",
    why: learned
      ? "a kept answer was proven to answer this question, too; it was served from a copy"
      : "a kept question means the same; it was served from a copy",
    served: alike.key,
    similarity: alike.similarity,
    candidates: [
      {
        key: alike.key,
        similarity: alike.similarity,
        verdict: learned ? null : "same",
        state: learned ? "learned" : "served",
        reasons: [],
      },
    ],
  });
}

function explain(
  { env, settings, tenant, later, asker }: Explainable,
  key: string | null,
  facts: Pick<Explanation, "outcome" | "why" | "served" | "similarity" | "candidates">,
): void {
  if (!asker) return;
  const { mode } = settings.cache.semantic;
  const explanation = { ...facts, mode, searched_ms: null, learned: null };
  later(record(env, { tenant, requestId: asker.requestId, key, explanation }, []));
}
