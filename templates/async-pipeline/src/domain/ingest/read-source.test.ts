import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, entriesOf, LIMITS, sourceOf, utf16 } from "./ingest-fixture.ts";
import type { SourceEntry } from "./source-entry.ts";

const chunkSizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 8 });
const limits = { ...LIMITS, maxItemBytes: 12 };
/** Bytes that mean something to the parsers, and some that do not. */
const rough = fc
  .array(
    fc.oneof(
      fc.constantFrom('"', '""', ",", "\n", "\r\n", "\r", "a", "bc", " ", "{", "}", '{"a":1}', "ä", "😀", "1234567890"),
      fc.constant([0xff]),
    ),
    { maxLength: 60 },
  )
  .map((pieces) => pieces.map((piece) => (typeof piece === "string" ? piece : [...piece])));

describe("reading a source", () => {
  it.each(["csv", "ndjson"] as const)("gives the same %s entries however its bytes are cut", async (format) => {
    await fc.assert(
      fc.asyncProperty(rough, chunkSizes, async (pieces, sizes) => {
        const content = bytesOf("a,b\n", ...pieces, "\nz\n");
        const whole = await entriesOf(sourceOf(content), format, { limits });
        expect(await entriesOf(sourceOf(content, sizes), format, { limits })).toEqual(whole);
      }),
    );
  });

  it.each([
    ["csv", "utf-8"],
    ["csv", "utf-16"],
    ["ndjson", "utf-8"],
    ["ndjson", "utf-16"],
  ] as const)("goes on after any entry of a %s in %s as if it had never stopped", async (format, encoding) => {
    await fc.assert(
      fc.asyncProperty(rough, chunkSizes, fc.nat(), fc.boolean(), async (pieces, sizes, stop, bom) => {
        const text = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(
          bytesOf("a,b\n", ...pieces, "\nz\n"),
        );
        const utf8 = bom ? bytesOf([0xef, 0xbb, 0xbf], text) : bytesOf(text);
        const source = sourceOf(encoding === "utf-8" ? utf8 : utf16(text, "le", bom), sizes);
        const entries = await entriesOf(source, format, { limits });
        const at = stop % entries.length;
        expect(await entriesOf(source, format, { limits, from: entries[at]?.next ?? null })).toEqual(
          entries.slice(at + 1),
        );
      }),
      { numRuns: 50 },
    );
  });

  it("counts positions without a gap, good and bad", async () => {
    await fc.assert(
      fc.asyncProperty(rough, async (pieces) => {
        const entries = await entriesOf(sourceOf(bytesOf("a,b\n", ...pieces, "\nz\n")), "csv", { limits });
        expect(entries.map((entry) => entry.position)).toEqual(entries.map((_, index) => index));
        for (const entry of entries) expect(entry.next.position).toBe(entry.position + 1);
      }),
    );
  });

  it("gives back what was written as NDJSON", async () => {
    const value = fc.jsonValue({ maxDepth: 4 }).filter((each) => JSON.stringify(each).length < 1_000);
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1 }), chunkSizes, async (values, sizes) => {
        const lines = values.map((each) => JSON.stringify(each));
        const entries = await entriesOf(sourceOf(`${lines.join("\n")}\n`, sizes), "ndjson", {
          limits: { ...LIMITS, maxItemBytes: 10_000 },
        });
        expect(entries.map(itemOf).map((each) => JSON.stringify(each))).toEqual(lines);
      }),
    );
  });

  it("gives back what was written as CSV", async () => {
    const cell = fc.oneof(fc.string({ unit: "grapheme" }), fc.stringMatching(/^[",;\r\n\t a]{0,6}$/));
    const table = fc
      .uniqueArray(
        fc.stringMatching(/^[a-zäé"'\n]{0,6}x$/).map((name) => name.trim()),
        { minLength: 1, maxLength: 6 },
      )
      .chain((names) =>
        fc.record({
          names: fc.constant(names),
          rows: fc.array(fc.tuple(...names.map(() => cell)), { minLength: 1, maxLength: 12 }),
          delimiter: fc.constantFrom(...(names.length > 1 ? [",", ";", "\t"] : [","])),
          lineEnd: fc.constantFrom("\n", "\r\n"),
        }),
      );
    await fc.assert(
      fc.asyncProperty(table, chunkSizes, async ({ names, rows, delimiter, lineEnd }, sizes) => {
        const text = [names, ...rows].map((row) => row.map(quoted).join(delimiter)).join(lineEnd);
        const entries = await entriesOf(sourceOf(text, sizes), "csv", { limits: { ...LIMITS, maxItemBytes: 10_000 } });
        const expected = rows.map((row) => Object.fromEntries(names.map((name, column) => [name, row[column]])));
        expect(entries.map(itemOf)).toEqual(expected);
      }),
    );
  });
});

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

function itemOf(entry: SourceEntry): unknown {
  if (entry.kind === "bad") throw new Error(`line ${entry.line}: ${entry.message}`);
  return entry.value;
}
