import { gatewayOf } from "@tenner/worker-kit/env-settings";
import { nanoDollars, usdOf } from "@tenner/worker-kit/ledger";
import { Problem } from "@tenner/worker-kit/problem";
import { ROUTE } from "@tenner/worker-kit/settings/model-target";
import type { ChatWork } from "../answer-chat.ts";
import { applyVariant } from "../experiments/apply-variant.ts";
import { assign, type Trial } from "../experiments/assign.ts";
import type { ChatRequest } from "../openai/chat-request.ts";
import { budgetShareOf } from "./budget-share.ts";
import { type Choice, chooseModel, fits, type RouteCosts, TooDear } from "./choose-model.ts";
import { modelsOfStack } from "./models-of-stack.ts";
import { requestCost } from "./request-cost.ts";
import { factsOf } from "./request-facts.ts";

/** Who is asked a request, and as what. */
export interface Way extends Choice {
  /** As it is asked. */
  readonly request: ChatRequest;
  /** Another model may answer, because nobody asked for this one. */
  readonly mayFallBack: boolean;
  readonly trial: Trial | null;
}

/**
 * Finds the way of a request. A model of the stack that it names is asked, and no other; any other name means `auto`:
 * experiments first, then routing.
 *
 * @throws Problem 400 when no model is cheap enough
 */
export async function wayOf(work: ChatWork, request: ChatRequest, maxTokens: number): Promise<Way> {
  const { env, settings, tenant } = work;
  const { routing } = settings;
  if (modelsOfStack(env, settings).includes(request.model)) {
    return { target: request.model, reason: "asked", request, mayFallBack: false, trial: null };
  }
  const budgetShare = routing.smallAboveBudgetShare === undefined ? 0 : await budgetShareOf(env, settings, tenant);
  const costsOf = (asked: ChatRequest): RouteCosts => ({
    costOf: requestCost(asked, maxTokens, {
      route: gatewayOf(env).models.map(({ model }) => model),
      prices: settings.models.prices,
    }),
    mostNano: routing.maxUsdPerCall === undefined ? null : nanoDollars(routing.maxUsdPerCall, "down"),
    budgetShare,
  });
  // Where money is short all variants would be the same, and comparing them would say so.
  const isShort = budgetShare >= (routing.smallAboveBudgetShare ?? Infinity);
  const trial = isShort ? null : await trialOf(work, request, costsOf);
  const asked = trial ? applyVariant(request, trial.variant) : request;
  try {
    const choice =
      trial?.variant.model === undefined
        ? chooseModel(factsOf(request, maxTokens), routing, costsOf(asked))
        : { target: trial.variant.model, reason: "experiment" };
    return { ...choice, request: asked, mayFallBack: choice.target !== ROUTE, trial };
  } catch (error) {
    if (!(error instanceof TooDear)) throw error;
    const [costs, most] = [usdOf(error.costNano), routing.maxUsdPerCall];
    throw new Problem(
      400,
      "too_dear",
      `an answer may cost up to $${costs} even from the cheapest model, and a call at most $${most}: ask for fewer max_tokens, or send less text`,
    );
  }
}

/** Takes part only when every variant may be asked: else the dear ones would get the short questions only. */
async function trialOf(
  { settings: { experiments }, tenant, asker }: ChatWork,
  request: ChatRequest,
  costsOf: (asked: ChatRequest) => RouteCosts,
): Promise<Trial | null> {
  if (!asker || experiments.length === 0) return null;
  const trial = await assign(experiments, tenant, JSON.stringify(callerOf(asker, request)));
  const variants = experiments.find(({ name }) => name === trial?.experiment)?.variants ?? [];
  const affordable = variants.every(
    (variant) => variant.model === undefined || fits(variant.model, costsOf(applyVariant(request, variant))),
  );
  return affordable ? trial : null;
}

/** Whom a request is for: named by a header, by the request's `user`, or else whoever has the key. */
function callerOf({ subject, keyId }: NonNullable<ChatWork["asker"]>, { user }: ChatRequest): readonly string[] {
  if (subject !== undefined) return ["subject", subject];
  return typeof user === "string" && user !== "" ? ["user", user] : ["key", keyId];
}
