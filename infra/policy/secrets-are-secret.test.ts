import { expect, it } from "vitest";
import { inOneLine, planned, said } from "./fixtures.ts";
import { Later, TYPES } from "./rule.ts";
import { secretsAreSecret } from "./secrets-are-secret.ts";

const script = (...bindings: object[]) => planned(TYPES.script, "agent", { bindings });
const later = async (...bindings: object[]) =>
  ((await secretsAreSecret.findLater?.(script(...bindings))) ?? []).map(inOneLine);

it.each(["API_KEY", "KEY", "WEBHOOK_SECRET", "github_token", "DB_PASSWORD", "SIGNING_PRIVATE_KEY", "JWT_KEYS"])(
  "refuses %s as plain text",
  (name) => {
    const found = said(secretsAreSecret, [script({ type: "plain_text", name, text: "x" })]);
    expect(found).toEqual([expect.stringContaining(`binds ${name} as plain_text`)]);
  },
);

it.each(["MODEL", "TURNSTILE_SITE_KEY", "PUBLIC_KEY", "MAX_TOKENS_TOTAL", "MONKEY", "SETTINGS"])(
  "takes %s as plain text",
  (name) => {
    expect(said(secretsAreSecret, [script({ type: "plain_text", name, text: "x" })])).toEqual([]);
  },
);

it.each<[string, object]>([
  ["a provider's key", { type: "plain_text", name: "PROVIDER", text: `sk-${"a1".repeat(12)}` }],
  ["an API key inside JSON", { type: "json", name: "SETTINGS", json: JSON.stringify({ x: `tnr_${"b2".repeat(20)}` }) }],
  ["a private key", { type: "plain_text", name: "PEM", text: "-----BEGIN RSA PRIVATE KEY-----\nMII" }],
])("refuses %s by what it is, whatever it is called, and does not repeat it", (_, binding) => {
  const [found = ""] = said(secretsAreSecret, [script(binding)]);
  expect(found).toContain("looks like a secret");
  expect(found).not.toMatch(/a1a1|b2b2|MII/);
});

it("refuses a secret_text that is written down", () => {
  const binding = { type: "secret_text", name: "API_KEY", text: "as it is" };
  expect(said(secretsAreSecret, [script(binding)])).toEqual([expect.stringContaining("API_KEY is not marked")]);
});

it("knows of a value that is made later whether it is marked", async () => {
  const open = new Later(async () => false);
  const bind = (text: unknown) => ({ type: "secret_text", name: "API_KEY", text });
  expect(said(secretsAreSecret, [script(bind(open))])).toEqual([]);
  expect(await later(bind(open))).toEqual([expect.stringContaining("the value of API_KEY is not marked")]);
  expect(await later(bind(new Later(async () => true)))).toEqual([]);
});
