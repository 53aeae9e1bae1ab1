import { expect, it } from "vitest";
import { child, parseXml, XmlError } from "./xml.ts";

it("reads elements, text, entities and what is none of it", () => {
  const root = parseXml(
    `<?xml version="1.0"?><!-- <no/> --><List xmlns="a>b"><Key a='>'>a &lt;b&gt; &amp;amp; &#x1F600;&#233;</Key><Key><![CDATA[<raw>&amp;]]></Key><Empty /></List>\n`,
  );
  expect(root.name).toBe("List");
  expect(root.children.map(({ name, text }) => [name, text])).toEqual([
    ["Key", "a <b> &amp; 😀é"],
    ["Key", "<raw>&amp;"],
    ["Empty", ""],
  ]);
  expect(child(root, "Missing")).toBeUndefined();
});

it.each(["", "text", "<a>", "<a></b>", "</a>", "<a", "<a><!--", "<!DOCTYPE a><a/>", "<a/></a>", "< a></ a>"])(
  "refuses %j",
  (source) => {
    expect(() => parseXml(source)).toThrow(XmlError);
  },
);
