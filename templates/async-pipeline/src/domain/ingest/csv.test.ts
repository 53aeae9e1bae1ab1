import { describe, expect, it } from "vitest";
import { brief, bytesOf, entriesOf, LIMITS, sourceOf } from "./ingest-fixture.ts";

const read = async (content: string | Uint8Array, limits = LIMITS) =>
  brief(await entriesOf(sourceOf(content), "csv", { limits }));

describe("the rows of a CSV", () => {
  it.each<[string, string, unknown[]]>([
    [
      "an object per row",
      "a,b\n1,2\n3,4\n",
      [
        [2, { a: "1", b: "2" }],
        [3, { a: "3", b: "4" }],
      ],
    ],
    [
      "CRLF, and no line end at the end",
      "a,b\r\n1,2\r\n3,4",
      [
        [2, { a: "1", b: "2" }],
        [3, { a: "3", b: "4" }],
      ],
    ],
    ["a CR left at the very end", "a\n1\r", [[2, { a: "1" }]]],
    ["semicolons", "a;b\n1,5;2\n", [[2, { a: "1,5", b: "2" }]]],
    ["tabs", "a\tb\n1\t2\n", [[2, { a: "1", b: "2" }]]],
    ["a delimiter within a quoted name", '"a,b,c";d\n1;2\n', [[2, { "a,b,c": "1", d: "2" }]]],
    ["blanks around names", " a , b \n 1 ,2\n", [[2, { a: " 1 ", b: "2" }]]],
    [
      "quotes, doubled quotes and line ends within",
      'a,b\n"x ""y"", z","1\r\n2"\n3,4\n',
      [
        [2, { a: 'x "y", z', b: "1\r\n2" }],
        [4, { a: "3", b: "4" }],
      ],
    ],
    ["a quote in the middle of a cell", 'a,b\n5" pipe,x\n', [[2, { a: '5" pipe', b: "x" }]]],
    [
      "CRLF after a quoted cell",
      'a,b\r\n1,"2"\r\n3,"4"\r\n',
      [
        [2, { a: "1", b: "2" }],
        [3, { a: "3", b: "4" }],
      ],
    ],
    ["a quoted cell at the very end", 'a\n"x"', [[2, { a: "x" }]]],
    ["no field for an empty cell, an empty text for quotes", 'a,b,c\n,"",3\n', [[2, { b: "", c: "3" }]]],
    [
      "blank rows left out, their lines counted",
      "a,b\n1,2\n\n,\r\n\r\n3,4\n",
      [
        [2, { a: "1", b: "2" }],
        [6, { a: "3", b: "4" }],
      ],
    ],
    ["other alphabets and emoji", "größe,b\nä,😀\n", [[2, { größe: "ä", b: "😀" }]]],
    ["a column that is named like a prototype", "__proto__,b\n1,2\n", [[2, JSON.parse('{"__proto__":"1","b":"2"}')]]],
    ["a header over two lines", '"a\nb",c\n1,2\n', [[3, { "a\nb": "1", c: "2" }]]],
  ])("reads %s", async (_, text, expected) => {
    expect(await read(text)).toEqual(expected);
  });

  it.each<[string, string | Uint8Array, unknown[]]>([
    [
      "a row with too few cells",
      "a,b\n1\n3,4\n",
      [
        [2, "ragged_row"],
        [3, { a: "3", b: "4" }],
      ],
    ],
    [
      "a row with too many cells",
      "a,b\n1,2,3\n3,4\n",
      [
        [2, "ragged_row"],
        [3, { a: "3", b: "4" }],
      ],
    ],
    [
      "a byte that is no UTF-8",
      bytesOf("a,b\n1,", [0xff], "\n3,4\n"),
      [
        [2, "invalid_encoding"],
        [3, { a: "3", b: "4" }],
      ],
    ],
    [
      "a quote never closed",
      'a,b\n1,2\n"3,4\n5,6\n7,8\n',
      [
        [2, { a: "1", b: "2" }],
        [3, "broken_quote"],
        [4, { a: "5", b: "6" }],
        [5, { a: "7", b: "8" }],
      ],
    ],
    [
      "a quote never closed before other quotes",
      'a,b\n1,"2\n3,"4"\n5,6\n',
      [
        [2, "broken_quote"],
        [3, { a: "3", b: "4" }],
        [4, { a: "5", b: "6" }],
      ],
    ],
    [
      "a quote never closed on the last line",
      'a,b\n1,2\n3,"4',
      [
        [2, { a: "1", b: "2" }],
        [3, "broken_quote"],
      ],
    ],
    [
      "text after a closing quote",
      'a,b\n"1"x,2\n3,4\n',
      [
        [2, "broken_quote"],
        [3, { a: "3", b: "4" }],
      ],
    ],
    [
      "a lone CR after a closing quote",
      'a,b\n1,"2"\rx\n3,4\n',
      [
        [2, "broken_quote"],
        [3, { a: "3", b: "4" }],
      ],
    ],
    [
      "a row that began lines before its broken quote",
      'a,b,c\n"1\n2",x,"3\n4,5,6\n',
      [
        [2, "broken_quote"],
        [4, { a: "4", b: "5", c: "6" }],
      ],
    ],
    [
      "a row over the limit",
      `a,b\n${"x".repeat(70)},2\n3,4\n`,
      [
        [2, "item_too_large"],
        [3, { a: "3", b: "4" }],
      ],
    ],
    [
      "a row far over the limit",
      `a,b\n${"x".repeat(5_000)},2\n3,4\n`,
      [
        [2, "item_too_large"],
        [3, { a: "3", b: "4" }],
      ],
    ],
    [
      "a row over the limit because of its many lines",
      `a,b\n"${"x\n".repeat(50)}",2\n3,4\n`,
      [
        [2, "item_too_large"],
        [53, { a: "3", b: "4" }],
      ],
    ],
    [
      "a quote that no close follows for long",
      `a,b\n1,"2\n${"5,6\n".repeat(100)}`,
      [[2, "broken_quote"], ...Array.from({ length: 100 }, (_, i) => [3 + i, { a: "5", b: "6" }])],
    ],
  ])("gives up %s, and goes on with the next", async (_, content, expected) => {
    expect(await read(content)).toEqual(expected);
  });

  it("says on which line the broken quote stands, not what the cell holds", async () => {
    const entries = await entriesOf(sourceOf('a,b,c\n"1\n2",x,"secret\n4,5,6\n'), "csv");
    expect(entries[0]).toMatchObject({
      position: 0,
      line: 2,
      message: "a quote that opens a cell on line 3 is not closed",
    });
  });
});

