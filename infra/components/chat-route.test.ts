import { GatewaySettings, Settings } from "@tenner/worker-kit/settings";
import { describe, expect, it } from "vitest";
import { chatRoute } from "./chat-route.ts";

const settings = (primary: string, fallback: string, modelTimeoutMs = 60_000) => {
  const { models, limits } = Settings.parse({});
  return { models: { ...models, primary, fallback }, limits: { ...limits, modelTimeoutMs } };
};
const LLAMA = "@cf/meta/llama-3.1-8b-instruct-fast";

describe("chatRoute", () => {
  it("asks the primary model, then the fallback, then gives up", () => {
    expect(chatRoute(settings(LLAMA, "openai/gpt-5-nano")).elements).toEqual([
      { id: "start", type: "start", outputs: { next: { elementId: "primary" } } },
      {
        id: "primary",
        type: "model",
        properties: {
          aiGatewayDynamicRoutingProvider: "workers-ai",
          model: LLAMA,
          timeout: 30_000,
          retries: 1,
        },
        outputs: { success: { elementId: "end" }, fallback: { elementId: "fallback" } },
      },
      {
        id: "fallback",
        type: "model",
        properties: { aiGatewayDynamicRoutingProvider: "openai", model: "gpt-5-nano", timeout: 30_000, retries: 1 },
        outputs: { success: { elementId: "end" }, fallback: { elementId: "end" } },
      },
      { id: "end", type: "end", outputs: {} },
    ]);
  });

  it("asks one model in one place when primary and fallback are the same", () => {
    const { elements, models } = chatRoute(settings(LLAMA, LLAMA));
    expect(elements.map(({ id }) => id)).toEqual(["start", "primary", "end"]);
    expect(elements[1]?.outputs.fallback).toEqual({ elementId: "end" });
    expect(models).toHaveLength(1);
  });

  it.each([100, 60_000, 180_000])("tells the Workers what the gateway does, for %d ms a model", (modelTimeoutMs) => {
    const { elements, models, name } = chatRoute(settings(LLAMA, "anthropic/claude-haiku-4-5", modelTimeoutMs));
    expect(() => GatewaySettings.parse({ id: "g", route: name, models })).not.toThrow();
    const onRoute = elements.flatMap(({ properties }) => (properties ? [properties] : []));
    expect(models.map(({ attempts, timeoutMs }) => [attempts - 1, timeoutMs])).toEqual(
      onRoute.map(({ retries, timeout }) => [retries, timeout]),
    );
    for (const { attempts, timeoutMs } of models) expect(attempts * timeoutMs).toBeLessThanOrEqual(modelTimeoutMs);
  });

  it("has another name when it goes another way, and only then", () => {
    const { name } = chatRoute(settings(LLAMA, "openai/gpt-5-nano"));
    expect(name).toMatch(/^chat-[0-9a-f]{8}$/);
    expect(chatRoute(settings(LLAMA, "openai/gpt-5-nano")).name).toBe(name);
    expect(chatRoute(settings("openai/gpt-5-nano", LLAMA)).name).not.toBe(name);
    expect(chatRoute(settings(LLAMA, "openai/gpt-5-nano", 50_000)).name).not.toBe(name);
  });

  it.each(["gpt-5-nano", "/gpt", "openai/", "Open AI/x"])("refuses %s, which names no provider", (model) => {
    expect(() => chatRoute(settings(LLAMA, model))).toThrow(
      `models.fallback: ${JSON.stringify(model)} names no provider`,
    );
  });
});
