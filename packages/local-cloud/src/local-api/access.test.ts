import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BEARER, createTestCloud, ORIGIN } from "./testing-cloud.ts";

const OWN_PAGE = { origin: ORIGIN, "sec-fetch-site": "same-origin" };

describe("one-time link", () => {
  it("becomes a strict, script-proof cookie and leads to the console", async () => {
    const cloud = createTestCloud();
    const link = new URL(cloud.sessions.createLink());
    expect(link.href).toMatch(/^http:\/\/127\.0\.0\.1:8787\/_local\/session\?code=[\w-]{32}$/);
    const answer = await cloud.request(`/session${link.search}`);
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe("/");
    const cookie = answer.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^tenner_console_8787=[\w-]+\.[\w-]+;/);
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    expect(cookie).toMatch(/Path=\//);
  });

  it("works once", async () => {
    const cloud = createTestCloud();
    const { search } = new URL(cloud.sessions.createLink());
    const first = await cloud.request(`/session${search}`);
    const again = await cloud.request(`/session${search}`);
    expect(again.headers.get("set-cookie")).toBeNull();
    expect(again.headers.get("location")).toBe("/?link=spent");
    const cookie = first.headers.get("set-cookie")?.split(";")[0] ?? "";
    const owner = await cloud.request(`/session${search}`, { headers: { cookie } });
    expect(owner.headers.get("location"), "its own visitor is simply let in").toBe("/");
  });

  it("expires after ten minutes", async () => {
    const cloud = createTestCloud();
    const { search } = new URL(cloud.sessions.createLink());
    cloud.links.now += 10 * 60_000;
    expect((await cloud.request(`/session${search}`)).headers.get("set-cookie")).toBeNull();
  });

  it.each<[string, RequestInit & { headers?: Record<string, string> }]>([
    ["HEAD", { method: "HEAD" }],
    ["prefetch", { headers: { "sec-purpose": "prefetch;prerender" } }],
  ])("is not used up by a %s", async (_, init) => {
    const cloud = createTestCloud();
    const { search } = new URL(cloud.sessions.createLink());
    expect((await cloud.request(`/session${search}`, init)).status).toBe(204);
    expect((await cloud.request(`/session${search}`)).headers.get("set-cookie")).not.toBeNull();
  });

  it("is refused when the code was never given out", async () => {
    const cloud = createTestCloud();
    expect((await cloud.request("/session?code=guess")).headers.get("set-cookie")).toBeNull();
    expect((await cloud.request("/session")).headers.get("set-cookie")).toBeNull();
  });

  it("is made for scripts that have the token, and for nobody else", async () => {
    const cloud = createTestCloud();
    const answer = await cloud.request("/session", { method: "POST", headers: BEARER });
    expect(answer.status).toBe(201);
    const { search } = new URL(((await answer.json()) as { url: string }).url);
    expect((await cloud.request(`/session${search}`)).headers.get("set-cookie")).not.toBeNull();
    expect((await cloud.request("/session", { method: "POST" })).status).toBe(401);
  });
});

describe("session", () => {
  it("survives a restart of the cloud, in a file only its owner reads", async () => {
    const cloud = createTestCloud();
    const cookie = await cloud.enter();
    const restarted = createTestCloud(cloud.directory);
    expect((await restarted.request("/workers", { headers: { cookie } })).status).toBe(200);
    expect(statSync(join(cloud.directory, "console/sessions.json")).mode & 0o777).toBe(0o600);
  });

  it("ends after thirty days", async () => {
    const cloud = createTestCloud();
    const cookie = await cloud.enter();
    cloud.links.now += 30 * 86_400_000;
    expect((await cloud.request("/workers", { headers: { cookie } })).status).toBe(401);
  });

  it.each([
    ["another signature", (value: string) => `${value.slice(0, -3)}AAA`],
    ["another session", (value: string) => value.replace("=", "=x")],
    ["no signature", (value: string) => value.split(".")[0] ?? ""],
    ["nothing", () => "tenner_console_8787="],
    ["another cloud's name", (value: string) => value.replace("8787", "8788")],
  ])("is refused with %s", async (_, forge) => {
    const cloud = createTestCloud();
    const cookie = forge(await cloud.enter());
    expect((await cloud.request("/workers", { headers: { cookie } })).status).toBe(401);
  });
});

