import { expect, it } from "vitest";
import { goesPastAssets } from "./past-assets.ts";

const assets = (runWorkerFirst: readonly string[] | boolean) => ({ directory: "/", contentTypes: {}, runWorkerFirst });

it.each([
  ["/v1/keys", true],
  ["/v1/chat/completions?a=/x", true],
  ["/openapi.json", true],
  ["/chat", true],
  ["/", false],
  ["/v1", false],
  ["/chat/", false],
  ["/chats", false],
  ["/v1/../index.html", false],
  ["/v1/%2e%2e/index.html", false],
  ["/v1//x", false],
  ["/v1\\x", false],
  ["http://elsewhere/v1/keys", false],
])("%s is not for the assets: %s", (url, past) => {
  expect(goesPastAssets(assets(["/v1/*", "/chat", "/openapi.json"]))(url)).toBe(past);
});

it.each([[true], [false], [["/v1/*", "!/v1/page"]], [["/v*/x"]], [["/v1/(*"]]])("leaves %j to the router", (first) => {
  expect(goesPastAssets(assets(first))("/v1/keys")).toBe(false);
  expect(goesPastAssets(undefined)("/v1/keys")).toBe(false);
});
