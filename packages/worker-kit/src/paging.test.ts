import { expect, it } from "vitest";
import * as z from "zod";
import { pageOf, pageParameters } from "./paging.ts";

it.each([
  ["fewer rows than asked for", ["a"], ["a"], null],
  ["exactly as many", ["a", "b"], ["a", "b"], null],
  ["one more", ["a", "b", "c"], ["a", "b"], "b"],
  ["none", [], [], null],
])("with %s", (_, rows, page, nextCursor) => {
  expect(pageOf(rows, 2, (row) => row)).toEqual({ page, nextCursor });
});

it("takes cursors of its own form only", () => {
  const query = z.strictObject(pageParameters(/^job_\d+$/, { most: 10, usual: 5 }));
  expect(query.parse({ cursor: "job_1" })).toEqual({ cursor: "job_1", limit: 5 });
  for (const wrong of [{ cursor: "x" }, { limit: "0" }, { limit: "11" }, { limit: "1.5" }]) {
    expect(query.safeParse(wrong).success).toBe(false);
  }
});
