import { log } from "@tenner/worker-kit/log";
import type { Settings } from "@tenner/worker-kit/settings";
import { sha256Hex } from "@tenner/worker-kit/timing-safe";
import type { Answers } from "../cache/answers.ts";
import type { CacheEntry } from "../cache/entry.ts";
import type { Generations } from "../cache/generations.ts";
import { comparableQuestion } from "../domain/comparable-question.ts";
import { frame, type Question } from "../domain/identity.ts";
import type { FlightRequest } from "../flight-events.ts";
import type { Relay } from "../upstream.ts";
import { alikeCopy } from "./alike-copy.ts";
import type { Explanation, Lesson } from "./explanation.ts";
import { learn, textOf } from "./learn.ts";
import { keepQuestion } from "./questions.ts";
import { type Counted, record } from "./record.ts";
import { type Found, type Search, type Sought, searchAlike } from "./search.ts";

/** What the semantic cache needs of a flight. */
export interface FlightTools {
  readonly env: Env;
  readonly settings: Settings;
  readonly relay: Relay;
  readonly kept: Answers;
  readonly generations: Generations;
}

type Asked = Pick<FlightRequest, "key" | "tenant" | "tags" | "maxAge" | "fresh" | "detached" | "alike" | "requestId">;

/** What came of looking, or why there was none. */
type Looked = { readonly search: Search } | { readonly failed: unknown };

/** A kept answer for another question, to be told to all who wait. */
export interface AlikeAnswer {
  readonly entry: CacheEntry;
  /** What looking for it cost. */
  readonly costNano: number;
}

/**
 * The semantic cache's part in one flight: looks for an answer to a question that means the same before the models are
 * asked, and learns from what they say. All who wait for the flight share its one embedding. Nothing here fails the flight.
 */
export class AlikeFlight {
  readonly #asked: Asked;
  readonly #tools: FlightTools;
  /** Null: nothing is compared with it. */
  readonly #sought: Sought | null;
  readonly #looking: Promise<Looked> | null;
  #looked: Looked | null = null;
  #late = false;

  static async begin(question: Question, asked: Asked, tools: FlightTools): Promise<AlikeFlight> {
    const { key, tenant, maxAge } = asked;
    const wanted = asked.alike && tools.settings.cache.semantic.mode !== "off";
    const text = wanted ? comparableQuestion(question.request) : null;
    if (text === null) return new AlikeFlight(asked, tools, null);
    const { request } = question;
    const sought = { tenant, key, frame: await sha256Hex(frame(question)), text, request, maxAge };
    return new AlikeFlight(asked, tools, sought);
  }

  private constructor(asked: Asked, tools: FlightTools, sought: Sought | null) {
    this.#asked = asked;
    this.#tools = tools;
    this.#sought = sought;
    this.#looking = sought && !asked.fresh && !asked.detached ? this.#look(sought) : null;
  }

