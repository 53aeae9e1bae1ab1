import { now } from "@tenner/worker-kit/clock";
import { log } from "@tenner/worker-kit/log";
import { sortableId } from "@tenner/worker-kit/sortable-id";
import { findAnswer } from "./adapters/answer-cache.ts";
import { type NewValuation, type Owner, ValuationStore } from "./adapters/valuation-store.ts";
import type { Appraised, Asked, Outcome } from "./appraiser.ts";
import { fingerprint as fingerprintOf } from "./domain/description.ts";
import { estimate } from "./domain/estimate.ts";
import { ideas } from "./domain/ideas.ts";
import { PriceList } from "./domain/price-list.ts";
import { tierOf } from "./domain/tier.ts";
import { convert, middleOf } from "./domain/token-conversions.ts";
import tokenPrices from "./domain/token-prices.json" with { type: "json" };
import { costOf } from "./domain/trace-sums.ts";
import type { Valuation } from "./domain/valuation.ts";
import type { ValuationRequest } from "./domain/valuation-request.ts";
import { TraceRecorder } from "./trace-recorder.ts";

const PRICES = PriceList.parse(tokenPrices);

/**
 * Values a thing: the kept answer, or a model's, or the estimate; then what the price buys in tokens; then the record.
 *
 * @param submission the form's own number: the same form sent twice is one valuation
 */
export async function submitValuation(
  env: Env,
  { description, category }: ValuationRequest,
  owner: Owner,
  submission: string | null,
): Promise<Valuation> {
  const recorder = new TraceRecorder(() => now(env));
  const { startedAt } = recorder;
  const store = new ValuationStore(env.DB);
  const fingerprint = await fingerprintOf(description, category);
  const [before, kept] = await Promise.all([
    submission === null
      ? null
      : recorder.measure(
          "submission-lookup",
          () => store.findSubmitted(owner.id, submission, fingerprint),
          (found) => ({ state: found ? "hit" : "miss" }),
        ),
    findAnswer(env, recorder, fingerprint),
  ]);
  if (before) return before;
  const { outcome, way } = kept
    ? ({ outcome: { kind: "answer", answer: kept }, way: "kept" } as const)
    : await askAppraiser(env, recorder, { fingerprint, description, category });
  const trace = recorder.trace();
  const priced = outcome.kind === "answer" ? outcome.answer : estimate(description, category, fingerprint);
  const conversions = convert(priced.priceCents, PRICES);
  const made: NewValuation = {
    id: sortableId("val", startedAt),
    owner,
    submission,
    fingerprint,
    description,
    category,
    itemName: priced.itemName,
    priceCents: priced.priceCents,
    confidence: priced.confidence,
    tier: tierOf(priced.priceCents),
    analysis: priced.analysis,
    conversions,
    way,
    tookMs: recorder.elapsedMs(),
    costNano: costOf(trace),
    trace,
    createdAt: startedAt,
    ...(outcome.kind === "answer"
      ? fromModel(outcome, middleOf(conversions))
      : fromNobody(outcome, middleOf(conversions))),
  };
  const valuation = await store.create(made);
  count(env, made);
  return valuation;
}

async function askAppraiser(env: Env, recorder: TraceRecorder, asked: Asked): Promise<Appraised> {
  const appraised = await recorder.measure(
    "appraiser",
    (): Promise<Appraised> => appraise(env, asked),
    ({ way }) => ({ state: way === "kept" ? "hit" : "miss" }),
  );
  recorder.include("appraiser", appraised.trace);
  return appraised;
}

/** Objects are ended by new versions and by Cloudflare itself: the estimate is there without them. */
async function appraise({ APPRAISER }: Env, asked: Asked): Promise<Appraised> {
  try {
    return await APPRAISER.getByName(asked.fingerprint).appraise(asked);
  } catch (error) {
    log("error", "no_appraiser", { fingerprint: asked.fingerprint, message: String(error) });
    return { outcome: { kind: "none", reason: "internal", picture: null }, way: "asked", trace: [] };
  }
}

function fromModel({ answer }: Extract<Outcome, { kind: "answer" }>, tokens: number) {
  const { model, fallback, standIn, picture, raw } = answer;
  // The local cloud's stand-in gives the question back, which is no idea.
  const whatYouCouldDo = standIn ? ideas(tokens) : answer.whatYouCouldDo;
  return { origin: { kind: "ai", model, fallback, standIn } as const, whatYouCouldDo, picture, raw };
}

function fromNobody({ reason, picture }: Extract<Outcome, { kind: "none" }>, tokens: number) {
  return { origin: { kind: "estimate", reason } as const, whatYouCouldDo: ideas(tokens), picture, raw: null };
}

function count(env: Env, { origin, way, category, tier, costNano, tookMs }: NewValuation): void {
  const by = origin.kind === "ai" ? origin.model : origin.reason;
  env.METRICS.writeDataPoint({ indexes: [category], blobs: [origin.kind, by, way, tier], doubles: [costNano, tookMs] });
}