describe("the header of a CSV", () => {
  const wide = Array.from({ length: 100_000 }, (_, i) => `column_${i}`).join(",");

  it.each<[string, string | Uint8Array, { code: string; message: RegExp }]>([
    [
      "100,000 columns",
      `${wide}\n${wide}\n`,
      { code: "too_many_columns", message: /more than \d+ columns; a CSV may have 10/ },
    ],
    ["a column too many", "a,b,c,d,e,f,g,h,i,j,k\n", { code: "too_many_columns", message: /11 columns/ }],
    ["no end within the limit", "x".repeat(5_000), { code: "header_too_large", message: /300 bytes/ }],
    [
      "the same name twice",
      "a,b, a\n1,2,3\n",
      { code: "invalid_header", message: /columns 1 and 3 have the same name, "a"/ },
    ],
    ["a column without a name", "a,,c\n1,2,3\n", { code: "invalid_header", message: /column 2 has no name/ }],
    ["a quote that is never closed", '"a,b\n1,2\n', { code: "invalid_header", message: /never closed/ }],
    ["bytes that are no UTF-8", bytesOf("a,", [0xff], "\n1,2\n"), { code: "invalid_header", message: /column 2/ }],
    ["lines that end with CR alone", "a,b\r1,2\r", { code: "invalid_header", message: /CR alone/ }],
    ["nothing below it", "a,b\n", { code: "empty_batch", message: /no item/ }],
    ["only blank rows below it", "a,b\n\n,\n", { code: "empty_batch", message: /no item/ }],
    ["nothing in it", "", { code: "empty_batch", message: /empty/ }],
    ["only line ends in it", "\r\n\n", { code: "empty_batch", message: /empty/ }],
  ])("is refused with %s", async (_, content, { code, message }) => {
    await expect(read(content)).rejects.toMatchObject({
      name: "SourceError",
      code,
      message: expect.stringMatching(message),
    });
  });
});
