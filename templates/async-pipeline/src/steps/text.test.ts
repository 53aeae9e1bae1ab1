import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extractText } from "./extract-text.ts";
import { splitText } from "./split-text.ts";

describe("the text of a document", () => {
  it.each([
    ["plain text as it is", "One.\r\n\r\n\r\n\r\nTwo  three. ", "One.\n\nTwo three."],
    ["HTML without its markup", "<p>One &amp; <b>two</b></p><p>Three&#8230;&nbsp;&#x41;</p>", "One & two\n\nThree… A"],
    ["nothing of scripts and comments", "<div>a<script>if (1 < 2) x();</script>b<!-- c --></div>", "ab"],
    ["what comes before an element that is never closed", "<p>a</p><style>p { }", "a"],
    ["an entity that nobody knows", "<p>&nosuch; &#99999999;</p>", "&nosuch; &#99999999;"],
  ])("is %s", (_, document, text) => expect(extractText(document)).toBe(text));

  it("is HTML or not as it is told", () => {
    expect(extractText("<p>a</p>", "text")).toBe("<p>a</p>");
    expect(extractText("x <b>y</b>", "html")).toBe("x y");
  });

  it("is found in linear time, whatever the markup", () => {
    for (const hostile of ["<script", "<!--", "<", "<p ", "&#"]) {
      expect(extractText(`<div>${hostile.repeat(200_000)}`, "html").length).toBeLessThan(1_000_000);
    }
  }, 5_000);
});

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
