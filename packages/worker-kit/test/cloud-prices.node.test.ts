import {
  CATALOG,
  type CatalogModel,
  FOREIGN_MODELS,
  type ForeignModel,
  serveWorkersAi,
} from "@tenner/local-cloud/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { TEXTS_A_CALL } from "../src/ai/embed.ts";
import { MOST_STEPS } from "../src/ai/image.ts";
import { MODEL_PRICES, type ModelPrice, priceOf } from "../src/model-prices.ts";

/** What both sides say of a model, in one form. US dollars: a million tokens, a tile, a step. */
type Facts =
  | { task: "text" | "embedding"; input: number; output: number; longestPrompt?: number }
  | { task: "image"; tile: number; step: number };

const TASKS = {
  "Text Generation": "text",
  "Text Embeddings": "embedding",
  "Text-to-Image": "image",
  Summarization: undefined,
} as const;

const served = CATALOG.filter(({ deprecated }) => deprecated === null);
// Embeddings are asked of Workers AI only.
const foreign = FOREIGN_MODELS.filter(({ task }) => task === "text");

const inCloud = new Map<string, Facts>([
  ...served.map((model) => [model.name, factsOfWorkersAi(model)] as const),
  ...foreign.map((model) => [`${model.provider}/${model.name}`, factsOfProvider(model)] as const),
]);
const inList = new Map(Object.entries(MODEL_PRICES.models).map(([name, price]) => [name, factsOfPrice(price)]));

function factsOfWorkersAi({ name, task, inputPrice, outputPrice, tilePrice, stepPrice }: CatalogModel): Facts {
  const known = TASKS[task];
  if (!known) throw new Error(`${name}: the price list has no task "${task}"`);
  if (known === "image") return { task: known, tile: tilePrice ?? 0, step: stepPrice ?? 0 };
  return { task: known, input: inputPrice ?? 0, output: outputPrice ?? 0 };
}

function factsOfProvider({ provider, name, inputPrice, outputPrice, contextWindow }: ForeignModel): Facts {
  const listed = MODEL_PRICES.models[`${provider}/${name}`];
  const changes = listed?.unit === "tokens" && listed.longInput !== undefined;
  return {
    task: "text",
    input: inputPrice ?? 0,
    output: outputPrice ?? 0,
    // What is longer costs more: the cloud answers for prompts of the first price only.
    ...(changes && { longestPrompt: contextWindow }),
  };
}

function factsOfPrice(price: ModelPrice): Facts {
  if (price.unit === "images") return { task: price.task, tile: price.tile, step: price.step };
  if (!price.task) throw new Error("a price of the list has no task");
  const { task, input, output, longInput } = price;
  return { task, input, output, ...(longInput && { longestPrompt: longInput.above }) };
}

describe("the price list and the local cloud", () => {
  it.each([...new Set([...inList.keys(), ...inCloud.keys()])])("say the same of %s", (model) => {
    expect(inCloud.get(model), "in the local cloud").toBeDefined();
    expect(inList.get(model), "in the price list").toEqual(inCloud.get(model));
  });

  it.each(CATALOG.filter(({ deprecated }) => deprecated !== null))("both refuse $name", ({ name, deprecated }) => {
    expect(() => priceOf(name)).toThrow(`${name} was switched off on ${deprecated};`);
  });

  it.each([
    ["texts", "@cf/baai/bge-m3", { text: Array.from({ length: TEXTS_A_CALL + 1 }, () => "x") }, TEXTS_A_CALL],
    ["steps", "@cf/black-forest-labs/flux-1-schnell", { prompt: "x", steps: MOST_STEPS + 1 }, MOST_STEPS],
  ])("agree how many %s a call may have", async (_, model, inputs, most) => {
    const ai = await serveWorkersAi();
    onTestFinished(() => ai.close());
    const headers = { "content-type": "application/json", "cf-consn-model-id": model };
    const answer = await fetch(`${ai.url}/run`, { method: "POST", headers, body: JSON.stringify({ inputs }) });
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { name: "AiError", internalCode: 5004, description: expect.stringMatching(`<=${most}\\b`) },
    ]);
  });
});
