import { Settings } from "@tenner/worker-kit/settings";
import { describe, expect, it } from "vitest";
import { ChatRequest } from "../openai/chat-request.ts";
import { chooseModel, type RouteCosts, TooDear } from "./choose-model.ts";
import { factsOf } from "./request-facts.ts";

const SMALL = "@cf/meta/llama-3.1-8b-instruct-fast";
const MIDDLE = "@cf/meta/llama-3.3-70b-instruct-fp8-fast";
const LARGE = "anthropic/claude-haiku-4-5";

const PRICES: Readonly<Record<string, number>> = { auto: 2, [SMALL]: 1, [MIDDLE]: 10, [LARGE]: 50 };
const costs = (more: Partial<RouteCosts> = {}): RouteCosts => ({
  costOf: (target) => PRICES[target] ?? Number.NaN,
  mostNano: null,
  budgetShare: 0,
  ...more,
});

const choose = (routing: object, content: string, more: object = {}, world: Partial<RouteCosts> = {}) => {
  const request = ChatRequest.parse({ model: "auto", messages: [{ role: "user", content }], ...more });
  return chooseModel(factsOf(request, request.max_tokens ?? 1_024), Settings.parse({ routing }).routing, costs(world));
};

const rule = (when: object, to: string[] = [LARGE]) => ({ rules: [{ name: "it", when, to }] });

describe("without settings", () => {
  it("everything goes the stack's route", () => {
    expect(choose({}, "```js\ncode\n```", { tools: [{}] })).toEqual({ target: "auto", reason: "otherwise" });
  });
});

describe("a rule", () => {
  const code = "Why does this fail?\nconst x = f(1);\nreturn x;";
  it.each([
    ["text of some length", { minCharacters: 10 }, "0123456789", "012345678", {}],
    ["text up to some length", { maxCharacters: 9 }, "012345678", "0123456789", {}],
    ["code in a fence", { code: true }, "Fix: ```x```", "Fix it", {}],
    ["code without a fence", { code: true }, code, "Let me see; if so, return it.\nFor me: yes.", {}],
    ["a word", { words: ["prove"] }, "Please PROVE it", "You can improve it", {}],
    ["a phrase", { words: ["Step by step"] }, "explain, step by step!", "a step by a step", {}],
    ["a word with signs", { words: ["C++"] }, "What is C++?", "What is C?", {}],
    ["a word in another script", { words: ["договор"] }, "Проверь Договор.", "Проверь договоры", {}],
  ])("looks at %s", (_, when, yes, no, more) => {
    expect(choose(rule(when), yes, more)).toEqual({ target: LARGE, reason: "rule:it" });
    expect(choose(rule(when), no, more)).toEqual({ target: "auto", reason: "otherwise" });
  });

  it.each([
    ["tools", { tools: true }, { tools: [{}] }, { tools: [] }],
    ["JSON", { json: true }, { response_format: { type: "json_object" } }, { response_format: { type: "text" } }],
    [
      "a JSON schema",
      { jsonSchema: true },
      { response_format: { type: "json_schema" } },
      { response_format: { type: "json_object" } },
    ],
    ["long answers", { minOutputTokens: 500 }, { max_tokens: 500 }, { max_tokens: 499 }],
    ["short answers", { maxOutputTokens: 500 }, { max_tokens: 500 }, { max_tokens: 501 }],
    [
      "many messages",
      { minMessages: 2 },
      { messages: Array(2).fill({ role: "user", content: "x" }) },
      { messages: Array(1).fill({ role: "user", content: "x" }) },
    ],
    ["what is not there", { tools: false, minOutputTokens: 1 }, {}, { tools: [{}] }],
  ])("looks at %s", (_, when, yes, no) => {
    expect(choose(rule(when), "x", yes).target).toBe(LARGE);
    expect(choose(rule(when), "x", no).target).toBe("auto");
  });

  it("needs everything that it names, and the first that fits decides", () => {
    const both = { minCharacters: 3, tools: true };
    expect(choose(rule(both), "abc").target).toBe("auto");
    const rules = [
      { name: "first", when: { minCharacters: 1 }, to: [MIDDLE] },
      { name: "second", when: { minCharacters: 1 }, to: [LARGE] },
    ];
    expect(choose({ rules, large: [LARGE] }, "abc")).toEqual({ target: MIDDLE, reason: "rule:first" });
  });

  it("gets the cheapest of its candidates", () => {
    expect(choose(rule({ minCharacters: 1 }, [LARGE, MIDDLE]), "x").target).toBe(MIDDLE);
  });
});

describe("a large model", () => {
  it.each([
    ["tools", "x", { tools: [{}] }],
    ["json-schema", "x", { response_format: { type: "json_schema" } }],
    ["code", "```\nx\n```", {}],
    ["long", "x".repeat(4_000), {}],
    ["conversation", "", { messages: Array(12).fill({ role: "user", content: "x" }) }],
    ["words", "Analyse the root cause", {}],
  ])("is asked what is complex: %s", (name, content, more) => {
    expect(choose({ large: [LARGE] }, content, more)).toEqual({ target: LARGE, reason: `complex:${name}` });
  });

  it("is not asked what is simple", () => {
    expect(choose({ large: [LARGE], otherwise: [SMALL] }, "What is a CDN?")).toEqual({
      target: SMALL,
      reason: "otherwise",
    });
  });
});

describe("money", () => {
  const routing = { large: [LARGE], small: SMALL };

  it("passes over a model that may cost too much", () => {
    expect(choose(routing, "prove it", {}, { mostNano: 49 })).toEqual({ target: SMALL, reason: "price" });
    expect(choose(routing, "prove it", {}, { mostNano: 50 }).target).toBe(LARGE);
  });

  it("refuses when none is cheap enough, and says what the cheapest costs", () => {
    expect(() => choose(routing, "prove it", {}, { mostNano: 0.5 })).toThrow(new TooDear(1));
  });

  it("leaves only the small model above a share of the budget", () => {
    const short = { ...routing, smallAboveBudgetShare: 0.8 };
    expect(choose(short, "prove it", {}, { budgetShare: 0.8 })).toEqual({ target: SMALL, reason: "budget" });
    expect(choose(short, "prove it", {}, { budgetShare: 0.79 }).target).toBe(LARGE);
  });
});
