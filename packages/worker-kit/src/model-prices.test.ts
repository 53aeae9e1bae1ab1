import { describe, expect, it } from "vitest";
import { imageCost, tokenBound, tokenCost, worstCaseOfRoute } from "./ai/cost.ts";
import { type ImagePrice, PriceError, priceOf, type TokenPrice } from "./model-prices.ts";

function tokenPrice(model: string): TokenPrice {
  const price = priceOf(model);
  if (price.unit !== "tokens") throw new Error(`${model} is not priced by tokens`);
  return price;
}

describe("a price", () => {
  it("is found with and without the provider before a Workers AI id", () => {
    expect(priceOf("workers-ai/@cf/baai/bge-m3")).toBe(priceOf("@cf/baai/bge-m3"));
  });

  it("is the stack's own before the list's", () => {
    expect(priceOf("openai/gpt-5-nano", { "openai/gpt-5-nano": { input: 9, output: 9 } })).toMatchObject({ input: 9 });
  });

  it.each(["acme/one", "toString", "", "@cf/mistral/mistral-7b-instruct-v0.1"])(
    "is missing for %j by name",
    (model) => {
      expect(() => priceOf(model)).toThrow(PriceError);
    },
  );
});

describe("a cost", () => {
  it.each<[string, number, number, number]>([
    // 45 nano-dollars for 1,000 tokens in, 384 for 1,000 out.
    ["@cf/meta/llama-3.1-8b-instruct-fast", 1_000, 1_000, 429_000],
    ["@cf/meta/llama-3.1-8b-instruct-fast", 1, 0, 45],
    ["@cf/baai/bge-m3", 1, 0, 12],
    ["@cf/baai/bge-m3", 10, 0, 118],
    ["@cf/baai/bge-base-en-v1.5", 0, 0, 0],
    ["@cf/meta/llama-3.3-70b-instruct-fp8-fast", 3, 7, 16_650],
    ["anthropic/claude-haiku-5-5", 100_000, 10, 10_005_000],
    ["anthropic/claude-haiku-5-5", 100_001, 10, 50_025_500],
  ])("of %s, %i tokens in and %i out, is %i nano-dollars, rounded up", (model, inputTokens, outputTokens, cost) => {
    expect(tokenCost(tokenPrice(model), { inputTokens, outputTokens })).toBe(cost);
  });

  it("of a picture counts its tiles and steps", () => {
    // The list prices this model by tiles and steps.
    const price = priceOf("@cf/black-forest-labs/flux-1-schnell") as ImagePrice;
    expect(imageCost(price, { width: 1_024, height: 1_024, steps: 4 })).toBe(4 * 52_800 + 4 * 105_600);
  });

  it("at its worst is every attempt of every model", () => {
    const price: TokenPrice = { unit: "tokens", task: "text", input: 1, output: 2 };
    const models = [
      { price, attempts: 2 },
      { price: { ...price, input: 10 }, attempts: 1 },
    ];
    expect(worstCaseOfRoute(models, { inputTokens: 3, outputTokens: 5 })).toBe(2 * 13_000 + 40_000);
  });

  it.each(["word", "ﷺ", "\u{1f600}", '"quoted"'])("bounds the tokens of %j by its bytes", (text) => {
    expect(tokenBound(text)).toBeGreaterThan(new TextEncoder().encode(text.normalize("NFKC")).length);
  });
});
