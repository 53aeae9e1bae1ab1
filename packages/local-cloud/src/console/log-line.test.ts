import { describe, expect, it } from "vitest";

/** The page's modules are plain JavaScript: their types are told here. */
const { readLogLine } = (await import(new URL("./page/log-line.js", import.meta.url).href)) as {
  readLogLine: (message: string) => {
    title: string;
    fields: [string, string][];
    more: string | undefined;
    level: string | undefined;
  };
};

describe("log line", () => {
  it("puts a JSON line's message first and its fields after it", () => {
    const line = readLogLine(
      '{"level":"warn","message":"retrying","job":"j1","attempt":2,"time":"2026-11-20T10:00:00Z"}',
    );
    expect(line).toMatchObject({
      title: "retrying",
      level: "warn",
      fields: [
        ["job", "j1"],
        ["attempt", "2"],
      ],
    });
    expect(line.more).toContain('"attempt": 2');
  });

  it("shows a stack inside a JSON line with its line breaks", () => {
    expect(readLogLine('{"message":"failed","stack":"Error: x\\n    at y"}').more).toMatch(/Error: x\n +at y/);
  });

  it("folds the rest of a text of many lines away", () => {
    expect(readLogLine("TypeError: x\n    at a\n    at b\n")).toEqual({
      title: "TypeError: x",
      fields: [],
      more: "TypeError: x\n    at a\n    at b",
      level: undefined,
    });
  });

  it.each(["plain", "", "{not json}", '{"a":', "[1,2]", "null"])("leaves other text as it is: %j", (text) => {
    expect(readLogLine(text)).toEqual({ title: text, fields: [], more: undefined, level: undefined });
  });

  it("stands a JSON line without a message", () => {
    expect(readLogLine('{"a":1,"message":{"b":2}}')).toMatchObject({
      title: "",
      fields: [
        ["a", "1"],
        ["message", '{"b":2}'],
      ],
    });
  });
});
