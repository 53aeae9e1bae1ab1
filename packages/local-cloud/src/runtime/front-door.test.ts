import { once } from "node:events";
import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { startTestCloud } from "../cloud-fixture.ts";

const EVERYTHING = `
let aborted = 0;
export default { async fetch(request) {
  const url = new URL(request.url);
  switch (url.pathname) {
    case "/headers": return Response.json({ url: request.url, ...Object.fromEntries(request.headers) });
    case "/echo": return new Response(request.body, { headers: { "x-length": request.headers.get("content-length") ?? "none" } });
    case "/cookies": { const headers = new Headers(); headers.append("set-cookie", "a=1"); headers.append("set-cookie", "b=2"); return new Response(null, { status: 204, headers }); }
    case "/own500": return new Response("mine", { status: 500 });
    case "/throw": throw new Error("not caught");
    case "/drip": return new Response(new ReadableStream({ async start(controller) {
      for (let i = 0; i < 5; i++) { controller.enqueue(new TextEncoder().encode(i + ";")); await scheduler.wait(50); } controller.close(); } }));
    case "/forever": {
      request.signal.addEventListener("abort", () => { aborted += 1; });
      return new Response(new ReadableStream({ async pull(controller) { await scheduler.wait(20); controller.enqueue(new Uint8Array(10)); }, cancel() { aborted += 1; } }));
    }
    case "/refuse": return new Response("too much", { status: 413 });
    case "/aborted": return Response.json(aborted);
    case "/socket": { const [client, server] = Object.values(new WebSocketPair()); server.accept();
      server.addEventListener("message", (event) => server.send("echo " + event.data)); return new Response(null, { status: 101, webSocket: client }); }
    default: return new Response("ok");
  } } };`;

describe("front door", () => {
  it("passes headers on and tells who called, whatever the caller claims", async () => {
    const { upload, fetch, cloud, accountId } = await startTestCloud();
    await upload("w", EVERYTHING);
    const spoof = { "cf-connecting-ip": "6.6.6.6", "x-forwarded-for": "6.6.6.6", "x-own": "kept" };
    const headers = (await (await fetch("w", "/headers", { headers: spoof })).json()) as Record<string, string>;
    expect(headers).toMatchObject({ "cf-connecting-ip": "127.0.0.1", "x-forwarded-for": "127.0.0.1", "x-own": "kept" });
    expect(headers["url"]).toBe(`${cloud.workerUrl(accountId, "w")}/headers`);
    expect(Object.keys(headers).filter((name) => name.startsWith("x-local"))).toEqual([]);
    const cookie = "own=1; tenner_console_8787=session; other=2";
    expect(await (await fetch("w", "/headers", { headers: { cookie, "x-empty": "" } })).json()).toMatchObject({
      cookie: "own=1; other=2",
      "x-empty": "",
    });
    const cookies = await fetch("w", "/cookies");
    expect([cookies.status, cookies.headers.getSetCookie()]).toEqual([204, ["a=1", "b=2"]]);
  });

  it("keeps the console's session from Workers, and passes their own cookies", async () => {
    const { upload, fetch } = await startTestCloud();
    await upload("w", EVERYTHING);
    const cookie = "theme=dark; tenner_console_8787=secret; lang=en";
    const headers = (await (await fetch("w", "/headers", { headers: { cookie } })).json()) as Record<string, string>;
    expect(headers["cookie"]).toBe("theme=dark; lang=en");
    const alone = await fetch("w", "/headers", { headers: { cookie: "tenner_console_8787=secret" } });
    expect(await alone.json()).not.toHaveProperty("cookie");
  });

  it("streams both ways", async () => {
    const { upload, cloud, accountId, fetch } = await startTestCloud();
    await upload("w", EVERYTHING);
    const body = "x".repeat(3_000_000);
    expect(await (await fetch("w", "/echo", { method: "POST", body })).text()).toBe(body);
    const chunked = request(`${cloud.workerUrl(accountId, "w")}/echo`, { method: "POST" });
    const answer = once(chunked, "response");
    chunked.write("first;");
    const [response] = (await answer) as [NodeJS.ReadableStream & { headers: Record<string, string> }];
    const [first] = (await once(response, "data")) as [Buffer];
    expect(first.toString()).toBe("first;");
    chunked.end("last");
    const [last] = (await once(response, "data")) as [Buffer];
    expect(last.toString()).toBe("last");
    const started = performance.now();
    const drip = await fetch("w", "/drip");
    const reader = drip.body?.getReader();
    await reader?.read();
    expect(performance.now() - started).toBeLessThan(200);
    await reader?.cancel();
  });

  it("hands on an answer that does not wait for the body, and takes the next request of that connection", async () => {
    const { upload, cloud, accountId } = await startTestCloud();
    await upload("w", EVERYTHING);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const body = Buffer.alloc(3_000_000);
    for (let turn = 0; turn < 20; turn++) {
      const asked = request(`${cloud.workerUrl(accountId, "w")}/refuse`, { method: "POST", agent });
      asked.end(body);
      const [response] = (await once(asked, "response")) as [NodeJS.ReadableStream & { statusCode: number }];
      response.resume();
      await once(response, "end");
      expect(response.statusCode).toBe(413);
    }
    agent.destroy();
  });

  it("tells the Worker that the caller went away", async () => {
    const { upload, fetch } = await startTestCloud();
    await upload("w", EVERYTHING);
    const controller = new AbortController();
    const stream = await fetch("w", "/forever", { signal: controller.signal });
    await stream.body?.getReader().read();
    controller.abort();
    await expect.poll(async () => (await fetch("w", "/aborted")).json(), { timeout: 30_000 }).toBeGreaterThan(0);
  });

  it("shows Cloudflare's 1101 for an exception, and leaves a Worker's own 500 alone", async () => {
    const { upload, fetch, cloud } = await startTestCloud();
    await upload("w", EVERYTHING);
    const thrown = await fetch("w", "/throw");
    expect(thrown.status).toBe(500);
    expect(await thrown.text()).toMatch(/error code: 1101[\s\S]*w\b/);
    const own = await fetch("w", "/own500");
    expect([own.status, await own.text()]).toEqual([500, "mine"]);
    await expect
      .poll(() => cloud.activity.recent().filter((one) => one.type === "log" && one.level === "exception").length)
      .toBe(1);
  });

  it("lets WebSockets through, and closes them with 1012 when the Worker is deployed again", async () => {
    const { upload, cloud, accountId, fetch } = await startTestCloud();
    await upload("w", EVERYTHING);
    await (await fetch("w")).text();
    const socket = new WebSocket(`${cloud.workerUrl(accountId, "w")?.replace("http", "ws")}/socket`);
    await once(socket, "open");
    socket.send("hi");
    const [message] = (await once(socket, "message")) as [Buffer];
    expect(message.toString()).toBe("echo hi");
    const closed = once(socket, "close");
    await upload("w", `${EVERYTHING}\n// changed`);
    expect(await closed).toMatchObject([1012, expect.anything()]);
  });

  it("holds requests while a sleeping account wakes", async () => {
    const { upload, fetch, cloud } = await startTestCloud({ idleAfter: 150 });
    await upload("w", EVERYTHING);
    await (await fetch("w")).text();
    const stopped = () => cloud.activity.recent().some((one) => one.type === "runtime" && one.state === "stopped");
    await expect.poll(stopped, { timeout: 30_000 }).toBe(true);
    const answers = await Promise.all(Array.from({ length: 20 }, () => fetch("w")));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    await delay(0);
  });
});
