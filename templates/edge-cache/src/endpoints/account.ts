import { usdOf } from "@tenner/worker-kit/ledger";
import { Problem } from "@tenner/worker-kit/problem";
import { GatewaySettings } from "@tenner/worker-kit/settings";
import { questionText } from "../analytics/top-questions.ts";
import type { ChatWork, Served } from "../answer-chat.ts";
import { failureOf } from "../failure.ts";
import type { ChatRequest } from "../openai/chat-request.ts";
import { tally } from "../tally.ts";
import { type Answer, ROUTE } from "../upstream.ts";

/** What an answer cost this request, and what it would have: a kept answer, or one that others wait for too, costs nothing. */
export function moneyOf(
  { outcome, searchNano = 0 }: Pick<Served, "outcome" | "searchNano">,
  { costNano }: Pick<Answer, "costNano">,
) {
  const paid = outcome === "miss" || outcome === "bypass";
  return { costNano: paid ? costNano : searchNano, savedNano: paid ? 0 : costNano };
}

/** What is known when an answer begins. */
export function cacheHeaders({
  outcome,
  key,
  bypassed,
  entry,
  ageSeconds,
  searchNano,
  way,
}: Served): Record<string, string> {
  return {
    "x-cache": outcome,
    ...(key !== null && { "x-cache-key": key }),
    ...(bypassed !== null && { "x-cache-bypass": bypassed }),
    ...(ageSeconds !== null && { age: String(ageSeconds) }),
    ...(outcome === "hit-semantic" && entry?.alike && { "x-cache-similarity": similarityText(entry.alike) }),
    ...(entry && moneyHeaders({ costNano: searchNano ?? 0, savedNano: entry.costNano })),
    ...(entry?.standIn && { "x-stand-in": "1" }),
    ...(way && { "x-route": way.target, "x-route-reason": way.reason }),
    ...(way?.trial && { "x-experiment": `${way.trial.experiment}=${way.trial.variant.name}` }),
    "cache-control": "no-store",
  };
}

/** What is known when it has ended. */
export function answerHeaders(served: Served, answer: Answer): Record<string, string> {
  return {
    ...cacheHeaders(served),
    ...moneyHeaders(moneyOf(served, answer)),
    ...(answer.shadow && { "x-cache-shadow": "hit-semantic", "x-cache-similarity": similarityText(answer.shadow) }),
    ...(answer.standIn && { "x-stand-in": "1" }),
  };
}

function similarityText({ similarity }: { readonly similarity: number }): string {
  return similarity.toFixed(4);
}

/** In US dollars. */
export function moneyHeaders({ costNano, savedNano }: { costNano: number; savedNano: number }) {
  return { "x-cost-usd": decimal(costNano), "x-saved-usd": decimal(savedNano) };
}

/** Never with an exponent. */
function decimal(nano: number): string {
  return usdOf(nano)
    .toFixed(9)
    .replace(/\.?0+$/, "");
}

/** Counts a request that was answered. */
export function account(work: ChatWork, request: ChatRequest, served: Served, answer: Answer, startedAt: number): void {
  const { env, later, settings, tenant } = work;
  const { outcome, key } = served;
  const paid = outcome === "miss" || outcome === "bypass";
  const usage = paid ? answer.completion.usage : undefined;
  // Of a bypass nothing is ever kept, and what was asked once is nobody's top question.
  const text = settings.analytics.topQuestions && !paid ? questionText(request) : null;
  tally(env, later, {
    tenant,
    outcome,
    model: answer.model,
    ...moneyOf(served, answer),
    ms: Date.now() - startedAt,
    inputTokens: usage?.prompt_tokens,
    outputTokens: usage?.completion_tokens,
    ...(text !== null && key !== null && { question: { key, text } }),
  });
}

/** Counts a request that got no answer. */
export function accountError({ env, later, tenant }: ChatWork, model: string, error: unknown, startedAt: number): void {
  const { code } = error instanceof Problem ? error : failureOf(error);
  // A name that somebody made up would be a row of its own.
  const known = GatewaySettings.parse(env.AI_GATEWAY).models.some((each) => each.model === model);
  const ms = Date.now() - startedAt;
  tally(env, later, { tenant, outcome: "error", model: known ? model : ROUTE, costNano: 0, savedNano: 0, ms, code });
}
