import { describe, expect, it } from "vitest";
import { readPairs } from "./read-pairs.ts";

const texts = (text: string) =>
  readPairs("pairs", text).map(({ asked, candidate, same, line }) => [
    asked.at(-1)?.content,
    candidate.at(-1)?.content,
    same,
    line,
  ]);

describe("labelled pairs", () => {
  it("are read from JSON lines, with empty lines between them and a byte order mark", () => {
    expect(texts('\uFEFF{"a":"x","b":"y","same":true}\r\n\r\n{"a":"x","b":"z","same":"different"}\n')).toEqual([
      ["x", "y", true, 1],
      ["x", "z", false, 3],
    ]);
  });

  it("may be whole conversations", () => {
    const side = [
      { role: "user", content: "Rome" },
      { role: "user", content: "How big?" },
    ];
    expect(readPairs("pairs", JSON.stringify({ a: side, b: side, same: 1 }))[0]?.asked).toEqual(side);
  });

  it("are read from CSV in any order of columns, with quotes, commas and line breaks in a field", () => {
    expect(texts('same,a,b,note\nyes,"What is ""x"", y?","two\nlines",\n0,c,d,n\n')).toEqual([
      ['What is "x", y?', "two\nlines", true, 2],
      ["c", "d", false, 4],
    ]);
  });

  it.each([
    ['{"a":"x","b":"y"}', 'line 1: "same" is neither true nor false'],
    ['{"a":"x","b":"y","same":"maybe"}', 'line 1: "same" is neither true nor false'],
    ['{"a":"x","b":"y","same":true}\n{"a":" ","b":"y","same":true}', 'line 2: "a" is neither a text'],
    ['{"a":"x","b":"y","same":true}\n{"a":', "line 2: is no JSON"],
    ['{"a":"x","b":"y","same":true}\n[1]', 'line 2: is no object like {"a"'],
    ["a,b\nx,y", 'no column "same"'],
    ["a,b,same\nx,y", "line 2: has 2 fields, the first line names 3"],
    ['a,b,same\nx,"y,yes', "the quote that begins in line 2 is never closed"],
    ["", "has no pairs"],
  ])("that are wrong are named with their line: %j", (text, message) => {
    expect(() => readPairs("pairs", text)).toThrow(message);
  });

  it("that are wrong in many lines are counted, and the first ten shown", () => {
    expect(() => readPairs("pairs", Array.from({ length: 14 }, () => "{}").join("\n"))).toThrow(
      /14 lines cannot[\s\S]*line 10:[\s\S]*and 4 more/,
    );
  });
});
