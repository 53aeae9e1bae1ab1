import { expect, it } from "vitest";
import { csvLine } from "./csv.ts";

it.each([
  [["a", 1, null, 0.5, 0.000000041, 120], "a,1,,0.5,0.000000041,120"],
  [['say "hi", twice'], '"say ""hi"", twice"'],
  [["two\nlines"], '"two\nlines"'],
  [['=HYPERLINK("http://evil.example","x")'], `"'=HYPERLINK(""http://evil.example"",""x"")"`],
  [["+1", "-1", "@sum", "\tx", " =1"], "'+1,'-1,'@sum,'\tx,' =1"],
  [["＝1+1", "%0A"], "'＝1+1,'%0A"],
  [["@cf/meta/llama"], "'@cf/meta/llama"],
  [["@cf, and more"], `"'@cf, and more"`],
])("writes %j so that no spreadsheet computes it", (cells, line) => {
  expect(csvLine(cells)).toBe(`${line}\r\n`);
});
