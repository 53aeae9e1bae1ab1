import { format } from "node:util";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { LLAMA, workersAiFixture } from "./workers-ai-fixture.ts";

const GLM = "@cf/zai-org/glm-4.7-flash";

const { cloud, run, post } = workersAiFixture();
beforeEach(() => cloud().setFaults());

const models = (query: { search: string }) =>
  cloud().client.ai.models.list({ account_id: cloud().accountId, ...query });

const usage = {
  prompt_tokens: expect.any(Number),
  completion_tokens: expect.any(Number),
  total_tokens: expect.any(Number),
};

describe("over REST", () => {
  it("answers in Workers AI's shape, or in OpenAI's where the model does", async () => {
    expect(await run(LLAMA, { prompt: "Hello" })).toEqual({
      response: expect.stringMatching(/^\[stand-in\]/),
      tool_calls: [],
      usage,
    });
    expect(await run(GLM, { prompt: "Hello" })).toMatchObject({
      object: "chat.completion",
      model: GLM,
      choices: [
        { message: { role: "assistant", content: expect.stringMatching(/^\[stand-in\]/) }, finish_reason: "stop" },
      ],
      usage,
    });
  });

  it("answers an object in JSON mode", async () => {
    const schema = {
      type: "object",
      properties: { city: { type: "string" }, guests: { type: "integer" } },
      required: ["city", "guests"],
    };
    const answer = await run(LLAMA, {
      messages: [{ role: "user", content: "City: Lisbon\nGuests: 4" }],
      response_format: { type: "json_schema", json_schema: schema },
    });
    expect(answer).toMatchObject({ response: { city: "Lisbon", guests: 4 } });
  });

  it("stops at max_tokens", async () => {
    const response = await post("v1/chat/completions", {
      model: LLAMA,
      max_tokens: 3,
      messages: [{ role: "user", content: "Hello there, how are you?" }],
    });
    expect(await response.json()).toMatchObject({
      choices: [{ finish_reason: "length" }],
      usage: { completion_tokens: 3 },
    });
  });

  it("streams chat chunks that end with usage", async () => {
    const response = await post("v1/chat/completions", {
      model: LLAMA,
      stream: true,
      messages: [{ role: "user", content: "Hello there" }],
    });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const events = (await response.text())
      .trim()
      .split("\n\n")
      .map((event) => event.replace(/^data: /, ""));
    expect(events.at(-1)).toBe("[DONE]");
    const chunks = events
      .slice(0, -1)
      .map((event) => JSON.parse(event) as { choices: { delta: { content?: string } }[] });
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toMatch(
      /^\[stand-in\] .*Hello there/,
    );
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage });
  });

  it("says what was wrong with an input, and where", async () => {
    await expect(run("@cf/baai/bge-m3", {})).rejects.toThrow("expected string or array at '/text'");
    await expect(run(LLAMA, { messages: [{ role: "bot", content: "x" }] })).rejects.toThrow("at '/messages/0/role'");
  });

  it("refuses a batch for later, by name", async () => {
    const response = await post(`run/${LLAMA}?queueRequest=true`, { requests: [{ prompt: "x" }] });
    expect([response.status, await response.text()]).toEqual([501, expect.stringContaining("queueRequest")]);
  });

  it("lists what an image costs", async () => {
    const { result } = await models({ search: "flux" });
    expect(result).toMatchObject([
      {
        properties: [
          {
            property_id: "price",
            value: [
              { unit: "per 512 by 512 tile", price: 0.0000528, currency: "USD" },
              { unit: "per step", price: 0.0001056, currency: "USD" },
            ],
          },
        ],
      },
    ]);
  });

  it("wants a body", async () => {
    const response = await fetch(`${cloud().api}/ai/run/${LLAMA}`, { method: "POST", headers: cloud().authorization });
    expect([response.status, await response.json()]).toMatchObject([400, { errors: [{ code: 3003 }] }]);
  });

  it("lists the models with their prices", async () => {
    const { result } = await models({ search: "glm-4.7" });
    expect(result).toMatchObject([
      { name: GLM, properties: expect.arrayContaining([expect.objectContaining({ property_id: "price" })]) },
    ]);
  });

  it.each<[string, string, object, number, number]>([
    ["an unknown model", "@cf/nobody/nothing", { prompt: "x" }, 400, 5007],
    ["a model that was switched off", "@cf/meta/llama-3.1-8b-instruct", { prompt: "x" }, 410, 5028],
    ["an input without prompt or messages", LLAMA, {}, 400, 5004],
    ["a prompt that is no text", LLAMA, { prompt: 7 }, 400, 5004],
    ["max_tokens of 0", LLAMA, { prompt: "x", max_tokens: 0 }, 400, 5004],
    [
      "a stream in JSON mode",
      LLAMA,
      { prompt: "x", stream: true, response_format: { type: "json_object" } },
      400,
      5004,
    ],
    ["several answers", LLAMA, { prompt: "x", n: 2 }, 501, 7501],
    ["a LoRA", LLAMA, { prompt: "x", lora: "mine" }, 405, 5005],
    [
      "an image in a message",
      LLAMA,
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: {} }] }] },
      501,
      7501,
    ],
  ])("refuses %s", async (_, model, inputs, status, code) => {
    await expect(run(model, inputs)).rejects.toMatchObject({ status, errors: [{ code }] });
  });

  it("refuses an endpoint it does not have, by name", async () => {
    const response = await post("v1/audio/speech", {});
    expect(response.status).toBe(501);
    expect(await response.text()).toContain("/ai/v1/audio/speech is not emulated");
  });
});

describe("faults", () => {
  const ask = () => run(LLAMA, { prompt: "Hello" });

  it("fails with the code that was set, as often as was set, and only this model", async () => {
    await cloud().setFaults({ kind: "fail", target: LLAMA, status: 429, code: 3040, count: 1 });
    expect(await run(GLM, { prompt: "Hello" })).toBeTruthy();
    await expect(ask()).rejects.toMatchObject({ status: 429, errors: [{ code: 3040 }] });
    expect(await ask()).toBeTruthy();
  });

  it("hangs until the model's time is up", async () => {
    await cloud().setFaults({ kind: "hang", ms: 50 });
    await expect(ask()).rejects.toMatchObject({ status: 408, errors: [{ code: 3007 }] });
  });

  it("answers garbage", async () => {
    await cloud().setFaults({ kind: "garbage" });
    const answer = await run(LLAMA, { prompt: "x", response_format: { type: "json_object" } });
    expect(answer).toMatchObject({ response: expect.stringContaining("}{") });
  });

  it("breaks the connection in the middle of an answer, and says so in one line", async () => {
    const printed = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => printed.mockRestore());
    await cloud().setFaults({ kind: "cut" });
    const response = await post("v1/chat/completions", {
      model: LLAMA,
      stream: true,
      messages: [{ role: "user", content: "Hello there, how are you today?" }],
    });
    let text = "";
    const read = async () => {
      for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) text += piece;
    };
    await expect(read()).rejects.toThrow();
    expect(text).toContain('"content":');
    expect(text).not.toContain("[DONE]");
    expect(printed.mock.calls.map((values) => format(...values))).toEqual([
      `fault set: the answer of ${LLAMA} was cut in half`,
    ]);
    const whole = post("v1/embeddings", { model: "@cf/baai/bge-m3", input: "x" });
    await expect(whole.then((answer) => answer.json())).rejects.toThrow();
  });

  it("answers late", async () => {
    await cloud().setFaults({ kind: "slow", ms: 120 });
    const start = performance.now();
    await ask();
    expect(performance.now() - start).toBeGreaterThan(100);
  });
});
