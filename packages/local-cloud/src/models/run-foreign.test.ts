import { afterAll, describe, expect, it } from "vitest";
import { createClock } from "../core/clock.ts";
import { createFaults } from "../core/faults.ts";
import { createInference, type ModelCall, type ModelUsage } from "./inference.ts";
import { createModels } from "./models.ts";
import { ProviderError } from "./provider-error.ts";
import { responseOf } from "./raw-answer.ts";

const faults = createFaults();
const inference = createInference({ models: createModels({ faults }), clock: createClock() });
afterAll(() => inference.close());

const call: ModelCall = { accountId: "a", id: "1", signal: new AbortController().signal };
const messages = [{ role: "user", content: "Hello there" }];
const ask = async (provider: string, endpoint: string, body: object, extra: Partial<ModelCall> = {}) =>
  responseOf(await inference.foreign({ ...call, ...extra }, provider, endpoint, body)).json() as Promise<unknown>;
const refusalOf = async (answer: Promise<unknown>) => {
  const error = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProviderError)) throw new Error("not a provider's refusal", { cause: error });
  return { status: error.status, body: error.body };
};

describe("another provider", () => {
  it.each([
    ["openai", "chat/completions", { model: "gpt-5-nano", messages }, { object: "chat.completion" }],
    ["openai", "v1/responses", { model: "gpt-6-luna", input: "Hello there" }, { object: "response" }],
    ["openai", "embeddings", { model: "text-embedding-3-small", input: "Hello there" }, { object: "list" }],
    ["anthropic", "v1/messages", { model: "claude-haiku-4-5", max_tokens: 99, messages }, { type: "message" }],
    ["anthropic", "chat/completions", { model: "claude-haiku-5-5", messages }, { object: "chat.completion" }],
  ])("%s answers %s in its own shape", async (provider, endpoint, body, shape) => {
    expect(await ask(provider, endpoint, body)).toMatchObject({ ...shape, ...(body.model && { model: body.model }) });
  });

  it("costs its list price, and no neurons", async () => {
    const told: ModelUsage[] = [];
    const onUsage = (usage: ModelUsage) => void told.push(usage);
    await ask("anthropic", "v1/messages", { model: "claude-haiku-4-5", max_tokens: 99, messages }, { onUsage });
    const [usage] = told;
    const cost = (7 * 1 + (usage?.outputTokens ?? 0) * 5) / 1e6;
    expect(told).toEqual([
      {
        model: "claude-haiku-4-5",
        provider: "anthropic",
        inputTokens: 7,
        outputTokens: expect.any(Number),
        neurons: 0,
        cost: expect.closeTo(cost, 12),
      },
    ]);
  });

  it("says in a header that it is not the provider", async () => {
    const answer = await inference.foreign(call, "openai", "chat/completions", { model: "gpt-5-nano", messages });
    expect(answer.headers).toMatchObject({ "x-stand-in": "1" });
  });

  it("refuses an unknown model and a call without a key as the provider does", async () => {
    expect(await refusalOf(ask("openai", "chat/completions", { model: "gpt-0", messages }))).toMatchObject({
      status: 404,
      body: { error: { type: "invalid_request_error", param: "model", code: "model_not_found" } },
    });
    expect(await refusalOf(ask("anthropic", "v1/messages", { model: "claude-0", messages }))).toEqual({
      status: 404,
      body: { type: "error", error: { type: "not_found_error", message: "model: claude-0" } },
    });
    const noKey = { hasKey: false };
    expect(await refusalOf(ask("openai", "responses", { model: "gpt-5-nano", input: "x" }, noKey))).toMatchObject({
      status: 401,
    });
    expect(await refusalOf(ask("anthropic", "v1/messages", { model: "claude-haiku-4-5" }, noKey))).toMatchObject({
      status: 401,
      body: { error: { type: "authentication_error" } },
    });
  });

  it("refuses bad input, a prompt beyond its window, and a model of another task", async () => {
    const bad = await refusalOf(ask("anthropic", "v1/messages", { model: "claude-haiku-4-5", messages }));
    expect(bad).toMatchObject({
      status: 400,
      body: { error: { type: "invalid_request_error", message: expect.stringContaining("max_tokens") } },
    });
    const long = {
      model: "claude-haiku-5-5",
      max_tokens: 9,
      messages: [{ role: "user", content: "x".repeat(400_001) }],
    };
    expect(await refusalOf(ask("anthropic", "v1/messages", long))).toMatchObject({ status: 400 });
    expect(await refusalOf(ask("openai", "embeddings", { model: "gpt-5-nano", input: "x" }))).toMatchObject({
      status: 404,
    });
  });

  it("fails where a fault is set for it, and only there", async () => {
    faults.add({ service: "openai", kind: "fail", status: 503, count: 1 });
    expect(await ask("anthropic", "chat/completions", { model: "claude-haiku-4-5", messages })).toBeTruthy();
    expect(await refusalOf(ask("openai", "chat/completions", { model: "gpt-5-nano", messages }))).toMatchObject({
      status: 503,
      body: { error: { type: "server_error" } },
    });
  });

  it("that is not there is named", async () => {
    await expect(ask("groq", "chat/completions", { model: "x" })).rejects.toMatchObject({ status: 501, code: 7501 });
    await expect(ask("openai", "audio/speech", { model: "x" })).rejects.toThrow('endpoint "audio/speech"');
    expect(inference.knows("openai", "gpt-5-nano")).toBe(true);
    expect(inference.knows("openai", "gpt-0")).toBe(false);
  });
});
