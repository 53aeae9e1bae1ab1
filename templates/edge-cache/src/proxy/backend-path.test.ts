import { describe, expect, it } from "vitest";
import { backendAddress, UnsafePath } from "./backend-path.ts";

const to = (rest: string, base = "https://auth.example/api") =>
  backendAddress(base, "auth", `https://edge.example/backends/auth${rest}`).href;

describe("an address behind the proxy", () => {
  it.each([
    ["", "https://auth.example/api"],
    ["/", "https://auth.example/api/"],
    ["/users/1?fields=name&next=%2Fhome", "https://auth.example/api/users/1?fields=name&next=%2Fhome"],
    ["/na%C3%AFve%20name/a+b;v=1", "https://auth.example/api/na%C3%AFve%20name/a+b;v=1"],
    ["/.well-known/jwks.json", "https://auth.example/api/.well-known/jwks.json"],
    ["/a..b/...", "https://auth.example/api/a..b/..."],
    ["/https:/evil.example", "https://auth.example/api/https:/evil.example"],
    ["/@evil.example", "https://auth.example/api/@evil.example"],
  ])("keeps %s as it is", (rest, address) => {
    expect(to(rest)).toBe(address);
  });

  it("needs no path of the backend's own", () => {
    expect(to("/users", "https://auth.example")).toBe("https://auth.example/users");
    expect(to("/users", "https://auth.example/")).toBe("https://auth.example/users");
  });

  it.each([
    "/..",
    "/../billing/x",
    "/a/../../x",
    "/%2e%2e/admin",
    "/%2E./admin",
    "/.%2e/admin",
    "/%252e%252e/admin",
    "/./a",
    "/..;/admin",
    "/a%2f..%2fb",
    "/a%2Fb",
    "/a%5cb",
    "/a\\..\\b",
    "/a%252fb",
    "//evil.example/x",
    "/a//b",
    "/a%00b",
    "/a%zz",
    "/a b",
    "/a\tb",
    "@evil.example/x",
    ".evil.example/x",
    "2/x",
  ])("is refused: %j", (rest) => {
    expect(() => to(rest)).toThrow(UnsafePath);
  });
});
