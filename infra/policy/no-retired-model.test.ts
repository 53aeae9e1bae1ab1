import { expect, it } from "vitest";
import { planned, said } from "./fixtures.ts";
import { noRetiredModel } from "./no-retired-model.ts";
import { TYPES } from "./rule.ts";

const route = (...models: string[]) =>
  planned(TYPES.route, "ai", {
    elements: [{ type: "start" }, ...models.map((model) => ({ type: "model", properties: { model } }))],
  });

it("refuses a route to a model that is gone, and says since when", () => {
  expect(said(noRetiredModel, [route("gpt-5-nano", "@cf/meta/llama-3.1-8b-instruct")])).toEqual([
    "AiGatewayDynamicRouting ai asks @cf/meta/llama-3.1-8b-instruct, which was switched off on 2026-05-30: every call of it fails",
  ]);
});

it("takes models that answer", () => {
  expect(said(noRetiredModel, [route("gpt-5-nano", "@cf/meta/llama-3.1-8b-instruct-fast")])).toEqual([]);
});
