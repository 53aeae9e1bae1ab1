import { describe, expect, it } from "vitest";
import { checkRoute } from "./check-route.ts";
import { readElements } from "./route-elements.ts";

const to = (elementId: string) => ({ elementId });
const start = (next: string) => ({ id: "start", type: "start", outputs: { next: to(next) } });
const end = { id: "end", type: "end", outputs: {} };
const model = (id: string, success = "end", fallback = "end", name = "good") => ({
  id,
  type: "model",
  properties: { provider: "workers-ai", model: name, timeout: 1000, retries: 1 },
  outputs: { success: to(success), fallback: to(fallback) },
});
const split = (outputs: Record<string, string>) => ({
  id: "split",
  type: "percentage",
  outputs: Object.fromEntries(Object.entries(outputs).map(([name, id]) => [name, to(id)])),
});
const condition = (properties: unknown) => ({
  id: "if",
  type: "conditional",
  properties,
  outputs: { true: to("a"), false: to("end") },
});
const rate = (properties: object, type = "rate") => ({
  id: "limit",
  type,
  properties: { limit: 5, limitType: "count", window: 60, ...properties },
  outputs: { success: to("a"), fallback: to("end") },
});
const conditional = (condition_: unknown) => [start("if"), condition({ conditions: condition_ }), model("a"), end];
const limited = (properties: object, type?: string) => [start("limit"), rate(properties, type), model("a"), end];

/** Everything that is said against the elements, wherever it is found out. */
function problems(elements: unknown): string[] {
  try {
    const knows = (provider: string, name: string) => provider === "workers-ai" && name === "good";
    return checkRoute(readElements(elements), knows).map(({ message }) => message);
  } catch (error) {
    const { issues } = error as { issues: { path: PropertyKey[]; message: string }[] };
    return issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  }
}

describe("a sound route", () => {
  it.each<[string, unknown]>([
    ["a model with a fallback", [start("a"), model("a", "end", "b"), model("b"), end]],
    ["two ways to one element", [start("a"), model("a", "b", "b"), model("b"), end]],
    ["percentages of 100", [start("split"), split({ "33.3%": "a", "66.7%": "end" }), model("a"), end]],
    ["percentages with a rest", [start("split"), split({ "10%": "a", else: "end" }), model("a"), end]],
    ["a condition", conditional({ "metadata.plan": { $eq: "free" }, $or: [{ a: 1 }, { b: { $not: { $in: [1] } } }] })],
    ["a condition as a text", conditional('{"metadata.plan":{"$eq":"free"}}')],
    ["the documented spelling", [start("if"), condition({ condition: { a: 1 } }), model("a"), end]],
    ["a limit", limited({ key: "metadata.user" })],
    ["a limit as documented", limited({ window: undefined, interval: 60, technique: "sliding" }, "rate_limit")],
  ])("%s", (_, elements) => expect(problems(elements)).toEqual([]));
});

describe("a refused route", () => {
  it.each<[string, unknown, string]>([
    ["no start", [model("a"), end], "exactly one start, this one has 0"],
    ["two starts", [start("a"), { ...start("a"), id: "start2" }, model("a"), end], "this one has 2"],
    ["no end", [start("a"), model("a", "b", "b"), model("b", "a", "a")], "no end"],
    ["a way to nowhere", [start("a"), model("a", "end", "gone"), end], '"fallback" leads to "gone"'],
    ["one id twice", [start("a"), model("a"), model("a"), end], 'two elements have the id "a"'],
    ["a circle", [start("a"), model("a", "end", "b"), model("b", "end", "a"), end], "a → b → a goes in a circle"],
    ["a way back to itself", [start("a"), model("a", "a"), end], "a → a goes in a circle"],
    ["an element off all ways", [start("a"), model("a"), model("b"), end], 'no way leads to the element "b"'],
    ["an end off all ways", [start("a"), model("a"), end, { ...end, id: "other" }], 'the element "other"'],
    ["a model nobody has", [start("a"), model("a", "end", "end", "bad"), end], '"workers-ai" has no model "bad"'],
    ["no fallback", [start("a"), { ...model("a"), outputs: { success: to("end") } }, end], "outputs.fallback"],
    [
      "an output too many",
      [start("a"), { ...model("a"), outputs: { ...model("a").outputs, x: to("end") } }, end],
      '"x"',
    ],
    ["an end without outputs", [start("a"), model("a"), { id: "end", type: "end" }], "outputs"],
    [
      "a model without retries",
      [start("a"), { ...model("a"), properties: { provider: "p", model: "m", timeout: 1 } }, end],
      "properties.retries",
    ],
    ["a model without properties", [start("a"), { ...model("a"), properties: undefined }, end], "properties"],
    [
      "a timeout of 0",
      [start("a"), { ...model("a"), properties: { ...model("a").properties, timeout: 0 } }, end],
      "timeout: must be more than 0",
    ],
    ["an unknown type", [start("a"), { ...model("a"), type: "magic" }, end], "type"],
    [
      "no percentage",
      [start("split"), split({ "ten%": "a", else: "end" }), model("a"), end],
      '"ten%" is no percentage',
    ],
    ["only the rest", [start("split"), split({ else: "a" }), model("a"), end], "no output with a percentage"],
    ["no outputs at all", [start("split"), split({}), end], "no output with a percentage"],
    ["percentages above 100", [start("split"), split({ "60%": "a", "50%": "end" }), model("a"), end], "add up to 110"],
    ["percentages below 100", [start("split"), split({ "60%": "a", "30%": "end" }), model("a"), end], 'no "else"'],
    [
      "six percentages",
      [
        start("split"),
        split({ "1%": "a", "2%": "a", "3%": "a", "4%": "a", "5%": "a", "6%": "a", else: "end" }),
        model("a"),
        end,
      ],
      "at most 5",
    ],
    ["an unknown comparison", conditional({ a: { $like: "x" } }), 'the operator "$like"'],
    ["an unknown combination", conditional({ $xor: [] }), '"$xor"'],
    ["a list that is none", conditional({ a: { $in: "x" } }), "$in wants a list"],
    ["a bad condition inside", conditional({ $and: [{ a: { $is: 1 } }] }), '"$is"'],
    ["a condition that is a list", conditional([]), "conditions"],
    ["a text that is no JSON", conditional("{"), "is not a JSON object"],
    ["no condition", [start("if"), condition({}), model("a"), end], "conditions: is missing"],
    ["a limit of 0", limited({ limit: 0 }), "limit: must be more than 0"],
    ["a limit without time", limited({ window: undefined }), "window: is missing"],
    ["a limit of what", limited({ limitType: "tokens" }), "limitType"],
  ])("%s", (_, elements, reason) => {
    expect(problems(elements).join("; ")).toContain(reason);
  });
});
