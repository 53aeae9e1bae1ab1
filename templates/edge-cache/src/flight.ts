import { DurableObject } from "cloudflare:workers";
import type { ChatCompletionChunk } from "@tenner/worker-kit/ai/relay";
import { now } from "@tenner/worker-kit/clock";
import { settingsOf } from "@tenner/worker-kit/env-settings";
import type { Settings } from "@tenner/worker-kit/settings";
import { answers } from "./cache/answers.ts";
import { type CacheEntry, freshness } from "./cache/entry.ts";
import { type Generations, generationsOf, isCurrent, scope, stampOf } from "./cache/generations.ts";
import { mayBeKept } from "./domain/cacheable.ts";
import type { Question } from "./domain/identity.ts";
import { failureOf } from "./failure.ts";
import { type FlightEvent, type FlightRequest, lineOf } from "./flight-events.ts";
import { ChatRequest } from "./openai/chat-request.ts";
import { type AlikeAnswer, AlikeFlight } from "./semantic/alike-flight.ts";
import { textOf } from "./semantic/learn.ts";
import { type Answer, askUpstream, type Relay, relayOf } from "./upstream.ts";

/** What a flight has at hand when it begins. */
interface Prepared {
  readonly settings: Settings;
  readonly question: Question;
  readonly relay: Relay;
  readonly alike: AlikeFlight;
}

/**
 * One question, wherever in the world it is asked: only this object asks the models it, once for all who wait, and
 * passes the answer to each of them as it arrives. Who leaves ends nothing for the others; when all have left, the
 * answer is made all the same, because it is paid for.
 *
 * It holds the last answer too, for those whose data centre does not see it in KV yet.
 */
export class Flight extends DurableObject<Env> {
  #flying: Call | null = null;
  #landed: CacheEntry | null = null;

  override async fetch(request: Request): Promise<Response> {
    const asked = await request.json<FlightRequest>();
    const generations = await generationsOf(this.env.DB, asked.tenant);
    const landed = this.#landed;
    const usable =
      landed !== null &&
      isCurrent(landed, generations) &&
      freshness(landed, now(this.env), asked.maxAge) === "fresh" &&
      !asked.detached &&
      (asked.alike || !landed.alike);
    if (usable && !asked.fresh) return new Response(lineOf({ kind: "landed", entry: landed }));

    if (asked.onlyKept) return new Response(lineOf(await this.#findKept(asked, generations)));

    const flying = asked.fresh ? null : this.#flying;
    const call = flying ?? this.#start(asked, generations);
    if (asked.detached) return new Response(null, { status: 202 });
    return new Response(call.listen({ kind: "joined", as: flying ? "waiter" : "first" }));
  }

  #start(asked: FlightRequest, generations: Generations): Call {
    const call = new Call();
    this.#flying = call;
    this.ctx.waitUntil(
      this.#fly(asked, generations, call).finally(() => {
        call.end();
        if (this.#flying === call) this.#flying = null;
      }),
    );
    return call;
  }

  async #fly(asked: FlightRequest, generations: Generations, call: Call): Promise<void> {
    const chunks: ChatCompletionChunk[] = [];
    try {
      const prepared = await this.#prepare(asked, generations);
      const { settings, question, relay, alike } = prepared;
      const found = await alike.answer();
      if (found) {
        this.#landed = found.entry;
        call.tell({ kind: "alike", ...found });
        this.ctx.waitUntil(this.#afterAlike(asked, prepared, found));
        return;
      }
      let entry: CacheEntry | null = null;
      for await (const event of askUpstream(relay, question, { stream: asked.stream })) {
        if (event.kind === "chunk") {
          chunks.push(event.chunk);
          call.tell(event);
          continue;
        }
        const { shadow } = alike;
        const costNano = event.answer.costNano + alike.costNano;
        const answer = { ...event.answer, costNano, ...(shadow && { shadow }) };
        entry = await this.#land(asked, generations, settings, answer, chunks, call);
        call.tell({ kind: "answer", answer });
      }
      this.ctx.waitUntil(alike.after(entry));
    } catch (error) {
      call.tell({ kind: "failed", failure: failureOf(error) });
    }
  }

