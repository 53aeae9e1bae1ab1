import { describe, expect, it } from "vitest";
import { LLAMA, workersAiFixture } from "./workers-ai-fixture.ts";

const BGE_BASE = "@cf/baai/bge-base-en-v1.5";
const BGE_M3 = "@cf/baai/bge-m3";
const workersAi = workersAiFixture();
const { post } = workersAi;

interface Embeddings {
  shape: [number, number];
  data: number[][];
}
const run = (model: string, inputs: object) => workersAi.run<Embeddings>(model, inputs);

const dot = (a: readonly number[] = [], b: readonly number[] = []) =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

describe("embeddings", () => {
  it.each([
    [BGE_BASE, 768],
    [BGE_M3, 1024],
  ])("of %s have %i numbers and unit length", async (model, size) => {
    const { shape, data } = await run(model, { text: ["one text", "another"] });
    expect(shape).toEqual([2, size]);
    expect(data.map((vector) => vector.length)).toEqual([size, size]);
    for (const vector of data) expect(dot(vector, vector)).toBeCloseTo(1, 5);
  });

  it.each([
    [0.904, "What is the capital of France?", "Which city is France's capital?"],
    [0.916, "How do I reset my password?", "I forgot my password, how can I change it?"],
    [0.907, "How tall is Mount Everest?", "What's the height of Everest?"],
    [0.978, "turn dark mode on", "turn dark mode off"],
    [0.82, "enable 2FA", "disable 2FA"],
    [0.03, "How do I reset my password?", "Best pizza in Rome"],
  ])("are %d near for “%s” and “%s”", async (cosine, one, other) => {
    const { data } = await run(BGE_BASE, { text: [one, other] });
    expect(Math.abs(dot(data[0], data[1]) - cosine)).toBeLessThan(0.01);
  });

  it("are the same for one text and for many, now and later", async () => {
    const texts = Array.from({ length: 100 }, (_, number) => `text number ${number}`);
    const { data } = await run(BGE_BASE, { text: texts });
    expect((await run(BGE_BASE, { text: "text number 42" })).data[0]).toEqual(data[42]);
    expect((await run(BGE_BASE, { text: "text number 7" })).shape).toEqual([1, 768]);
  });

  it("of a text beyond the model's context are those of its beginning; of a long one its parts count", async () => {
    const long = "The lake is deep and blue. ".repeat(100);
    const { data } = await run(BGE_BASE, { text: [long, `${long} Taxes rise.`] });
    expect(data[0]).toEqual(data[1]);
    const m3 = await run(BGE_M3, { text: [long, `${long}${"Taxes rise next year. ".repeat(100)}`] });
    expect(m3.data[0]).not.toEqual(m3.data[1]);
    expect(dot(m3.data[1], m3.data[1])).toBeCloseTo(1, 5);
  });

  it("say in a header what made them", async () => {
    const response = await post(`run/${BGE_M3}`, { text: "x" });
    expect(response.headers.get("x-stand-in")).toBe("universal-sentence-encoder-lite");
  });

  it("come in OpenAI's shape, as numbers or as base64", async () => {
    const ask = async (extra: object) =>
      (await (await post("v1/embeddings", { model: BGE_M3, input: "hello", ...extra })).json()) as {
        data: { embedding: unknown }[];
      };
    const numbers = await ask({});
    const native = (await run(BGE_M3, { text: "hello" })).data[0];
    expect(numbers).toEqual({
      object: "list",
      data: [{ object: "embedding", index: 0, embedding: native }],
      model: BGE_M3,
      usage: { prompt_tokens: 2, total_tokens: 2 },
    });
    const encoded = Buffer.from(String((await ask({ encoding_format: "base64" })).data[0]?.embedding), "base64");
    expect(Array.from({ length: 1024 }, (_, index) => encoded.readFloatLE(index * 4))).toEqual(native);
    expect((await ask({ dimensions: 256 })).data[0]?.embedding).toHaveLength(256);
  });

  it.each<[string, object]>([
    ["no text", {}],
    ["an empty text", { text: "" }],
    ["an empty list", { text: [] }],
    ["101 texts", { text: Array.from({ length: 101 }, () => "x") }],
    ["a number", { text: 7 }],
    ["another pooling", { text: "x", pooling: "max" }],
  ])("are refused for %s", async (_, inputs) => {
    await expect(run(BGE_BASE, inputs)).rejects.toMatchObject({ status: 400, errors: [{ code: 5004 }] });
  });

  it("are refused by name for what is not there", async () => {
    await expect(run(BGE_M3, { query: "x", contexts: [{ text: "y" }] })).rejects.toMatchObject({
      status: 501,
      errors: [{ code: 7501 }],
    });
    const wrongTask = await post("v1/embeddings", { model: LLAMA, input: "x" });
    expect([wrongTask.status, await wrongTask.json()]).toMatchObject([400, { errors: [{ code: 5007 }] }]);
    expect((await post("v1/embeddings", { model: BGE_M3, input: "x", dimensions: 2000 })).status).toBe(400);
  });
});
