import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";

it("says that it is up", async () => {
  const response = await exports.default.fetch("https://pipeline.example/health");
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ ok: true });
});

it("answers an unknown address as a problem", async () => {
  const response = await exports.default.fetch("https://pipeline.example/v1/nothing");
  expect(response.status).toBe(404);
  expect(response.headers.get("content-type")).toContain("application/problem+json");
});
