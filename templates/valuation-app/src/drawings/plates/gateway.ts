import type { Drawing } from "../drawing.ts";
import { type StackFacts, shortModel, span } from "../stack-facts.ts";

/** How models are asked, and what stands in front of them. */
export function gatewayDrawing(facts: StackFacts): Drawing {
  const { gateway, route, models, imageModel, monthlyUsd, patienceMs } = facts;
  const [first, second] = models;
  return {
    id: "gateway",
    title: "Asking a model",
    says: "Two walls stand in front of a model: the ledger, which is exact, and the gateway’s cap, which holds even if this app were wrong.",
    nodes: [
      {
        id: "ask",
        label: "The appraiser asks",
        product: "Durable Object, bound as APPRAISER",
        explains: "By OpenAI’s protocol, over the Worker’s own binding: no key of a provider is in this app.",
        at: [1, 0],
        stop: "appraiser",
      },
      {
        id: "cap",
        label: `Cap of $${monthlyUsd} in 30 days`,
        product: `Spend limit of ${gateway}`,
        explains: "The gateway’s own: it counts what it has let through, and refuses beyond it, whoever asks.",
        at: [0, 1],
        stop: "passed-on",
      },
      {
        id: "gateway",
        label: gateway,
        product: "AI Gateway, bound as AI",
        explains: "Every call of this stack goes through it, also the pictures’.",
        at: [1, 1],
        stop: "gateway",
      },
      {
        id: "reserve",
        label: `Ledger of $${monthlyUsd} a month`,
        product: "D1 database, bound as LEDGER",
        explains:
          "Holds the worst case of a call before it is sent, in one transaction: many at once cannot overspend.",
        at: [2, 1],
        stop: "reserve",
      },
      {
        id: "cache",
        label: "Gateway’s cache",
        product: `Cache of ${gateway}`,
        explains:
          "Passed by on purpose: a call says so in its header. Answers are kept in KV, where they can be checked first.",
        at: [0, 2],
      },
      {
        id: "route",
        label: route,
        product: "Dynamic route",
        explains:
          "A list of models in the gateway, each with its attempts and its time. Who answered is in the headers.",
        at: [1, 2],
        stop: "passed-on",
      },
      {
        id: "log",
        label: "Its log",
        product: `Log of ${gateway}`,
        explains: "Model, time, tokens and cost of each call, with the template and the description’s key as metadata.",
        at: [2, 2],
        stop: "passed-on",
      },
      {
        id: "image",
        label: imageModel === null ? "No pictures" : shortModel(imageModel),
        product: imageModel ?? "Pictures are off in this stack",
        explains: "Asked by its own name, at a fixed price, for 1024 × 1024 pixels in four steps.",
        at: [0, 3],
        stop: "picture-model",
      },
      {
        id: "first",
        label: shortModel(first?.model ?? "no model"),
        product: first?.model ?? "The route names no model",
        explains: `Up to ${first?.attempts ?? 0} attempts. All of them are in the worst case that the ledger holds.`,
        at: [1, 3],
        stop: "first",
      },
      ...(second
        ? [
            {
              id: "second",
              label: shortModel(second.model),
              product: second.model,
              explains: "A larger one, asked only when the first one fails, so its price is seldom paid.",
              at: [2, 3],
              stop: "second",
            } as const,
          ]
        : []),
      {
        id: "settle",
        label: "Settle its cost",
        product: "D1 database, bound as LEDGER",
        explains:
          "The true cost by the tokens takes the place of what was held. Where it cannot be known, the worst case stays.",
        at: [1, 4],
        stop: "settle",
      },
      {
        id: "estimate",
        label: "The estimate",
        product: "Arithmetic, in the Worker",
        explains: `No room in the ledger, no answer within ${span(patienceMs / 1_000)}, or none that is an appraisal.`,
        at: [2, 4],
        stop: "estimate",
      },
    ],
    edges: [
      { from: "ask", to: "reserve", label: "first" },
      { from: "ask", to: "gateway", label: "then" },
      { from: "gateway", to: "cap" },
      { from: "gateway", to: "route" },
      { from: "gateway", to: "cache", dashed: true },
      { from: "gateway", to: "log" },
      { from: "gateway", to: "image" },
      { from: "route", to: "first" },
      ...(second ? [{ from: "first", to: "second", dashed: true, on: "failed" } as const] : []),
      { from: "first", to: "settle", on: "taken" },
      ...(second ? [{ from: "second", to: "settle" }] : []),
      { from: second ? "second" : "first", to: "estimate", dashed: true, on: "failed" },
      { from: "reserve", to: "estimate", label: "no room", dashed: true, on: "failed" },
    ],
  };
}
