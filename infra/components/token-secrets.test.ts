import { Settings } from "@tenner/worker-kit/settings";
import { describe, expect, it } from "vitest";
import { readSecrets, tokenSecrets } from "./token-secrets.ts";

const LONG = "a secret of more than thirty-two bytes";
const hs256 = { issuer: "auth", audience: "tenner", algorithm: "HS256" };

describe("secrets shared with issuers", () => {
  it("are not asked for when no issuer shares one", () => {
    const rs256 = { ...hs256, algorithm: "RS256", jwksUrl: "https://auth.example/keys" };
    expect(tokenSecrets(Settings.parse({ access: { jwt: { issuers: [rs256] } } }))).toEqual({});
  });

  it("that are not in the configuration stop the program, with what to do", () => {
    const settings = Settings.parse({ access: { jwt: { issuers: [hs256] } } });
    expect(() => tokenSecrets(settings)).toThrow(/JWT_SECRET: missing.*config set --secret tenner:jwtSecrets/);
  });

  it("are read by their names", () => {
    expect(readSecrets(JSON.stringify({ JWT_SECRET: LONG }), ["JWT_SECRET"])["JWT_SECRET"]).toBe(LONG);
  });

  it.each([
    ["no JSON", LONG],
    ["no object", `"${LONG}"`],
    ["one without the name", JSON.stringify({ JWT_SECRET: LONG })],
    ["one with a short one", JSON.stringify({ JWT_SECRET_SHOP: "short secret" })],
  ])("of %s name what is wrong, and never themselves", (_, text) => {
    const read = () => readSecrets(text, ["JWT_SECRET_SHOP"]);
    expect(read).toThrow("JWT_SECRET_SHOP: missing, or shorter than 32 bytes");
    expect(read).not.toThrow(/a secret|short secret/);
  });
});
