import type { ChatCompletionChunk } from "@tenner/worker-kit/ai/relay";
import { now } from "@tenner/worker-kit/clock";
import { Problem } from "@tenner/worker-kit/problem";
import type { Settings } from "@tenner/worker-kit/settings";
import { sha256Hex } from "@tenner/worker-kit/timing-safe";
import { type Answers, answers } from "./cache/answers.ts";
import { ageOf, type CacheEntry, freshness } from "./cache/entry.ts";
import { generationsOf, isCurrent } from "./cache/generations.ts";
import type { CacheWish } from "./domain/cache-wish.ts";
import { type BypassReason, whyBypassed } from "./domain/cacheable.ts";
import { identity, type Question } from "./domain/identity.ts";
import { observe } from "./experiments/observe.ts";
import { type Failure, failureOf, problemOf } from "./failure.ts";
import { type FlightEvent, type FlightRequest, readEvents } from "./flight-events.ts";
import type { ChatRequest } from "./openai/chat-request.ts";
import { chunksOf } from "./openai/completion.ts";
import { type Way, wayOf } from "./routing/way-of-request.ts";
import { explainBypass, explainCopy } from "./semantic/explain-request.ts";
import { type Answer, type AnswerEvent, askUpstream, relayOf } from "./upstream.ts";

/** How a request was answered: what `x-cache` says. */
type Outcome = "hit-exact" | "hit-semantic" | "coalesced" | "stale" | "miss" | "bypass";

/** An answer that has begun, with what is known of it by then. */
export interface Served {
  readonly outcome: Outcome;
  /** By which it can be purged; null when it is not kept. */
  readonly key: string | null;
  readonly bypassed: BypassReason | null;
  /** Of a kept answer. */
  readonly entry: CacheEntry | null;
  readonly ageSeconds: number | null;
  /** What looking for an alike question has cost this request. @default 0 */
  readonly searchNano?: number;
  /** Chunks, and last the answer. @throws Problem */
  readonly events: AsyncGenerator<AnswerEvent, void, undefined>;
  /** Who was asked, and why: set on what `answerChat` returns. */
  readonly way?: Way;
}

/** What answering needs of the request. */
export interface ChatWork {
  readonly env: Env;
  readonly settings: Settings;
  readonly tenant: string;
  /** For work that may go on after the answer. */
  readonly later: (work: Promise<unknown>) => void;
  /** Who asks, for experiments; what nobody asks for takes part in none. */
  readonly asker?: { readonly keyId: string; readonly subject: string | undefined; readonly requestId: string };
}

/**
 * Answers a chat request: from the cache, by way of the flight that asks the same, or from the models.
 *
 * @throws Problem when it cannot be answered, as far as that is known before the first chunk
 */
export async function answerChat(work: ChatWork, request: ChatRequest, wish: CacheWish): Promise<Served> {
  const { question, way } = await questionOf(work, request);
  const served = await observe(work, way.trial, () => answerQuestion(work, question, wish));
  return { ...served, way };
}

async function answerQuestion(work: ChatWork, question: Question, wish: CacheWish): Promise<Served> {
  const { request } = question;
  const stream = request.stream === true;
  const bypassed = whyBypassed(request, wish, work.settings.cache);
  if (bypassed) {
    if (wish.onlyIfCached) throw notKept();
    explainBypass(work, bypassed);
    const events = begun(fromModels(work, question, stream));
    return { outcome: "bypass", key: null, bypassed, entry: null, ageSeconds: null, events: await events };
  }

  const key = await sha256Hex(identity(question));
  const kept = answers(work.env, work.settings.cache, work.later);
  const flight: FlightRequest = {
    ...question,
    key,
    stream,
    fresh: wish.noCache,
    maxAge: wish.maxAge,
    ttl: wish.ttl ?? work.settings.cache.exactTtlSeconds,
    tags: wish.tags,
    alike: wish.alike,
    detached: false,
    onlyKept: wish.onlyIfCached,
    requestId: work.asker?.requestId ?? null,
  };
  if (!wish.noCache) {
    const entry = await current(work, kept, key, wish);
    const state = entry ? freshness(entry, now(work.env), wish.maxAge) : "gone";
    if (entry && state === "fresh") return fromKept(work, entry, stream);
    if (entry && state === "stale") {
      work.later(renew(work, flight));
      return fromEntry(work, entry, "stale", stream);
    }
  }
  return fromFlight(work, flight, kept, stream);
}

