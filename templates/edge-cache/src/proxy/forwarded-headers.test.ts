import { describe, expect, it } from "vitest";
import { locationFor, ProxyLoop, requestHeaders, responseHeaders } from "./forwarded-headers.ts";

const caller = {
  tenant: "ann",
  keyId: "key_1",
  scope: "member",
  requestId: "request-1",
  url: new URL("https://edge.example/backends/auth/x"),
};
const sent = (headers: Record<string, string>, forwardAuthorization = false) =>
  requestHeaders(new Headers(headers), caller, { forwardAuthorization });

describe("a forwarded request", () => {
  it("loses what belongs to its connection, and what its connection header names", () => {
    const headers = sent({
      connection: "close, X-Hop, Keep-Alive",
      "keep-alive": "timeout=5",
      "x-hop": "1",
      te: "trailers",
      trailer: "x-sum",
      "transfer-encoding": "chunked",
      upgrade: "h2c",
      "proxy-authorization": "Basic eDp5",
      "proxy-connection": "close",
      accept: "text/plain",
      "x-own": "kept",
    });
    expect([...headers.keys()].toSorted()).toEqual([
      "accept",
      "via",
      "x-forwarded-host",
      "x-forwarded-proto",
      "x-own",
      "x-request-id",
      "x-tenner-key",
      "x-tenner-scope",
      "x-tenner-tenant",
    ]);
  });

  it("does not carry our key, unless told", () => {
    expect(sent({ authorization: "Bearer tnr_secret" }).has("authorization")).toBe(false);
    expect(sent({ authorization: "Bearer tnr_secret" }, true).get("authorization")).toBe("Bearer tnr_secret");
  });

  it("says who asks, whatever the client says of itself", () => {
    const headers = sent({
      "x-forwarded-for": "10.0.0.1",
      forwarded: "for=10.0.0.1",
      "x-tenner-tenant": "bob",
      "x-tenner-admin": "1",
      "cf-connecting-ip": "203.0.113.9",
      "x-real-ip": "10.0.0.1",
      host: "evil.example",
    });
    expect(Object.fromEntries(headers)).toEqual({
      "x-forwarded-for": "203.0.113.9",
      "x-forwarded-host": "edge.example",
      "x-forwarded-proto": "https",
      "x-request-id": "request-1",
      "x-tenner-key": "key_1",
      "x-tenner-scope": "member",
      "x-tenner-tenant": "ann",
      via: "1.1 tenner-edge-cache",
    });
  });

  it("cannot drop what the proxy says by naming it in its connection header", () => {
    expect(sent({ connection: "x-tenner-tenant, x-forwarded-for" }).get("x-tenner-tenant")).toBe("ann");
  });

  it("is stopped when it goes round in circles, and only then", () => {
    expect(() => sent({ via: "1.1 other, 1.1 tenner-edge-cache" })).toThrow(ProxyLoop);
    expect(sent({ via: "1.1 other" }).get("via")).toBe("1.1 other, 1.1 tenner-edge-cache");
  });
});

describe("a forwarded answer", () => {
  it("loses what belongs to its connection, and keeps each of its cookies", () => {
    const answered = new Headers({ connection: "x-hop", "x-hop": "1", "keep-alive": "timeout=5", "x-own": "kept" });
    answered.append("set-cookie", "a=1; Path=/");
    answered.append("set-cookie", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT");
    answered.set("alt-svc", 'h3=":443"');
    const headers = responseHeaders(answered);
    expect(headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT"]);
    expect([...new Set(headers.keys())].toSorted()).toEqual(["set-cookie", "via", "x-own"]);
  });
});

describe("a redirect", () => {
  const at = (location: string) =>
    locationFor(location, new URL("https://auth.example/api/a/b"), "https://auth.example/api", "/backends/auth");

  it.each([
    ["/api/login?next=1#top", "/backends/auth/login?next=1#top"],
    ["c", "/backends/auth/a/c"],
    ["https://auth.example/api/", "/backends/auth/"],
    ["https://auth.example/other", "https://auth.example/other"],
    ["/apiary", "https://auth.example/apiary"],
    ["https://elsewhere.example/x", "https://elsewhere.example/x"],
  ])("to %s leads the client to %s", (location, expected) => {
    expect(at(location)).toBe(expected);
  });
});
