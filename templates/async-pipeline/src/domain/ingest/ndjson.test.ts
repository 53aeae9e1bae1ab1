import { describe, expect, it } from "vitest";
import { brief, bytesOf, entriesOf, LIMITS, sourceOf, utf16 } from "./ingest-fixture.ts";

const read = async (content: string | Uint8Array) => brief(await entriesOf(sourceOf(content), "ndjson"));
const deep = "[".repeat(40) + "]".repeat(40);

describe("newline-delimited JSON", () => {
  it.each<[string, string | Uint8Array, unknown[]]>([
    [
      "a value per line",
      '{"a":1}\n"x"\n[2]\n',
      [
        [1, { a: 1 }],
        [2, "x"],
        [3, [2]],
      ],
    ],
    [
      "CRLF, and no line end at the end",
      '{"a":1}\r\n{"a":2}',
      [
        [1, { a: 1 }],
        [2, { a: 2 }],
      ],
    ],
    [
      "no item for a blank line",
      '\n{"a":1}\n \t\r\n\n{"a":2}\n\n',
      [
        [2, { a: 1 }],
        [5, { a: 2 }],
      ],
    ],
    ["a byte-order mark", bytesOf([0xef, 0xbb, 0xbf], '{"a":1}\n'), [[1, { a: 1 }]]],
    [
      "UTF-16, little end first",
      utf16('{"a":"ä😀"}\n2\n', "le", true),
      [
        [1, { a: "ä😀" }],
        [2, 2],
      ],
    ],
    [
      "UTF-16, big end first",
      utf16('{"a":"ä😀"}\n2\n', "be", true),
      [
        [1, { a: "ä😀" }],
        [2, 2],
      ],
    ],
    ["UTF-16 without a mark, little end first", utf16('{"a":"ä"}\n', "le", false), [[1, { a: "ä" }]]],
    ["UTF-16 without a mark, big end first", utf16('{"a":"ä"}\n', "be", false), [[1, { a: "ä" }]]],
  ])("reads %s", async (_, content, expected) => {
    expect(await read(content)).toEqual(expected);
  });

  it.each<[string, string | Uint8Array, string]>([
    ["a line that is no JSON", '1\n{"a":\n3\n', "invalid_json"],
    ["bytes that are no UTF-8", bytesOf('1\n"', [0xc3, 0x28], '"\n3\n'), "invalid_encoding"],
    ["half a surrogate pair", utf16('1\n"\ud800"\n3\n', "le", true), "invalid_encoding"],
    ["a line over the limit", `1\n"${"x".repeat(70)}"\n3\n`, "item_too_large"],
    ["a line far over the limit", `1\n"${"x".repeat(7_000)}"\n3\n`, "item_too_large"],
  ])("gives up %s, and goes on with the next", async (_, content, reason) => {
    expect(await read(content)).toEqual([
      [1, 1],
      [2, reason],
      [3, 3],
    ]);
  });

  it("gives up what nests so deep that working on it could fail", async () => {
    const limits = { ...LIMITS, maxItemBytes: 200_000 };
    const content = `${"[".repeat(90_000)}${"]".repeat(90_000)}\n${deep}\n1\n`;
    const entries = await entriesOf(sourceOf(content), "ndjson", { limits });
    expect(brief(entries)).toEqual([
      [1, "invalid_json"],
      [2, "invalid_json"],
      [3, 1],
    ]);
    expect(entries[1]).toMatchObject({ message: "nested more than 32 levels deep" });
  });

  it("says where a line stops being JSON, not what it holds", async () => {
    const [entry] = await entriesOf(sourceOf('{"password": "hunter" 2}\n'), "ndjson");
    expect(entry).toMatchObject({ kind: "bad", message: "not JSON: look at character 23" });
  });

  it("says when a line ends too early", async () => {
    const [entry] = await entriesOf(sourceOf('{"a":\n'), "ndjson");
    expect(entry).toMatchObject({ message: "not JSON: it ends too early" });
  });

  it.each<[string, string | Uint8Array, string, RegExp]>([
    ["nothing in it", "", "empty_batch", /no item/],
    ["only blank lines", "\n \n\r\n", "empty_batch", /no item/],
    ["only a byte-order mark", bytesOf([0xef, 0xbb, 0xbf]), "empty_batch", /no item/],
    ["more items than a batch may have", "1\n".repeat(1_001), "too_many_items", /1000 items/],
    ["UTF-32", bytesOf([0xff, 0xfe, 0, 0, 0x31, 0, 0, 0]), "unsupported_encoding", /UTF-32/],
    ["gzip", bytesOf([0x1f, 0x8b, 8, 0]), "unsupported_encoding", /gzip/],
    ["an Excel workbook", bytesOf("PK", [3, 4]), "unsupported_encoding", /Excel/],
    ["other bytes", bytesOf([1, 2, 0, 3]), "unsupported_encoding", /not text/],
  ])("refuses a source with %s", async (_, content, code, message) => {
    await expect(read(content)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it("takes exactly as many items as a batch may have", async () => {
    expect(await read("1\n".repeat(1_000))).toHaveLength(1_000);
  });
});

describe("a JSON document", () => {
  const readDocument = async (content: string | Uint8Array) => brief(await entriesOf(sourceOf(content), "json"));

  it.each<[string, string | Uint8Array]>([
    ["an array", '[1,"x"]'],
    ['an object with "items"', '{"pipeline":"p","items":[1,"x"]}'],
    ["one with a byte-order mark", bytesOf([0xef, 0xbb, 0xbf], '[1,"x"]')],
    ["one in UTF-16", utf16('[1,"x"]', "le", true)],
  ])("may be %s", async (_, content) => {
    expect(await readDocument(content)).toEqual([
      [null, 1],
      [null, "x"],
    ]);
  });

  it("gives up an item over the limit or nested too deep, and goes on with the next", async () => {
    const content = `[1,"${"ä".repeat(32)}",${deep},4]`;
    expect(await readDocument(content)).toEqual([
      [null, 1],
      [null, "item_too_large"],
      [null, "invalid_json"],
      [null, 4],
    ]);
  });

  it.each<[string, string | Uint8Array, string]>([
    ["no JSON", "[1,", "invalid_document"],
    ["no UTF-8", bytesOf('["', [0xff], '"]'), "invalid_document"],
    ["something else", '{"rows":[]}', "invalid_document"],
    ["no items", '{"items":[]}', "empty_batch"],
    ["too many items", `[${"1,".repeat(1_000)}1]`, "too_many_items"],
    ["too many bytes", `[${" ".repeat(100_000)}1]`, "document_too_large"],
  ])("is refused with %s", async (_, content, code) => {
    await expect(readDocument(content)).rejects.toMatchObject({ code });
  });
});