describe("who may come in", () => {
  it.each([
    "evil.example",
    "evil.example:8787",
    "127.0.0.1.evil.example",
    "localhost.evil.example:8787",
    "10.0.0.5:8787",
    "",
  ])("refuses the Host %j, even with the token", async (host) => {
    const cloud = createTestCloud();
    for (const path of ["/workers", "/health", new URL(cloud.sessions.createLink()).pathname.replace("/_local", "")]) {
      expect((await cloud.request(path, { headers: { ...BEARER, host } })).status).toBe(403);
    }
  });

  it.each(["127.0.0.1:8787", "localhost:8787", "LOCALHOST", "[::1]:8787"])("answers the Host %j", async (host) => {
    expect((await createTestCloud().request("/workers", { headers: { ...BEARER, host } })).status).toBe(200);
  });

  it("does not use up a link that arrives under a foreign name", async () => {
    const cloud = createTestCloud();
    const { search } = new URL(cloud.sessions.createLink());
    expect((await cloud.request(`/session${search}`, { headers: { host: "evil.example" } })).status).toBe(403);
    expect((await cloud.request(`/session${search}`)).headers.get("set-cookie")).not.toBeNull();
  });

  it("refuses a wrong token, and a wrong token beside a good cookie", async () => {
    const cloud = createTestCloud();
    const authorization = "Bearer wrong";
    expect((await cloud.request("/workers", { headers: { authorization } })).status).toBe(401);
    const cookie = await cloud.enter();
    expect((await cloud.request("/workers", { headers: { authorization, cookie } })).status).toBe(401);
  });

  it.each([
    "GET /workers",
    "GET /overview",
    "GET /activity",
    "GET /events",
    "GET /faults",
    "GET /clock",
    "POST /clock",
    "PUT /faults",
    "DELETE /faults",
    "POST /reset",
    "GET /nowhere",
  ])("asks for a cookie or the token: %s", async (route) => {
    const [method = "", path = ""] = route.split(" ");
    const cloud = createTestCloud();
    expect((await cloud.request(path, { method, headers: OWN_PAGE })).status).toBe(401);
    expect(cloud.resets).toEqual([]);
  });

  it.each<[string, Record<string, string>]>([
    ["a foreign Origin", { origin: "https://evil.example" }],
    [
      "a foreign Origin that fetch metadata calls same-origin",
      { origin: "https://evil.example", "sec-fetch-site": "same-origin" },
    ],
    ["a page on another port of this machine", { origin: "http://127.0.0.1:3000", "sec-fetch-site": "same-site" }],
    ["an opaque Origin", { origin: "null" }],
    ["no Origin", {}],
    ["our Origin but another site", { origin: ORIGIN, "sec-fetch-site": "cross-site" }],
    ["the same name on another scheme", { origin: "https://127.0.0.1:8787" }],
  ])("changes nothing for a cookie that comes with %s", async (_, headers) => {
    const cloud = createTestCloud();
    const cookie = await cloud.enter();
    for (const [method, path, body] of [
      ["POST", "/reset", "{}"],
      ["POST", "/clock", '{"advance":"1h"}'],
      ["PUT", "/faults", '[{"kind":"fail"}]'],
      ["POST", "/faults", '{"kind":"fail"}'],
      ["DELETE", "/faults", undefined],
      ["POST", "/session", undefined],
    ] as const) {
      const answer = await cloud.request(path, { method, headers: { ...headers, cookie }, ...(body && { body }) });
      expect(answer.status, `${method} ${path}`).toBe(403);
    }
    expect(cloud.resets).toEqual([]);
    expect(cloud.clock.offset).toBe(0);
    expect(cloud.faults.list()).toEqual([]);
  });

  it("lets the console's own page change things", async () => {
    const cloud = createTestCloud();
    const headers = { ...OWN_PAGE, cookie: await cloud.enter() };
    expect((await cloud.request("/clock", { method: "POST", headers, body: '{"advance":"1h"}' })).status).toBe(200);
    expect(cloud.clock.offset).toBe(3_600_000);
  });

  it.each<[number, Record<string, string>]>([
    [200, { "sec-fetch-site": "same-origin" }],
    [200, { origin: ORIGIN }],
    [403, {}],
    [403, { origin: "http://127.0.0.1:3000", "sec-fetch-site": "same-site" }],
    [403, { "sec-fetch-site": "cross-site" }],
  ])("answers %i to an event stream opened with %j", async (status, headers) => {
    const cloud = createTestCloud();
    const cookie = await cloud.enter();
    const answer = await cloud.request("/events", { headers: { ...headers, cookie } });
    await answer.body?.cancel();
    // Without Sec-Fetch-Site only an Origin can prove it, and that one does.
    expect(answer.status).toBe(status);
  });

  it("lets no other page read with the visitor's cookie", async () => {
    const cloud = createTestCloud();
    const cookie = await cloud.enter();
    const read = async (headers: Record<string, string>) =>
      (await cloud.request("/overview", { headers: { ...headers, cookie } })).status;
    expect(await read({ "sec-fetch-site": "same-site" })).toBe(403);
    expect(await read({ "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await read({ "sec-fetch-site": "none" })).toBe(200);
    expect(await read({})).toBe(200);
    const answer = await cloud.request("/overview", { headers: { cookie } });
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    expect(answer.headers.get("cross-origin-resource-policy")).toBe("same-origin");
  });
});
