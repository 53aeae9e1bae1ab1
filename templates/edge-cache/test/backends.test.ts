import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { keyOf, migrate } from "./harness.ts";
import { workerWith } from "./with-settings.ts";

beforeAll(migrate);

const URL_OF_DOUBLE = env.TEST_BACKEND_URL;
const allowedWebhookHosts = [new URL(URL_OF_DOUBLE).host];

let backends = 0;
/** A Worker in front of the double, which has a name that no other test has. */
function proxy(more: object = {}) {
  const name = `backend-${backends++}`;
  const worker = workerWith({ backends: { [name]: { url: URL_OF_DOUBLE, ...more } }, allowedWebhookHosts });
  return {
    name,
    ...worker,
    call: (method: string, path: string, options = {}) => worker.api(method, `/backends/${name}${path}`, options),
  };
}

const problem = async (response: Response) => {
  const { code, detail } = await response.json<{ code: string; detail: string }>();
  return { status: response.status, code, detail, retryAfter: response.headers.get("retry-after") };
};

async function double(path: string): Promise<{ calls: number }> {
  return (await fetch(`${URL_OF_DOUBLE}${path}`)).json();
}

describe("a backend", () => {
  it("gets the request as it is, and who asks, but not the key", async () => {
    const key = await keyOf("proxy-ann");
    const { call, name } = proxy();
    const response = await call("POST", "/echo/a%20b?x=1&y=%2F", {
      key,
      body: { hello: "wörld" },
      headers: { "x-own": "kept", "x-tenner-tenant": "bob", "x-request-id": "request-of-ann" },
    });
    const echo = await response.json<{ method: string; url: string; body: string; headers: Record<string, string> }>();
    expect(echo).toMatchObject({ method: "POST", url: "/echo/a%20b?x=1&y=%2F", body: '{"hello":"wörld"}' });
    expect(echo.headers).toMatchObject({
      "x-own": "kept",
      "x-tenner-tenant": "proxy-ann",
      "x-tenner-scope": "member",
      "x-forwarded-host": "edge-cache.test",
      "x-forwarded-proto": "https",
      "x-request-id": "request-of-ann",
    });
    expect(JSON.stringify(echo)).not.toContain(key);
    expect(response.headers.get("x-request-id")).toBe("request-of-ann");
    const trusted = await proxy({ forwardAuthorization: true }).call("GET", "/echo", { key });
    expect(await trusted.text()).toContain(key);
    expect(name).toMatch(/^backend-/);
  });

  it("answers with its own status, headers and cookies, without those of its connection", async () => {
    const { call } = proxy();
    const response = await call("GET", "/hop");
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect([response.headers.get("x-own"), response.headers.has("x-hop")]).toEqual(["kept", false]);
    await response.body?.cancel();
    const teapot = await call("PUT", "/status/418");
    expect([teapot.status, await teapot.json()]).toEqual([418, { code: "418" }]);
    expect((await call("HEAD", "/echo")).status).toBe(200);
  });

  it("is streamed: its first word is here before its second is made", async () => {
    const name = crypto.randomUUID();
    const response = await proxy().call("GET", `/slow/${name}`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe("first ");
    await double(`/open/${name}`);
    expect((await reader?.read())?.value).toBe("second");
    expect((await reader?.read())?.done).toBe(true);
  });

  it("may redirect its client, which is not followed for it", async () => {
    const { call, name } = proxy();
    const to = async (location: string) => {
      const response = await call("GET", `/redirect?to=${encodeURIComponent(location)}`);
      await response.body?.cancel();
      return [response.status, response.headers.get("location")];
    };
    expect(await to("/echo?x=1")).toEqual([302, `/backends/${name}/echo?x=1`]);
    expect(await to("http://169.254.169.254/latest")).toEqual([302, "http://169.254.169.254/latest"]);
  });

  it("is for keys of its scope, and for no one without a key", async () => {
    const { call, api, name } = proxy({ scope: "admin" });
    const member = await keyOf("proxy-member");
    expect(await problem(await call("GET", "/echo", { key: member }))).toMatchObject({
      status: 403,
      code: "admin_only",
    });
    expect((await call("GET", "/echo", { key: null })).status).toBe(401);
    expect((await call("GET", "/echo")).status).toBe(200);
    expect(await problem(await api("GET", "/backends/constructor/x"))).toMatchObject({ status: 404 });
    const listed = async (key?: string) =>
      (await (await api("GET", "/v1/backends", key === undefined ? {} : { key })).json<{ backends: object[] }>())
        .backends;
    expect(await listed(member)).toEqual([]);
    expect(await listed()).toMatchObject([{ name, url: URL_OF_DOUBLE, circuit: { state: "closed" }, health: null }]);
  });

  it("cannot be left by its path, nor be inside the network", async () => {
    const { call } = proxy();
    for (const path of ["/a%2f..%2fb", "/a%5cb", "//evil.example/x", "/a%252e%252e%252fb"]) {
      expect(await problem(await call("GET", path)), path).toMatchObject({ status: 400, code: "unsafe_path" });
    }
    const inner = workerWith({ backends: { inner: { url: URL_OF_DOUBLE } } });
    const refused = await problem(await inner.api("GET", "/backends/inner/echo"));
    expect(refused).toMatchObject({ status: 502, code: "backend_forbidden" });
    expect(refused.detail).not.toContain("127.0.0.1");
  });

  it("gets no body that is larger than it takes, whatever its length says", async () => {
    const { call, send, name } = proxy({ maxBodyBytes: 1_000 });
    expect(await problem(await call("POST", "/echo", { body: "x".repeat(2_000) }))).toMatchObject({ status: 413 });
    const parts = new ReadableStream({
      start(controller) {
        for (let part = 0; part < 20; part++) controller.enqueue(new Uint8Array(100));
        controller.close();
      },
    });
    const headers = { authorization: `Bearer ${env.API_KEY}` };
    const streamed = await send(`/backends/${name}/echo`, { method: "POST", headers, body: parts });
    expect(await problem(streamed)).toMatchObject({ status: 413, code: "too_large" });
    expect((await call("POST", "/echo", { body: "x".repeat(900) })).status).toBe(200);
  });
});

describe("a backend that fails", () => {
  it("is asked again where nothing can be done twice, and only there", async () => {
    const name = crypto.randomUUID();
    expect((await proxy().call("GET", `/flaky/get-${name}`)).status).toBe(200);
    expect(await problem(await proxy().call("POST", `/flaky/post-${name}`, { body: {} }))).toMatchObject({
      status: 502,
      code: "backend_unreachable",
      retryAfter: "2",
    });
    expect((await double(`/calls/get-${name}`)).calls).toBe(2);
    expect((await double(`/calls/post-${name}`)).calls).toBe(1);
    expect((await proxy({ retries: 2 }).call("GET", `/status/503/${name}`)).status).toBe(503);
    expect((await double(`/calls/503`)).calls).toBeGreaterThanOrEqual(3);
  });

  it("has its time to begin, and then to go on", async () => {
    const { call } = proxy({ timeoutMs: 150 });
    expect(await problem(await call("GET", "/hang"))).toMatchObject({
      status: 504,
      code: "backend_timeout",
      retryAfter: "2",
    });
    const stalled = await call("GET", "/stall");
    expect(stalled.status).toBe(200);
    await expect(stalled.text()).rejects.toThrow(/nothing came for 150 ms/);
  });

  it("is left alone after some failures in a row, then asked once, and let back when it answers", async () => {
    const settings = { breakAfter: 2, breakSeconds: 60, retries: 0 };
    const { call, api, name, pass, settled } = proxy(settings);
    const state = async () => {
      const { backends: all } = await (await api("GET", "/v1/backends")).json<{ backends: { circuit: object }[] }>();
      return all[0]?.circuit;
    };
    for (let failure = 0; failure < 2; failure++) expect((await call("GET", "/status/503")).status).toBe(503);
    await settled();
    const stopped = await problem(await call("GET", `/echo/${name}`));
    expect(stopped).toMatchObject({ status: 503, code: "backend_unavailable" });
    expect(Number(stopped.retryAfter)).toBeGreaterThan(50);
    expect((await double(`/calls/${name}`)).calls).toBe(0);
    expect(await state()).toMatchObject({ state: "open", failures: 2 });
    const row = await env.DB.prepare("SELECT open_until FROM backends WHERE name = ?1").bind(name).first();
    expect(row).toEqual({ open_until: expect.any(Number) });
    pass(61);
    expect(await state()).toMatchObject({ state: "half-open" });
    expect((await call("GET", `/echo/${name}`)).status).toBe(200);
    await settled();
    expect(await state()).toMatchObject({ state: "closed", failures: 0, retry_at: null });
  });

  it("is not to blame for a client that is slow, and has more time while a body comes", async () => {
    const { send, call, name, settled } = proxy({ timeoutMs: 300, breakAfter: 1 });
    const headers = { authorization: `Bearer ${env.API_KEY}` };
    const never = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(10)) });
    const slow = await send(`/backends/${name}/echo`, { method: "POST", headers, body: never });
    expect(await problem(slow)).toMatchObject({ status: 408, code: "too_slow" });
    await settled();
    let part = 0;
    const long = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (part++ === 8) return controller.close();
        await new Promise((resolve) => setTimeout(resolve, 50));
        controller.enqueue(new Uint8Array(10));
      },
    });
    expect((await send(`/backends/${name}/echo`, { method: "POST", headers, body: long })).status).toBe(200);
    expect((await call("GET", "/echo")).status).toBe(200);
  });

  it("does not count what its callers do wrong, nor its own 500", async () => {
    const { call, settled } = proxy({ breakAfter: 1, maxBodyBytes: 10 });
    for (const path of ["/status/500", "/status/404", "/a%2fb"]) await (await call("GET", path)).body?.cancel();
    expect((await call("POST", "/echo", { body: "x".repeat(100) })).status).toBe(413);
    await settled();
    expect((await call("GET", "/echo")).status).toBe(200);
  });

  it("is closed off by two failed health checks, and let back by a good one", async () => {
    const id = crypto.randomUUID();
    const { api, call, cron, name } = proxy({ health: `/ill/${id}` });
    const report = async () => {
      const { backends: all } = await (await api("GET", "/v1/backends")).json<{ backends: object[] }>();
      return all[0];
    };
    await cron();
    expect(await report()).toMatchObject({
      name,
      health: { healthy: false, status: 500 },
      circuit: { state: "closed" },
    });
    await cron();
    expect(await report()).toMatchObject({ circuit: { state: "open" } });
    expect((await call("GET", "/echo")).status).toBe(503);
    await double(`/heal/${id}`);
    await cron();
    expect(await report()).toMatchObject({ health: { healthy: true, status: 200 }, circuit: { state: "closed" } });
    expect((await call("GET", "/echo")).status).toBe(200);
  });
});
