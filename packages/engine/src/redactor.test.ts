import { describe, expect, it } from "vitest";
import { Redactor } from "./redactor.ts";
import { secret } from "./values.ts";

describe("a redactor", () => {
  it.each<[string, unknown, string, string]>([
    ["a secret text", secret("hunter2"), "it is hunter2", "it is [secret]"],
    ["a secret inside", { a: [{ b: secret("hunter2") }] }, "it is hunter2", "it is [secret]"],
    ["a name that is a secret itself", { name: secret("hunter2") }, "it is hunter2", "it is [secret]"],
    ["what is not secret", { a: "hunter2" }, "it is hunter2", "it is hunter2"],
    [
      "a secret object, but not the names in it",
      secret([{ name: "RESULTS", type: "json", bucketName: "lab-results", text: "hunter2" }]),
      "RESULTS: wrangler.jsonc says json, the bucket is lab-results, the text hunter2",
      "RESULTS: wrangler.jsonc says json, the bucket is lab-results, the text [secret]",
    ],
    ["a secret as JSON writes it", secret('a"bc'), 'it is "a\\"bc"', 'it is "[secret]"'],
  ])("masks %s", (_, learnt, text, expected) => {
    const redactor = new Redactor();
    redactor.learn(learnt);
    expect(redactor.mask(text)).toBe(expected);
  });
});
