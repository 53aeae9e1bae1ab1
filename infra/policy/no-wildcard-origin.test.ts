import { expect, it } from "vitest";
import { planned, said, stackOf } from "./fixtures.ts";
import { noWildcardOrigin } from "./no-wildcard-origin.ts";
import { TYPES } from "./rule.ts";

const settings = { allowedOrigins: ["https://shop.example", "https://*.example"] };
const cors = (...origins: string[]) => planned(TYPES.bucketCors, "files", { rules: [{ allowed: { origins } }] });
const page = (headers: string) => planned(TYPES.script, "agent", { assets: { config: { headers } } });

it("refuses a wildcard among the settings' origins, by its place", () => {
  expect(said(noWildcardOrigin, [], stackOf({ settings }))).toEqual([
    expect.stringContaining("tenner:settings.allowedOrigins[1] allows https://*.example"),
  ]);
});

it.each([
  ["a bucket", cors("https://shop.example", "*"), "R2BucketCors files"],
  ["a Worker's files", page("/*\n  Access-Control-Allow-Origin: *"), "WorkersScript agent"],
])("refuses %s that any page may read", (_, resource, title) => {
  expect(said(noWildcardOrigin, [resource])).toEqual([expect.stringContaining(title)]);
});

it("takes origins that are named", () => {
  const named = [cors("https://shop.example"), page("/*\n  Access-Control-Allow-Origin: https://shop.example")];
  expect(said(noWildcardOrigin, named)).toEqual([]);
});

it.each(["local", "preview"] as const)("is for production: not for a %s stack", (kind) => {
  expect(said(noWildcardOrigin, [cors("*")], stackOf({ kind, settings }))).toEqual([]);
});
