import { expect, it } from "vitest";
import { planned, said, stackOf } from "./fixtures.ts";
import { protectedData } from "./protected-data.ts";
import { TYPES } from "./rule.ts";

const stack = stackOf({ protectData: true });

it.each([TYPES.database, TYPES.bucket, TYPES.queue])("refuses a %s without protection", (type) => {
  expect(said(protectedData, [planned(type, "jobs")], stack)).toEqual([expect.stringContaining("is not protected")]);
  expect(said(protectedData, [planned(type, "jobs", {}, true)], stack)).toEqual([]);
});

it("leaves what holds no data, and stacks whose data may go", () => {
  expect(said(protectedData, [planned(TYPES.queueConsumer, "jobs")], stack)).toEqual([]);
  expect(said(protectedData, [planned(TYPES.database, "jobs")])).toEqual([]);
});
