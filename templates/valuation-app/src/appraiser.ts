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
import type { EstimateReason, Way } from "./domain/valuation.ts";

/** What is to be appraised. */
export interface Asked {
  readonly fingerprint: string;
  readonly description: string;
  readonly category: CategoryName;
}

/** What came of asking the models. */
export type Outcome =
  | { readonly kind: "answer"; readonly answer: KeptAnswer; readonly costNano: number }
  | {
      readonly kind: "none";
      readonly reason: EstimateReason;
      readonly picture: string | null;
      readonly costNano: number;
    };

/**
 * One description, wherever it is sent from: only this object asks the models about it, once for all who wait. A model's
 * answer is kept in KV, and here for those whose data centre does not see it there yet. A failure is not kept: the next
 * one asks again.
 */
export class Appraiser extends DurableObject<Env> {
  #working: Promise<Outcome> | null = null;
  #kept: { readonly answer: KeptAnswer; readonly until: number } | null = null;

  async appraise(asked: Asked): Promise<{ outcome: Outcome; way: Way }> {
    if (this.#kept && this.#kept.until > now(this.env)) {
      return { outcome: { kind: "answer", answer: this.#kept.answer, costNano: 0 }, way: "kept" };
    }
    const joined = this.#working;
    // Who joins has not paid: the first one has.
    if (joined) return { outcome: { ...(await joined), costNano: 0 }, way: "joined" };
    const working = this.#work(asked).finally(() => {
      this.#working = null;
    });
    this.#working = working;
    // It is paid for, so it is finished also when the first one has left.
    this.ctx.waitUntil(working);
    return { outcome: await working, way: "asked" };
  }

  async #work(asked: Asked): Promise<Outcome> {
    const settings = Settings.parse(this.env.SETTINGS);
    const [answered, pictured] = await Promise.all([this.#ask(asked, settings), this.#picture(asked, settings)]);
    const costNano = answered.costNano + pictured.costNano;
    if (answered.kind === "none") return { ...answered, picture: pictured.name, costNano };
    const answer: KeptAnswer = { ...answered.answer, picture: pictured.name };
    const ttl = settings.valuation.answerTtlSeconds;
    await keepAnswer(this.env, asked.fingerprint, answer, ttl);
    this.#kept = { answer, until: now(this.env) + ttl * 1_000 };
    return { kind: "answer", answer, costNano };
  }

  async #ask({ fingerprint, description, category }: Asked, settings: Settings) {
    const shape = zodShape(appraisalShape(category));
    let raw: unknown;
    try {
      const { value, model, fallback, standIn, costNano } = await modelClient(
        this.env,
        settings,
        fingerprint,
      ).structured(
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
      return { kind: "answer", answer, costNano } as const;
    } catch (error) {
      const reason: EstimateReason = error instanceof AiError ? error.code : "internal";
      log(reason === "internal" ? "error" : "warn", "no_answer", { fingerprint, reason, message: String(error) });
      return { kind: "none", reason, costNano: 0 } as const;
    }
  }

  /** A picture is an extra: whatever goes wrong with it, the valuation comes. */
  async #picture({ fingerprint, description, category }: Asked, settings: Settings) {
    if (!settings.valuation.pictures) return { name: null, costNano: 0 };
    const known = await findPicture(this.env, fingerprint);
    if (known !== null) return { name: known, costNano: 0 };
    try {
      const { value, costNano } = await modelClient(this.env, settings, fingerprint).image({
        prompt: pictureOf(description, category),
      });
      const name = await storePicture(this.env, value, now(this.env));
      await keepPicture(this.env, fingerprint, name, settings.valuation.pictureTtlSeconds);
      return { name, costNano };
    } catch (error) {
      log("warn", "no_picture", { fingerprint, message: String(error) });
      return { name: null, costNano: 0 };
    }
  }
}
