import { expect, it } from "vitest";
import { meets, metadataNamed } from "./condition.ts";

const input = {
  metadata: { plan: "free", age: 30, trial: false, "a.b": "dotted" },
  model: "dynamic/chat",
  max_tokens: 100,
  body: { temperature: 0.5, nested: { deep: "yes" } },
};

it.each<[unknown, boolean]>([
  [{ "metadata.plan": "free" }, true],
  [{ "metadata.plan": { $eq: "pro" } }, false],
  [{ "metadata.plan": { $ne: "pro" } }, true],
  [{ "metadata.missing": { $ne: "pro" } }, true],
  [{ "metadata.age": { $gt: 29, $lte: 30 } }, true],
  [{ "metadata.age": { $gte: 31 } }, false],
  [{ "metadata.age": { $lt: "31" } }, false],
  [{ "metadata.plan": { $in: ["free", "pro"] } }, true],
  [{ "metadata.plan": { $nin: ["free"] } }, false],
  [{ "metadata.trial": false }, true],
  [{ "metadata.missing": { $exists: false } }, true],
  [{ "metadata.plan": { $exists: true } }, true],
  [{ "metadata.plan": { $not: { $eq: "pro" } } }, true],
  [{ "metadata.plan": { $regex: "^f" } }, true],
  [{ "metadata.a.b": "dotted" }, true],
  [{ max_tokens: { $gt: 50 } }, true],
  [{ "body.nested.deep": "yes" }, true],
  [{ $and: [{ "metadata.plan": "free" }, { max_tokens: 100 }] }, true],
  [{ $or: [{ "metadata.plan": "pro" }, { max_tokens: 100 }] }, true],
  [{ $not: { "metadata.plan": "free" } }, false],
  [{ $nor: [{ "metadata.plan": "pro" }] }, true],
  [{ "metadata.plan": "free", max_tokens: 1 }, false],
  [{ "metadata.constructor": { $exists: true } }, false],
])("%j of the call is %s", (conditions, wanted) => {
  expect(meets(conditions, input)).toBe(wanted);
});

it.each([[{ "metadata.plan": { $near: 1 } }], [{ $where: "1" }], ["text"], [{ "metadata.plan": { $in: "free" } }]])(
  "refuses %j",
  (conditions) => {
    expect(() => meets(conditions, input)).toThrow(/operator|conditions/);
  },
);

it("names the metadata that conditions look at", () => {
  expect(metadataNamed({ $or: [{ "metadata.plan": "pro" }, { $not: { "metadata.user": { $in: ["a"] } } }] })).toEqual([
    "metadata.plan",
    "metadata.user",
  ]);
});