  async #prepare(asked: FlightRequest, generations: Generations): Promise<Prepared> {
    const settings = settingsOf(this.env);
    const question = { ...asked, request: ChatRequest.parse(asked.request) };
    const relay = relayOf(this.env, settings, asked.tenant);
    const kept = answers(this.env, settings.cache, (work) => this.ctx.waitUntil(work));
    const tools = { env: this.env, settings, relay, kept, generations };
    return { settings, question, relay, alike: await AlikeFlight.begin(question, asked, tools) };
  }

  /** A kept answer to a question that means the same, and nothing else. */
  async #findKept(asked: FlightRequest, generations: Generations): Promise<FlightEvent> {
    const prepared = await this.#prepare(asked, generations);
    const found = await prepared.alike.answer();
    if (!found) return { kind: "absent" };
    this.#landed = found.entry;
    this.ctx.waitUntil(this.#afterAlike(asked, prepared, found));
    return { kind: "alike", ...found };
  }

  async #afterAlike(
    asked: FlightRequest,
    { settings, question, relay, alike }: Prepared,
    found: AlikeAnswer,
  ): Promise<void> {
    await alike.served(found);
    await alike.verify(async () => {
      for await (const event of askUpstream(relay, question, { stream: false })) {
        if (event.kind !== "answer" || !mayBeKept(event.answer)) continue;
        const { answer } = event;
        const keep = async () => {
          // What was served has been purged by now; this comes after it.
          const generations = await generationsOf(this.env.DB, asked.tenant);
          await this.#land(asked, generations, settings, answer, [], null);
        };
        return { text: textOf(answer), keep };
      }
      return null;
    });
  }

  /** Keeps the answer, before anybody has the whole of it: who asks again after it finds it. */
  async #land(
    asked: FlightRequest,
    generations: Generations,
    settings: Settings,
    answer: Answer,
    chunks: readonly ChatCompletionChunk[],
    call: Call | null,
  ): Promise<CacheEntry | null> {
    if (!mayBeKept(answer)) return null;
    const { key, tenant, target, ttl, tags } = asked;
    const scopes = [scope.all, scope.key(key), scope.model(target), scope.model(answer.model), ...tags.map(scope.tag)];
    const kept: Omit<CacheEntry, "chunks"> = {
      key,
      tenant,
      storedAt: now(this.env),
      ttl,
      staleFor: settings.cache.staleTtlSeconds,
      generations: stampOf(generations, scopes),
      completion: answer.completion,
      costNano: answer.costNano,
      standIn: answer.standIn,
    };
    const entry = { ...kept, chunks: chunks.length > 0 ? chunks : null };
    this.#landed = entry;
    await answers(this.env, settings.cache, (work) => this.ctx.waitUntil(work)).keep(entry);
    call?.tell({ kind: "kept", entry: kept });
    return entry;
  }
}

/** An answer on its way, and those who wait for it. Each reads at its own pace from what has come. */
class Call {
  readonly #lines: Uint8Array[] = [];
  readonly #waiting = new Set<() => void>();
  #ended = false;

  tell(event: FlightEvent): void {
    this.#lines.push(new TextEncoder().encode(lineOf(event)));
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Everything so far and everything to come, after a first word for this listener. */
  listen(first: FlightEvent): ReadableStream<Uint8Array> {
    let place = 0;
    let wake: (() => void) | undefined;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => controller.enqueue(new TextEncoder().encode(lineOf(first))),
        pull: async (controller) => {
          while (place >= this.#lines.length && !this.#ended) {
            await new Promise<void>((resolve) => {
              wake = resolve;
              this.#waiting.add(resolve);
            });
          }
          const line = this.#lines[place++];
          if (line) controller.enqueue(line);
          else controller.close();
        },
        cancel: () => {
          if (wake) this.#waiting.delete(wake);
        },
      },
      { highWaterMark: 0 },
    );
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
