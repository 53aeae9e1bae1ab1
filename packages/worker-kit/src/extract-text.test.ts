import { describe, expect, it } from "vitest";
import { extractText } from "./extract-text.ts";

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

  it("keeps its headings and lists, as Markdown writes them, where that is wanted", () => {
    const html = "<h1 class=x>One</h1><p>a</p><h3>Two <i>b</i></h3><ul><li>c<li>d</ul><pre>e</pre>";
    expect(extractText(html, "html", { structure: true })).toBe("# One\n\na\n\n### Two b\n\n- c\n- d\n\ne");
  });

  it("is found in linear time, whatever the markup", () => {
    for (const hostile of ["<script", "<!--", "<", "<p ", "&#"]) {
      expect(extractText(`<div>${hostile.repeat(200_000)}`, "html").length).toBeLessThan(1_000_000);
    }
  }, 120_000);
});
