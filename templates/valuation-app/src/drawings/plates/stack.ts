import type { Drawing } from "../drawing.ts";
import { type StackFacts, shortModel } from "../stack-facts.ts";

/** What there is: every resource of this app, and who speaks to whom. */
export function stackDrawing(facts: StackFacts): Drawing {
  const { gateway, route, models, imageModel, everyDays, submissionsPerMinute } = facts;
  const [first, second] = models;
  return {
    id: "stack",
    title: "What there is",
    says: "Every resource of this app, by the names under which its Worker knows them, and who speaks to whom.",
    groups: [{ label: "Workers AI", nodes: ["image", "first", ...(second ? ["second"] : [])] }],
    nodes: [
      {
        id: "browser",
        label: "Your browser",
        product: "React 19 and Motion, taken over from the Worker’s page",
        explains: "The page is whole before its script runs, and the form works without one.",
        at: [1, 0],
        stop: "browser",
      },
      {
        id: "metrics",
        label: "Counts",
        product: "Analytics Engine, bound as METRICS",
        explains: "One point a valuation: its kind, who made it, its cost and how long it took. Nobody waits for it.",
        at: [0, 1],
        stop: "metrics",
      },
      {
        id: "cron",
        label: "Every minute",
        product: "Cron trigger",
        explains: "Sends followed things whose time has come, and closes what crashed calls left open in the ledger.",
        at: [2, 0],
      },
      {
        id: "assets",
        label: "Scripts and styles",
        product: "Static assets, bound as ASSETS",
        explains: "What Vite built for the browser. It is served without the Worker, and costs nothing.",
        at: [0, 0],
      },
      {
        id: "worker",
        label: "The Worker",
        product: "Worker with TanStack Start; SUBMISSIONS limits the rate",
        explains: `Renders the pages and answers the API. ${submissionsPerMinute} submissions a minute are taken from one address.`,
        at: [1, 1],
        stop: "worker",
      },
      {
        id: "queue",
        label: "To appraise again",
        product: "Queue, bound as REAPPRAISALS, with its dead letters",
        explains:
          everyDays === null
            ? "Would carry followed things to be appraised again. In this stack that is off."
            : `Carries followed things, each every ${everyDays} days, to the Worker, which asks a model again. What fails often goes to its dead letters.`,
        at: [2, 1],
      },
      {
        id: "answers",
        label: "Kept answers",
        product: "KV namespace, bound as ANSWERS",
        explains: "Models’ answers and the names of pictures, near to wherever somebody asks.",
        at: [0, 2],
        stop: "answer-lookup",
      },
      {
        id: "appraiser",
        label: "The appraiser",
        product: "Durable Object, bound as APPRAISER",
        explains: "One object a description. Whoever sends the same at the same moment waits for the same answer.",
        at: [1, 2],
        stop: "appraiser",
      },
      {
        id: "db",
        label: "Valuations",
        product: "D1 database, bound as DB",
        explains: "What everybody was told, who follows what, and how prices went.",
        at: [2, 2],
        stop: "record",
      },
      {
        id: "pictures",
        label: "Pictures",
        product: "R2 bucket, bound as PICTURES",
        explains: "The bytes of every picture, under names that cannot be guessed.",
        at: [0, 3],
        stop: "picture-store",
      },
      {
        id: "gateway",
        label: "AI Gateway",
        product: `AI Gateway ${gateway}, bound as AI`,
        explains: `The only way to a model. Its route ${route} says who is asked, its cap how much a month may cost.`,
        at: [1, 3],
        stop: "gateway",
      },
      {
        id: "ledger",
        label: "The ledger",
        product: "D1 database, bound as LEDGER",
        explains: "Shared by all apps of this stack: what they have spent and what calls under way may cost.",
        at: [2, 3],
        stop: "reserve",
      },
      {
        id: "image",
        label: imageModel === null ? "No pictures" : shortModel(imageModel),
        product: imageModel ?? "Pictures are off in this stack",
        explains: "Makes a picture of what was described, at the same time as the first model thinks about its price.",
        at: [0, 4],
        stop: "picture-model",
      },
      {
        id: "first",
        label: shortModel(first?.model ?? "no model"),
        product: first?.model ?? "The route names no model",
        explains: "Asked first.",
        at: [1, 4],
        stop: "first",
      },
      ...(second
        ? [
            {
              id: "second",
              label: shortModel(second.model),
              product: second.model,
              explains: "Asked when the first one fails.",
              at: [2, 4],
              stop: "second",
            } as const,
          ]
        : []),
    ],
    edges: [
      { from: "browser", to: "worker" },
      { from: "browser", to: "assets" },
      { from: "worker", to: "metrics" },
      { from: "cron", to: "queue" },
      { from: "queue", to: "worker" },
      { from: "worker", to: "answers" },
      { from: "worker", to: "appraiser" },
      { from: "worker", to: "db" },
      { from: "appraiser", to: "pictures" },
      { from: "appraiser", to: "gateway" },
      { from: "appraiser", to: "ledger" },
      { from: "gateway", to: "image" },
      { from: "gateway", to: "first" },
      ...(second ? [{ from: "gateway", to: "second", dashed: true }] : []),
    ],
  };
}
