import { describe, expect, it } from "vitest";
import * as z from "zod";
import { readJson } from "./read-json.ts";

const Body = z.strictObject({ a: z.object({ "b/c": z.number() }) });
const read = (body: BodyInit, type = "application/json", max = 100) =>
  readJson(new Request("http://x", { method: "POST", body, headers: { "content-type": type } }), Body, max);

describe("readJson", () => {
  it("counts bytes, not characters", async () => {
    await expect(read(JSON.stringify({ a: "ä".repeat(60) }))).rejects.toMatchObject({ status: 413 });
  });

  it("reads what says its length, and counts it all the same", async () => {
    const body = '{"a":{"b/c":1}}';
    const send = (length: string, max: number) => {
      const headers = { "content-type": "application/json", "content-length": length };
      return readJson(new Request("http://x", { method: "POST", body, headers }), Body, max);
    };
    await expect(send(String(body.length), 100)).resolves.toEqual({ a: { "b/c": 1 } });
    await expect(send("101", 100)).rejects.toMatchObject({ status: 413 });
    await expect(send("1", 10)).rejects.toMatchObject({ status: 413 });
  });

  it.each<[string, BodyInit, string, object]>([
    [
      "a path with a slash in a name",
      '{"a":{"b/c":"x"}}',
      "application/json",
      { status: 400, errors: [{ path: "/a/b~1c" }] },
    ],
    [
      "an unknown field",
      '{"a":{"b/c":1},"d":1}',
      "application/json",
      { errors: [{ path: "/d", message: "unknown field" }] },
    ],
    ["bytes that are no UTF-8", new Uint8Array([0x22, 0xff, 0x22]), "application/json", { code: "invalid_json" }],
    ["a type that only looks like JSON", "{}", "text/json", { status: 415 }],
    ["a form", "a=1", "application/x-www-form-urlencoded", { status: 415 }],
  ])("refuses %s", async (_, body, type, problem) => {
    await expect(read(body, type)).rejects.toMatchObject(
      "errors" in problem
        ? { ...problem, errors: [expect.objectContaining((problem.errors as object[])[0] ?? {})] }
        : problem,
    );
  });
});
