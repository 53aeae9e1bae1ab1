import { describe, expect, it } from "vitest";
import { readRefusal } from "./refusal.ts";
import { spendLimitIn } from "./spend-limit.ts";

const NOW = Date.parse("2026-11-21T18:00:00Z");

/** AI Gateway's own form. */
const gatewayError = (status: number, code: number, description: string, headers: Record<string, string> = {}) =>
  Response.json(
    { success: false, error: [{ code, message: description }], internalCode: code, description },
    { status, headers },
  );

describe("a refusal", () => {
  it.each<[string, Response, object]>([
    [
      "the rate limit",
      gatewayError(429, 2003, "Rate limited", { "retry-after": "7" }),
      { code: "rate_limited", retryAfterMs: 7_000 },
    ],
    ["no credit", gatewayError(402, 2021, "No credits"), { code: "budget_exhausted", budget: { scope: "gateway" } }],
    ["no such gateway", gatewayError(400, 2001, "no gateway"), { code: "model_unavailable", retryable: true }],
    ["no such route", gatewayError(404, 7003, "no route"), { code: "model_unavailable", retryable: true }],
    ["a wrong key", new Response("no", { status: 401 }), { code: "model_unavailable", retryable: true }],
    ["a request nobody takes", gatewayError(400, 7003, "no"), { code: "model_unavailable", retryable: false }],
    ["the day's neurons", gatewayError(429, 3036, "used"), { code: "rate_limited", retryAfterMs: 6 * 3_600_000 }],
    ["a model out of capacity", gatewayError(503, 3040, "down"), { code: "model_unavailable", retryable: true }],
    [
      "REST's form",
      Response.json({ errors: [{ code: 3040, message: "busy" }] }, { status: 429 }),
      { code: "rate_limited" },
    ],
    [
      "OpenAI's form",
      Response.json({ error: { code: "x", message: "bad" } }, { status: 400 }),
      { code: "model_unavailable", retryable: false },
    ],
  ])("for %s is named, and free", async (_, response, error) => {
    expect(await readRefusal(response, NOW)).toMatchObject({ error, free: true });
  });

  it.each<[string, Response, object]>([
    ["a model's timeout", gatewayError(408, 3007, "late"), { code: "timeout" }],
    ["a page of a proxy's", new Response("<html>", { status: 502 }), { code: "model_unavailable", retryable: true }],
    ["a proxy's timeout", new Response("", { status: 504 }), { code: "timeout" }],
  ])("for %s may have cost something", async (_, response, error) => {
    expect(await readRefusal(response, NOW)).toMatchObject({ error, free: false });
  });

  it("does not quote a key that the provider quotes", async () => {
    const body = { error: { message: "Incorrect API key provided: sk-abcdef" } };
    const { error } = await readRefusal(Response.json(body, { status: 401 }), NOW);
    expect(error.message).not.toContain("sk-");
  });
});

describe("a spend limit", () => {
  const said = (technique: string, window = 2_592_000) =>
    `Spend limit exceeded: rule 'tenant-acme' (cost limit 10 per ${window}s, ${technique}) for workers-ai model`;

  it("with a fixed window is over at the window's next multiple", () => {
    const { retryAfterMs } = spendLimitIn(said("fixed"), NOW);
    expect((NOW + retryAfterMs) % 2_592_000_000).toBe(0);
    expect(retryAfterMs).toBeLessThanOrEqual(2_592_000_000);
  });

  it.each([
    [said("sliding"), 108_000_000],
    [said("sliding", 60), 60_000],
    ["Spend limit exceeded, and nothing else is known", 3_600_000],
  ])("%j is tried again after %i ms", (message, wait) => {
    expect(spendLimitIn(message, NOW).retryAfterMs).toBe(wait);
  });

  it("says its amount, but not its rule's name", () => {
    const limit = spendLimitIn(said("fixed"), NOW);
    expect(limit.ceiling).toBe(10_000_000_000);
    expect(limit.message).toContain("$10");
    expect(limit.message).not.toContain("acme");
  });
});