  async #look(sought: Sought): Promise<Looked> {
    try {
      this.#looked = { search: await searchAlike(sought, this.#tools) };
    } catch (failed) {
      log("warn", "semantic_search_failed", { tenant: sought.tenant, key: sought.key, message: String(failed) });
      this.#looked = { failed };
    }
    return this.#looked;
  }

  /** A kept answer that may be served, if one is found in time. */
  async answer(): Promise<AlikeAnswer | null> {
    const { mode, waitMs } = this.#tools.settings.cache.semantic;
    if (!this.#looking || mode !== "on") return null;
    const looked = await within(this.#looking, waitMs);
    this.#late = looked === null;
    const search = looked && "search" in looked ? looked.search : null;
    if (!search?.found) return null;
    return { entry: this.#copyOf(search.found), costNano: search.costNano };
  }

  #copyOf({ entry, alike }: Found): CacheEntry {
    const { key, tags } = this.#asked;
    const { generations, settings } = this.#tools;
    return alikeCopy(entry, alike, { key, tags, generations, ttl: settings.cache.semanticTtlSeconds });
  }

  /** What looking has cost by now. */
  get costNano(): number {
    return this.#search?.costNano ?? 0;
  }

  /** In shadow mode: how near the kept question is whose answer would have been served, as far as is known by now. */
  get shadow(): { readonly similarity: number } | null {
    const found = this.#tools.settings.cache.semantic.mode === "shadow" ? this.#search?.found : null;
    return found ? { similarity: found.alike.similarity } : null;
  }

  get #search(): Search | null {
    return this.#looked && "search" in this.#looked ? this.#looked.search : null;
  }

  /** Writes down that an answer was served. */
  async served({ entry }: AlikeAnswer): Promise<void> {
    const learned = entry.alike?.by === "learned";
    await this.#record(learned ? "hit-exact" : "hit-semantic", ["searched", learned ? "alias-hit" : "hit"]);
  }

  /**
   * Asks a model all the same for a share of the served answers, so that what was wrong is found.
   *
   * @param ask for a fresh answer, which is kept where it shows the served one to be wrong
   */
  async verify(ask: () => Promise<{ readonly text: string; keep(): Promise<void> } | null>): Promise<void> {
    const found = this.#search?.found;
    if (found?.alike.by !== "rules" || Math.random() >= this.#tools.settings.cache.semantic.verifyShare) return;
    await quietly("semantic_verification_failed", async () => {
      const fresh = found.entry.standIn ? null : await ask();
      const lesson = fresh && (await this.#learn(found, fresh.text, "verified"));
      if (lesson?.result === "different") await fresh?.keep();
      if (lesson) await this.#record("hit-semantic", [], lesson);
    });
  }

  /**
   * After the models have answered: what was found is compared with their answer, and the question is made findable.
   *
   * @param entry the kept answer; null when it may not be kept
   */
  async after(entry: CacheEntry | null): Promise<void> {
    if (this.#looking) await this.#looking;
    await this.#record("miss", this.#countedMiss());
    const lesson = entry ? await quietly("semantic_learning_failed", () => this.#lesson(entry)) : null;
    if (lesson) await this.#record("miss", [], lesson);
    if (entry) await quietly("semantic_indexing_failed", () => this.#index(entry));
  }

  async #lesson(entry: CacheEntry): Promise<Lesson | null> {
    const search = this.#search;
    // What a stand-in says proves nothing: it mostly says the question again.
    if (!search || entry.standIn) return null;
    if (search.found && this.#tools.settings.cache.semantic.mode === "shadow") {
      return this.#learn(search.found, textOf(entry), "shadow");
    }
    return search.open ? this.#learn(search.open, textOf(entry), "open") : null;
  }

  async #learn(
    { entry, text }: { readonly entry: CacheEntry; readonly text: string | null },
    fresh: string,
    kind: Lesson["kind"],
  ): Promise<Lesson | null> {
    if (!this.#sought || text === null || entry.standIn) return null;
    const { key, tenant } = this.#asked;
    const questions = { asked: this.#sought.text, kept: text };
    return learn({ tenant, key, questions, fresh, entry, kind }, this.#tools);
  }

  async #index(entry: CacheEntry): Promise<void> {
    if (!this.#sought) return;
    const { env, relay, settings } = this.#tools;
    const { text, frame: frameHash } = this.#sought;
    const vector = this.#search?.vector ?? (await relay.embed([text])).value[0];
    if (!vector) return;
    const expiresAt = entry.storedAt + Math.min(entry.ttl, settings.cache.semanticTtlSeconds) * 1_000;
    await keepQuestion(env, { entry, frame: frameHash, text, vector, expiresAt });
  }

  #countedMiss(): Counted[] {
    if (!this.#looked) return [];
    const shadow = this.shadow !== null;
    return [
      "searched",
      ...("failed" in this.#looked ? (["failed"] as const) : []),
      ...(this.#late ? (["late"] as const) : []),
      ...(shadow ? (["shadow-hit"] as const) : []),
    ];
  }

  async #record(outcome: string, counted: readonly Counted[], learned: Lesson | null = null): Promise<void> {
    const { tenant, key, requestId, detached } = this.#asked;
    const search = this.#search;
    const { mode } = this.#tools.settings.cache.semantic;
    const found = this.#late ? null : search?.found;
    const state = outcome === "miss" ? "would-serve" : "served";
    const explanation: Explanation = {
      outcome,
      why: this.#why(outcome),
      mode,
      served: found?.alike.key ?? null,
      similarity: found?.alike.similarity ?? null,
      searched_ms: search?.ms ?? null,
      candidates: (search?.candidates ?? []).map((each) =>
        each.key === found?.alike.key && each.state === "usable" ? { ...each, state } : each,
      ),
      learned,
    };
    await record(this.#tools.env, { tenant, key, requestId: detached ? null : requestId, explanation }, counted);
  }

  #why(outcome: string): string {
    const { mode, waitMs } = this.#tools.settings.cache.semantic;
    if (outcome === "hit-semantic") return "a kept question means the same";
    if (outcome === "hit-exact") return "a kept answer was proven to answer this question, too";
    if (mode === "off") return "the semantic cache is off, and this very question has no kept answer";
    if (!this.#sought)
      return "only its last message is compared with others, and only when that is one short text of a user";
    if (!this.#looking) return "a new answer was asked for";
    if (this.#late) return `alike questions were not found within ${waitMs} ms; what came later is learned from`;
    if (!this.#search) return "alike questions could not be looked for: a service did not answer";
    const { found, open, candidates } = this.#search;
    if (found) return "shadow mode: a kept question means the same, but a model was asked";
    if (candidates.length === 0) return "no kept question is near";
    if (open?.entry.standIn)
      return "the rules do not say whether the nearest question means the same, and a stand-in proves nothing";
    if (open) return "the rules do not say whether the nearest question means the same: the answers are compared";
    return "no near question means the same, or its answer may not be served";
  }
}

/** Null when it takes longer. */
async function within<T>(work: Promise<T>, ms: number): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function quietly<T>(event: string, act: () => Promise<T>): Promise<T | null> {
  try {
    return await act();
  } catch (error) {
    log("warn", event, { message: String(error) });
    return null;
  }
}