/** What is asked of whom. */
async function questionOf(work: ChatWork, request: ChatRequest): Promise<{ question: Question; way: Way }> {
  const { settings, tenant } = work;
  const most = settings.limits.maxOutputTokens;
  const maxTokens = request.max_completion_tokens ?? request.max_tokens ?? most;
  if (maxTokens > most) {
    throw new Problem(400, "invalid_request", `max_tokens: an answer may have ${most} here, not ${maxTokens}`, {
      errors: [
        {
          path: request.max_completion_tokens == null ? "/max_tokens" : "/max_completion_tokens",
          message: `at most ${most}`,
        },
      ],
    });
  }
  const way = await wayOf(work, request, maxTokens);
  const { target, mayFallBack } = way;
  return { question: { tenant, target, mayFallBack, maxTokens, request: way.request }, way };
}

async function current(
  work: ChatWork,
  kept: Answers,
  key: string,
  { alike }: Pick<CacheWish, "alike">,
): Promise<CacheEntry | null> {
  const [entry, generations] = await Promise.all([
    kept.find(work.tenant, key),
    generationsOf(work.env.DB, work.tenant),
  ]);
  if (!entry || !isCurrent(entry, generations)) return null;
  // Copies may have been made before the semantic cache was switched off.
  return entry.alike && !(alike && work.settings.cache.semantic.mode === "on") ? null : entry;
}

/** From a kept answer, this question's own or an alike one's. */
function fromKept(work: ChatWork, entry: CacheEntry, stream: boolean): Served {
  explainCopy(work, entry);
  return fromEntry(work, entry, entry.alike?.by === "rules" ? "hit-semantic" : "hit-exact", stream);
}

function fromEntry(work: ChatWork, entry: CacheEntry, outcome: Outcome, stream: boolean): Served {
  const ageSeconds = ageOf(entry, now(work.env));
  return {
    outcome,
    key: entry.alike?.key ?? entry.key,
    bypassed: null,
    entry,
    ageSeconds,
    events: replay(entry, stream),
  };
}

async function* replay(entry: CacheEntry, stream: boolean): AsyncGenerator<AnswerEvent, void, undefined> {
  if (stream) for (const chunk of entry.chunks ?? chunksOf(entry.completion)) yield { kind: "chunk", chunk };
  const { completion, costNano, standIn } = entry;
  yield { kind: "answer", answer: { completion, model: completion.model, fallback: false, standIn, costNano } };
}

async function* fromModels(work: ChatWork, question: Question, stream: boolean) {
  const left = new AbortController();
  try {
    const relay = relayOf(work.env, work.settings, question.tenant);
    yield* askUpstream(relay, question, { stream, signal: left.signal });
  } catch (error) {
    throw problemOf(failureOf(error));
  } finally {
    left.abort();
  }
}

/** Asks the flight for an answer for the next ones; waits only until it has begun. */
async function renew(work: ChatWork, flight: FlightRequest): Promise<void> {
  const response = await send(work, { ...flight, detached: true });
  await response.body?.cancel();
}

function send({ env }: ChatWork, flight: FlightRequest): Promise<Response> {
  const stub = env.FLIGHT.get(env.FLIGHT.idFromName(flight.key));
  return stub.fetch("https://flight.invalid/", { method: "POST", body: JSON.stringify(flight) });
}

/** Joins the flight. One that dies before it has said anything of the answer is asked once more. */
async function fromFlight(work: ChatWork, flight: FlightRequest, kept: Answers, stream: boolean): Promise<Served> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await join(work, flight, kept, stream);
    } catch (error) {
      if (error instanceof Problem) throw error;
      if (attempt === 2) throw problemOf(lost(error));
    }
  }
}

