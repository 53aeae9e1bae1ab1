import type { AiAnswer, AiQuestion, AnswerShape } from "@tenner/worker-kit/ai";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { runGroup } from "../steps/run-group.ts";
import { compute } from "../steps/step.ts";
import { findPipeline, PIPELINES } from "./index.ts";
import { pipeline } from "./pipeline.ts";

/** What a well-behaved model would say to each pipeline. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  "product-descriptions": { title: "Kettle", description: "It boils water.", bullets: ["Fast"] },
  "classify-and-tag": { label: "positive", tags: ["Tea", "tea", "Kitchen"] },
  "email-sequence": {
    emails: [
      { subject: "One", purpose: "Say hello." },
      { subject: "Two", purpose: "Say more." },
      { subject: "Three", purpose: "Say goodbye." },
      { subject: "Four", purpose: "Too many." },
    ],
  },
};
const ITEMS: Readonly<Record<string, unknown>> = {
  "summarise-documents": { id: "d1", title: "Letters", text: "A letter. ".repeat(2_000) },
  "product-descriptions": { sku: 12, name: "Kettle", litres: 1.7 },
  "classify-and-tag": { id: "t1", text: "I love this kettle." },
  "email-sequence": { audience: "Tea drinkers", offer: "A kettle." },
};
const RESULTS: Readonly<Record<string, unknown>> = {
  "summarise-documents": { id: "d1", title: "Letters", summary: "An answer.", characters: 19_999, parts: 2 },
  "product-descriptions": { sku: 12, title: "Kettle", description: "It boils water.", bullets: ["Fast"] },
  "classify-and-tag": { id: "t1", label: "positive", tags: ["tea", "kitchen"] },
  "email-sequence": {
    emails: [
      { subject: "One", body: "An answer." },
      { subject: "Two", body: "An answer." },
      { subject: "Three", body: "An answer." },
    ],
  },
};

describe.each(PIPELINES.map(({ name }) => name))("%s", (name) => {
  it("makes of its item the result that its schema promises", async () => {
    const found = findPipeline(name);
    if (!found) throw new Error("not listed");
    const asked: string[] = [];
    const source = { model: "m", fallback: false, standIn: false, cached: false, logId: undefined, costNano: 1 };
    const usage = { inputTokens: 1, outputTokens: 1 };
    const run = await runGroup(found, [{ position: 0, payload: ITEMS[name], answers: 0, kept: new Map() }], {
      batchId: "b",
      options: found.options.parse({}),
      ai: {
        async text(question: AiQuestion): Promise<AiAnswer<string>> {
          asked.push(question.callId ?? "");
          return { ...source, usage, value: "An answer." };
        },
        async structured<T>(question: AiQuestion, shape: AnswerShape<T>): Promise<AiAnswer<T>> {
          asked.push(question.callId ?? "");
          const checked = shape.check(ANSWERS[name]);
          if (!checked.ok) throw new Error(checked.problems.join());
          return { ...source, usage, value: checked.value };
        },
      },
      signal: new AbortController().signal,
      maxOutputTokens: 1_024,
      keep: async () => {},
      costOf: () => 1,
      costOfTokens: () => 1,
    });
    expect(run.outcomes).toEqual([{ kind: "done", position: 0, output: RESULTS[name] }]);
    expect(found.result.safeParse(RESULTS[name]).success).toBe(true);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it("is described: item, options and result have JSON schemas", () => {
    const found = findPipeline(name);
    for (const schema of [found?.item, found?.options, found?.result]) {
      expect(z.toJSONSchema(schema ?? z.never(), { io: "input" })).toMatchObject({ type: "object" });
    }
  });
});

it("a pipeline with two steps of one name is refused", () => {
  const head = { name: "twice", description: "", item: z.string(), options: z.object({}), result: z.string() };
  const begun = pipeline(head).step(compute("same", (text) => text));
  expect(() => begun.last(compute("same", (text) => text))).toThrow('pipeline twice has two steps named "same"');
});
