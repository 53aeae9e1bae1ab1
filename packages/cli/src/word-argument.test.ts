import { defineCommand } from "citty";
import { expect, it } from "vitest";
import { findCommand } from "./command-tree.ts";
import { argumentWordsOf, wordArgument, wordOf } from "./word-argument.ts";

const fruit = wordArgument(["apple", "pear"], { required: false, description: "Which fruit" });

it("takes its words, and refuses any other by naming them all", () => {
  expect(wordOf(fruit, "pear", "fruit")).toBe("pear");
  for (const given of ["PEAR", "pea", ""]) {
    expect(() => wordOf(fruit, given, "fruit")).toThrow(`There is no fruit "${given}". There is: apple, pear.`);
  }
});

it("is known by its place among the positional arguments, of a command of one's own and of tenner's", async () => {
  const command = defineCommand({
    args: {
      loud: { type: "boolean" },
      basket: { type: "positional", required: true },
      size: { type: "string" },
      fruit,
    },
  });
  expect(argumentWordsOf(command)).toEqual([{ position: 1, words: ["apple", "pear"] }]);
  const [rollout] = await findCommand(["rollout"]);
  expect(argumentWordsOf(rollout)).toEqual([{ position: 1, words: ["rollback", "status"] }]);
  const [doctor] = await findCommand(["doctor"]);
  expect(argumentWordsOf(doctor)).toEqual([]);
});