async function join(work: ChatWork, flight: FlightRequest, kept: Answers, stream: boolean): Promise<Served> {
  const { body } = await send(work, flight);
  if (!body) throw new Error("the flight answered nothing");
  const events = readEvents(body);
  const first = await events.next();
  if (first.done) throw new Error("the flight ended before it began");
  if (first.value.kind === "landed") {
    const { entry } = first.value;
    await events.return();
    work.later(kept.keepNear(entry));
    return fromKept(work, entry, stream);
  }
  if (first.value.kind === "alike") return fromAlike(work, first.value, kept, stream);
  if (first.value.kind === "absent") throw notKept();
  const waits = first.value.kind === "joined" && first.value.as === "waiter";
  const second = await events.next();
  if (!second.done && second.value.kind === "alike") {
    await events.return();
    if (!waits) return fromAlike(work, second.value, kept, stream);
    work.later(kept.keepNear(second.value.entry));
    return fromKept(work, second.value.entry, stream);
  }
  const outcome = waits ? "coalesced" : "miss";
  const keep = outcome === "miss" ? (entry: CacheEntry) => work.later(kept.keepNear(entry)) : () => {};
  const answer = await begun(fromEvents(resumed(second, events), stream, keep));
  return { outcome, key: flight.key, bypassed: null, entry: null, ageSeconds: null, events: answer };
}

/** A kept answer to a question that means the same; the flight explains it. */
function fromAlike(
  work: ChatWork,
  { entry, costNano }: Extract<FlightEvent, { kind: "alike" }>,
  kept: Answers,
  stream: boolean,
): Served {
  work.later(kept.keepNear(entry));
  const outcome = entry.alike?.by === "learned" ? "hit-exact" : "hit-semantic";
  return { ...fromEntry(work, entry, outcome, stream), searchNano: costNano };
}

async function* resumed<T>(first: IteratorResult<T, void>, rest: AsyncGenerator<T, void, undefined>) {
  try {
    if (first.done) return;
    yield first.value;
    yield* rest;
  } finally {
    await rest.return();
  }
}

/** The flight's events as this client needs them, however the first who asked wanted its answer. */
async function* fromEvents(
  events: AsyncGenerator<FlightEvent, void, undefined>,
  stream: boolean,
  keep: (entry: CacheEntry) => void,
): AsyncGenerator<AnswerEvent, void, undefined> {
  const chunks: ChatCompletionChunk[] = [];
  try {
    for await (const event of events) {
      if (event.kind === "chunk") {
        chunks.push(event.chunk);
        if (stream) yield event;
      } else if (event.kind === "kept") {
        keep({ ...event.entry, chunks: chunks.length > 0 ? chunks : null });
      } else if (event.kind === "failed") {
        throw problemOf(event.failure);
      } else if (event.kind === "answer") {
        if (stream && chunks.length === 0) {
          for (const chunk of chunksOf(event.answer.completion)) yield { kind: "chunk", chunk };
        }
        yield event;
        return;
      }
    }
  } catch (error) {
    throw chunks.length > 0 && !(error instanceof Problem) ? problemOf(lost(error)) : error;
  }
  throw chunks.length > 0 ? problemOf(lost(undefined)) : new Error("the flight ended without an answer");
}

function lost(cause: unknown): Failure {
  const message = `the answer was lost on its way${cause instanceof Error ? `: ${cause.message}` : ""}`;
  return { status: 503, code: "model_unavailable", message, retryAfter: null, retryable: true };
}

/** Waits for the first event, so that what fails before it fails here. */
async function begun(
  events: AsyncGenerator<AnswerEvent, void, undefined>,
): Promise<AsyncGenerator<AnswerEvent, void, undefined>> {
  const first = await events.next();
  return (async function* () {
    try {
      if (!first.done) yield first.value;
      yield* events;
    } finally {
      await events.return();
    }
  })();
}

function notKept(): Problem {
  return new Problem(504, "not_in_cache", "only-if-cached: there is no kept answer to this request", {
    // By its status alone the `openai` SDK would ask twice more.
    headers: { "x-should-retry": "false" },
  });
}

/** Reads to the end. @throws Problem */
export async function wholeAnswer(events: AsyncGenerator<AnswerEvent, void, undefined>): Promise<Answer> {
  for await (const event of events) if (event.kind === "answer") return event.answer;
  throw problemOf(lost(undefined));
}
