import { describe, expect, it } from "vitest";
import * as z from "zod";
import { AiError } from "./ai-error.ts";
import { zodShape } from "./answer-shape.ts";
import { ungatedAiClient } from "./ungated-client.ts";

const primary = "@cf/meta/llama-3.1-8b-instruct-fast";
const fallback = "@cf/mistralai/mistral-small-3.1-24b-instruct";
const models = { primary, fallback };
const question = { system: "s", prompt: "p" };
const says = (response: unknown, extra: object = {}) => Response.json({ response, ...extra });
const fails = (status: number, internalCode: number, headers: Record<string, string> = {}) =>
  Response.json({ name: "AiError", internalCode, description: "no" }, { status, headers });

/** A client whose models answer in this order, and what they were asked. */
function client(...answers: (Response | Error | "hang")[]) {
  const asked: {
    model: string;
    inputs: { messages: { role: string; content: string }[]; response_format?: unknown };
  }[] = [];
  const run = async (model: string, inputs: (typeof asked)[number]["inputs"]) => {
    asked.push({ model, inputs });
    const answer = answers.shift();
    if (answer === "hang") return new Promise(() => {});
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error("nothing left to answer");
    return answer;
  };
  // Only `run` is used, and of it only this form.
  const binding = { run } as unknown as Pick<Ai, "run">;
  return { ai: ungatedAiClient({ binding, models, timeoutMs: 50 }), asked };
}

describe("a question", () => {
  it.each<[string, Response, string]>([
    ["Workers AI's shape", says(" hello "), "hello"],
    ["OpenAI's shape", Response.json({ choices: [{ message: { content: "hello" } }] }), "hello"],
  ])("takes an answer in %s", async (_, answer, value) => {
    expect(await client(answer).ai.text(question)).toMatchObject({
      value,
      model: primary,
      fallback: false,
      standIn: false,
    });
  });

  it("counts tokens", async () => {
    const { ai } = client(says("x", { usage: { prompt_tokens: 3, completion_tokens: 4 } }));
    expect((await ai.text(question)).usage).toEqual({ inputTokens: 3, outputTokens: 4 });
  });

  it("says when a stand-in answered", async () => {
    expect((await client(says("[stand-in] x")).ai.text(question)).standIn).toBe(true);
    const marked = Response.json({ response: "x" }, { headers: { "x-stand-in": "1" } });
    expect((await client(marked).ai.text(question)).standIn).toBe(true);
  });

  it.each<[string, Response | Error | "hang"]>([
    ["an error", fails(500, 3040)],
    ["no such model", fails(400, 5007)],
    ["an exception", new Error("network")],
    ["silence", "hang"],
    ["nonsense", new Response("<html>")],
  ])("goes to the fallback after %s", async (_, first) => {
    const { ai, asked } = client(first, says("hello"));
    expect(await ai.text(question)).toMatchObject({ model: fallback, fallback: true });
    expect(asked.map((each) => each.model)).toEqual([primary, fallback]);
  });

  it.each<[string, Response | Error | "hang", object]>([
    [
      "capacity",
      fails(429, 3040, { "retry-after": "7" }),
      { code: "rate_limited", retryable: true, retryAfterMs: 7_000 },
    ],
    ["invalid input", fails(400, 5004), { code: "model_unavailable", retryable: false }],
    ["an outage", fails(503, 3040), { code: "model_unavailable", retryable: true }],
    ["Cloudflare's timeout", fails(408, 3007), { code: "timeout", retryable: true }],
    ["its own timeout", "hang", { code: "timeout", retryable: true }],
    ["an empty answer", says(""), { code: "invalid_answer", retryable: true }],
  ])("names the failure of both: %s", async (_, failure, error) => {
    const second = failure instanceof Response ? failure.clone() : failure;
    await expect(client(failure, second).ai.text(question)).rejects.toMatchObject(error);
  });

  it("does not try the fallback when the budget is spent", async () => {
    const { ai, asked } = client(fails(429, 2045));
    await expect(ai.text(question)).rejects.toMatchObject({ code: "budget_exhausted" });
    expect(asked).toHaveLength(1);
  });

  it("ends with the caller's reason when the caller stops it", async () => {
    const stop = new AbortController();
    const reason = new Error("cancelled");
    const { ai, asked } = client("hang", says("late"));
    const answer = ai.text({ ...question, signal: stop.signal });
    stop.abort(reason);
    await expect(answer).rejects.toBe(reason);
    expect(asked).toHaveLength(1);
  });
});

describe("a structured question", () => {
  const shape = zodShape(z.object({ n: z.int() }));

  it.each([
    ["JSON", '{"n":1}'],
    ["an object", { n: 1 }],
    ["JSON in a fence", '```json\n{"n":1}\n```'],
    ["JSON in a sentence", 'Sure! {"n":1} Anything else?'],
  ])("takes %s", async (_, response) => {
    const { ai, asked } = client(says(response));
    expect((await ai.structured(question, shape)).value).toEqual({ n: 1 });
    expect(asked[0]?.inputs.response_format).toMatchObject({ type: "json_schema" });
  });

  it("shows the model once what was wrong, and adds up what both answers cost", async () => {
    const usage = { prompt_tokens: 1, completion_tokens: 1 };
    const { ai, asked } = client(says('{"n":"one"}', { usage }), says('{"n":1}', { usage }));
    expect(await ai.structured(question, shape)).toMatchObject({ value: { n: 1 }, usage: { inputTokens: 2 } });
    expect(asked[1]?.inputs.messages.at(-1)?.content).toMatch(/\/n .*expected (int|number)/i);
  });

  it("gives up after the repair", async () => {
    const { ai, asked } = client(says("no"), says("still no"));
    await expect(ai.structured(question, shape)).rejects.toMatchObject({ code: "invalid_answer", retryable: false });
    await expect(Promise.resolve(asked.length)).resolves.toBe(2);
  });

  it("fails with a named error of its own", async () => {
    const error = await client(says("no"), says("no"))
      .ai.structured(question, shape)
      .catch((each: unknown) => each);
    expect(error).toBeInstanceOf(AiError);
  });
});
