import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitText } from "./split-text.ts";

describe("a long text", () => {
  it("is split at paragraphs, sentences, words, or anywhere", () => {
    expect(splitText("aaaa bbbb\n\ncccc dddd", 12)).toEqual(["aaaa bbbb", "cccc dddd"]);
    expect(splitText("Aaaa bbbb. Cccc dddd.", 14)).toEqual(["Aaaa bbbb.", "Cccc dddd."]);
    expect(splitText("aaaaaaaaaa", 4)).toEqual(["aaaa", "aaaa", "aa"]);
    expect(splitText(" ", 4)).toEqual([]);
  });

  it("loses nothing but spaces, and no part is too long or half a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), fc.integer({ min: 4, max: 60 }), (text, most) => {
        const parts = splitText(text, most);
        expect(parts.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(most);
          expect(part.isWellFormed()).toBe(text.isWellFormed() || part.isWellFormed());
        }
      }),
    );
  });
});
