import { afterAll, expect, it } from "vitest";
import { createClock } from "../core/clock.ts";
import { createFaults } from "../core/faults.ts";
import { createInference, type ModelUsage } from "./inference.ts";
import { createModels } from "./models.ts";
import { responseOf } from "./raw-answer.ts";

const LLAMA = "@cf/meta/llama-3.1-8b-instruct-fast";
const inference = createInference({ models: createModels({ faults: createFaults() }), clock: createClock() });
afterAll(() => inference.close());

const chat = { model: LLAMA, messages: [{ role: "user", content: "Hello there, how are you today?" }] };

/** A call that remembers what it was told. */
function call() {
  const told: ModelUsage[] = [];
  const leaving = new AbortController();
  const onUsage = (usage: ModelUsage) => void told.push(usage);
  return { told, leaving, asked: { accountId: "a", id: "1", signal: leaving.signal, onUsage } };
}

it("tells the usage of a JSON answer once, at the list price", async () => {
  const { told, asked } = call();
  const response = responseOf(await inference.openai(asked, "chat/completions", chat));
  const { usage } = (await response.json()) as { usage: { prompt_tokens: number; completion_tokens: number } };
  const cost = (usage.prompt_tokens * 0.045 + usage.completion_tokens * 0.384) / 1e6;
  expect(told).toEqual([
    {
      model: LLAMA,
      provider: "workers-ai",
      inputTokens: usage.prompt_tokens,
      outputTokens: usage.completion_tokens,
      neurons: expect.closeTo(cost / 0.000011, 9),
      cost: expect.closeTo(cost, 12),
    },
  ]);
});

it("tells the usage of a stream at its end, not before", async () => {
  const { told, asked } = call();
  const response = responseOf(await inference.run(asked, LLAMA, { ...chat, stream: true }));
  expect(told).toEqual([]);
  const text = await response.text();
  const { usage } = JSON.parse(/data: (\{"response":"","tool_calls".*)/.exec(text)?.[1] ?? "{}") as {
    usage: { completion_tokens: number };
  };
  expect(told).toMatchObject([{ outputTokens: usage.completion_tokens }]);
});

it("tells what came until its reader left, by cancelling or by closing its connection", async () => {
  for (const way of ["cancel", "abort"]) {
    const { told, leaving, asked } = call();
    const response = responseOf(await inference.run(asked, LLAMA, { ...chat, stream: true }));
    const reader = response.body?.getReader();
    await reader?.read();
    if (way === "abort") leaving.abort();
    else await reader?.cancel();
    await expect.poll(() => told.length, { timeout: 30_000 }).toBe(1);
    await reader?.cancel();
    expect(told).toMatchObject([{ inputTokens: expect.any(Number) }]);
    expect(told[0]?.outputTokens).toBeLessThan(12);
  }
});

it("tells what embeddings and images cost", async () => {
  const { told, asked } = call();
  await inference.run(asked, "@cf/baai/bge-base-en-v1.5", { text: ["12345678", "1234"] });
  await inference.run(asked, "@cf/black-forest-labs/flux-1-schnell", { prompt: "a lake", steps: 8 });
  expect(told).toMatchObject([
    { inputTokens: 3, outputTokens: 0, cost: expect.closeTo((3 * 0.067) / 1e6, 15) },
    { cost: expect.closeTo(4 * 0.0000528 + 8 * 0.0001056, 12), neurons: expect.closeTo(96, 9) },
  ]);
});

it("tells nothing where an error takes the answer's place", async () => {
  const { told, asked } = call();
  await expect(inference.run(asked, LLAMA, { prompt: 7 })).rejects.toMatchObject({ code: 5004 });
  expect(told).toEqual([]);
});

it("knows the models of the catalog, but not those that were switched off", () => {
  expect(inference.knows("workers-ai", LLAMA)).toBe(true);
  expect(inference.knows("workers-ai", "@cf/baai/bge-m3")).toBe(true);
  expect(inference.knows("workers-ai", "@cf/meta/llama-3.1-8b-instruct")).toBe(false);
  expect(inference.knows("nobody", LLAMA)).toBe(false);
});
