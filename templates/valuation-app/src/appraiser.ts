import { DurableObject } from "cloudflare:workers";
import { AiError, zodShape } from "@tenner/worker-kit/ai";
import { now } from "@tenner/worker-kit/clock";
import { log } from "@tenner/worker-kit/log";
import { Settings } from "@tenner/worker-kit/settings";
import { findPicture, type KeptAnswer, keepAnswer, keepPicture } from "./adapters/answer-cache.ts";
import { modelClient } from "./adapters/model-client.ts";
import { storePicture } from "./adapters/picture-store.ts";
import { appraisalShape, INSTRUCTIONS, pictureOf, question } from "./domain/appraisal.ts";
import type { CategoryName } from "./domain/category.ts";
import type { Trace } from "./domain/trace.ts";
import type { EstimateReason, Way } from "./domain/valuation.ts";
import { TraceRecorder } from "./trace-recorder.ts";

/** What is to be appraised. */
export interface Asked {
  readonly fingerprint: string;
  readonly description: string;
  readonly category: CategoryName;
}

/** What came of asking the models. */
export type Outcome =
  | { readonly kind: "answer"; readonly answer: KeptAnswer }
  | {
      readonly kind: "none";
      readonly reason: EstimateReason;
      readonly picture: string | null;
    };

/** An outcome, how whoever asked came by it, and what was waited for on their behalf. */
export interface Appraised {
  readonly outcome: Outcome;
  readonly way: Way;
  /** Empty for who asked nothing themselves: it is the trace, and the bill, of the one who did. */
  readonly trace: Trace;
}

/**
 * One description, wherever it is sent from: only this object asks the models about it, once for all who wait. A model's
 * answer is kept in KV, and here for those whose data centre does not see it there yet. A failure is not kept: the next
 * one asks again.
 */
export class Appraiser extends DurableObject<Env> {
  #working: Promise<Appraised> | null = null;
  #kept: { readonly answer: KeptAnswer; readonly until: number } | null = null;

  async appraise(asked: Asked): Promise<Appraised> {
    if (this.#kept && this.#kept.until > now(this.env)) {
      return { outcome: { kind: "answer", answer: this.#kept.answer }, way: "kept", trace: [] };
    }
    const joined = this.#working;
    if (joined) return { outcome: (await joined).outcome, way: "joined", trace: [] };
    const working = this.#work(asked).finally(() => {
      this.#working = null;
    });
    this.#working = working;
    // It is paid for, so it is finished also when the first one has left.
    this.ctx.waitUntil(working);
    return working;
  }

  async #work(asked: Asked): Promise<Appraised> {
    const settings = Settings.parse(this.env.SETTINGS);
    const trace = new TraceRecorder(() => now(this.env));
    const [answered, picture] = await Promise.all([
      this.#ask(asked, settings, trace),
      this.#picture(asked, settings, trace),
    ]);
    if (answered.kind === "none") return { outcome: { ...answered, picture }, way: "asked", trace: trace.trace() };
    const answer: KeptAnswer = { ...answered.answer, picture };
    const ttl = settings.valuation.answerTtlSeconds;
    await keepAnswer(this.env, trace, asked.fingerprint, answer, ttl);
    this.#kept = { answer, until: now(this.env) + ttl * 1_000 };
    return { outcome: { kind: "answer", answer }, way: "asked", trace: trace.trace() };
  }

  async #ask({ fingerprint, description, category }: Asked, settings: Settings, trace: TraceRecorder) {
    const shape = zodShape(appraisalShape(category));
    let raw: unknown;
    try {
      const { value, model, fallback, standIn } = await modelClient(this.env, settings, fingerprint, {
        trace,
        kind: "text",
      }).structured(
        { system: INSTRUCTIONS, prompt: question(description, category), maxOutputTokens: 700, temperature: 0.2 },
        {
          ...shape,
          check(said) {
            raw = said;
            return shape.check(said);
          },
        },
      );
      const answer: Omit<KeptAnswer, "picture"> = {
        itemName: value.item_name,
        priceCents: Math.round(value.price_usd * 100),
        confidence: value.price_confidence,
        analysis: value.analysis,
        whatYouCouldDo: value.what_you_could_do,
        model,
        fallback,
        standIn,
        raw: JSON.stringify(raw),
      };
      return { kind: "answer", answer } as const;
    } catch (error) {
      const reason: EstimateReason = error instanceof AiError ? error.code : "internal";
      log(reason === "internal" ? "error" : "warn", "no_answer", { fingerprint, reason, message: String(error) });
      return { kind: "none", reason } as const;
    }
  }

  /** A picture is an extra: whatever goes wrong with it, the valuation comes. */
  async #picture(
    { fingerprint, description, category }: Asked,
    settings: Settings,
    trace: TraceRecorder,
  ): Promise<string | null> {
    if (!settings.valuation.pictures) return null;
    const known = await findPicture(this.env, trace, fingerprint);
    if (known !== null) return known;
    try {
      const { value } = await modelClient(this.env, settings, fingerprint, { trace, kind: "picture" }).image({
        prompt: pictureOf(description, category),
      });
      const name = await trace.measure("picture-store", () => storePicture(this.env, value, now(this.env)));
      await keepPicture(this.env, trace, fingerprint, name, settings.valuation.pictureTtlSeconds);
      return name;
    } catch (error) {
      log("warn", "no_picture", { fingerprint, message: String(error) });
      return null;
    }
  }
}
