import { describe, expect, it } from "vitest";
import { Settings } from "./settings.ts";

const hs256 = (more: object = {}) => ({ issuer: "auth", audience: "tenner", algorithm: "HS256", ...more });

describe("settings", () => {
  it("work when nothing is set", () => {
    expect(Settings.parse({})).toMatchObject({
      budget: { monthlyUsd: 10 },
      templates: ["event-agent", "async-pipeline", "edge-cache", "valuation-app"],
      allowedOrigins: [],
    });
  });

  it("keep the other defaults of a part when one value is set", () => {
    expect(Settings.parse({ limits: { maxAttempts: 2 } }).limits).toMatchObject({
      maxAttempts: 2,
      jobRetentionDays: 7,
    });
  });

  it.each([
    [{ budgett: {} }, []],
    [{ budget: { monthlyUsd: 0 } }, ["budget", "monthlyUsd"]],
    [{ limits: { maxInputBytes: "64k" } }, ["limits", "maxInputBytes"]],
    [{ pipeline: { queueConcurrency: 251 } }, ["pipeline", "queueConcurrency"]],
    [{ models: { main: "x" } }, ["models"]],
    [{ allowedOrigins: ["https://shop.example/"] }, ["allowedOrigins", 0]],
    [{ allowedOrigins: ["*"] }, ["allowedOrigins", 0]],
    [{ access: { ips: ["10.0.0.0/8", "10.0.0.1/8"] } }, ["access", "ips", 1]],
    [{ access: { jwt: { issuers: [hs256({ secret: "API_KEY" })] } } }, ["access", "jwt", "issuers", 0, "secret"]],
    [{ access: { jwt: { issuers: [hs256({ audience: [] })] } } }, ["access", "jwt", "issuers", 0, "audience"]],
    [{ access: { jwt: { issuers: [hs256(), hs256()] } } }, ["access", "jwt", "issuers", 1, "issuer"]],
    [{ access: { jwt: { issuers: [hs256({ algorithm: "none" })] } } }, ["access", "jwt", "issuers", 0, "algorithm"]],
    [{ access: { jwt: { issuers: [hs256({ algorithm: "RS256" })] } } }, ["access", "jwt", "issuers", 0, "jwksUrl"]],
    [
      { access: { jwt: { issuers: [{ ...hs256({ algorithm: "RS256" }), jwksUrl: "http://auth.example/k" }] } } },
      ["access", "jwt", "issuers", 0, "jwksUrl"],
    ],
    [{ templates: ["other"] }, ["templates", 0]],
    [{ templates: [] }, ["templates"]],
    [{ cache: { similarityThreshold: 92 } }, ["cache", "similarityThreshold"]],
    [{ cache: { semantic: { maxErrorRate: 0 } } }, ["cache", "semantic", "maxErrorRate"]],
    [{ cache: { semantic: { judgeModel: "acme/unheard-of" } } }, ["cache", "semantic", "judgeModel"]],
    [{ models: { primary: "@cf/acme/unheard-of" } }, ["models", "primary"]],
    [{ models: { fallback: "@cf/baai/bge-m3" } }, ["models", "fallback"]],
    [{ models: { image: "acme/painter", prices: { "acme/painter": { input: 1, output: 1 } } } }, ["models", "image"]],
    [{ models: { prices: { x: { input: 0, output: 0 } } } }, ["models", "prices", "x", "input"]],
    [{ routing: { large: ["acme/unheard-of"] } }, ["routing", "large", 0]],
    [{ routing: { otherwise: ["@cf/baai/bge-m3"] } }, ["routing", "otherwise", 0]],
    [{ routing: { small: "gpt-4o" } }, ["routing", "small"]],
    [{ routing: { rules: [{ name: "all", when: {}, to: ["auto"] }] } }, ["routing", "rules", 0, "when"]],
    [
      { routing: { rules: [{ name: "a", when: { tools: true }, to: ["auto", "acme/one"] }] } },
      ["routing", "rules", 0, "to", 1],
    ],
    [{ routing: { smallAboveBudgetShare: 80 } }, ["routing", "smallAboveBudgetShare"]],
    [{ experiments: [{ name: "tone", variants: [{ name: "a" }] }] }, ["experiments", 0, "variants"]],
    [{ experiments: [{ name: "tone", variants: [{ name: "a" }, { name: "a" }] }] }, ["experiments", 0, "variants"]],
    [
      { experiments: [{ name: "tone", variants: [{ name: "a" }, { name: "b", model: "acme/one" }] }] },
      ["experiments", 0, "variants", 1, "model"],
    ],
    [{ backends: { auth: { url: "ftp://auth.example" } } }, ["backends", "auth", "url"]],
    [{ backends: { auth: { url: "https://u:p@auth.example" } } }, ["backends", "auth", "url"]],
    [{ backends: { auth: { url: "https://auth.example/a/%2e%2e/b" } } }, ["backends", "auth", "url"]],
    [{ backends: { auth: { url: "https://auth.example", health: "//evil.example" } } }, ["backends", "auth", "health"]],
    [{ backends: { "Not a name": { url: "https://auth.example" } } }, ["backends", "Not a name"]],
    [{ rag: { topK: 0 } }, ["rag", "topK"]],
    [{ rag: { chunkTokens: 100 } }, ["rag", "chunkOverlapTokens"]],
    [{ analytics: { topQuestions: "yes" } }, ["analytics", "topQuestions"]],
    [{ analytics: { minutesKeptHours: 72, hoursKeptDays: 2 } }, ["analytics", "hoursKeptDays"]],
    [{ analytics: { hoursKeptDays: 90, daysKeptDays: 60 } }, ["analytics", "daysKeptDays"]],
  ])("refuse %j with its path", (settings, path) => {
    expect(Settings.safeParse(settings).error?.issues[0]?.path).toEqual(path);
  });

  it("say of a model without a price what to do, and of one that is gone since when", () => {
    const unknown = Settings.safeParse({ models: { primary: "acme/one" } }).error?.issues[0]?.message;
    expect(unknown).toMatch(/acme\/one has no price.*"prices": \{"acme\/one"/);
    const gone = Settings.safeParse({ models: { primary: "@cf/meta/llama-3-8b-instruct" } }).error?.issues[0]?.message;
    expect(gone).toContain("2026-05-30");
  });

  it("take a model that they bring a price for", () => {
    const models = { primary: "acme/one", prices: { "acme/one": { input: 2, output: 8 } } };
    expect(Settings.parse({ models }).models.primary).toBe("acme/one");
  });
});
