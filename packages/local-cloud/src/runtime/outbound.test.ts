import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { startTestCloud } from "../cloud-fixture.ts";
import { endServers, listen } from "../testing/small-server.ts";
import { isInner } from "./outbound.ts";

describe("inner addresses", () => {
  it.each([
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fd00::1",
    "fe80::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:a00:1",
  ])("%s is one", (address) => expect(isInner(address)).toBe(true));

  it.each(["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "192.169.0.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])(
    "%s is none",
    (address) => expect(isInner(address)).toBe(false),
  );
});

describe("fetch of a Worker", () => {
  const FETCHER = `export default { async fetch(request) {
    const target = new URL(request.url).searchParams.get("to");
    if (target === null) return new Response("hello from a Worker");
    try { const answer = await fetch(target); return new Response(answer.status + " " + await answer.text()); } catch (error) { return new Response("threw " + error.message); }
  } };`;

  it("does not reach this machine, literally, by name or by redirect, but for other Workers and what is allowed", async () => {
    const server = createServer((request, response) => {
      if (request.url === "/redirect") response.writeHead(302, { location: "http://127.0.0.1:1/inner" });
      response.end(
        `local ${JSON.stringify(Object.keys(request.headers).filter((name) => name.startsWith("x-local")))}`,
      );
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const closed = await startTestCloud();
    await closed.upload("w", FETCHER);
    await closed.upload("other", FETCHER);
    const ask = async (cloud: typeof closed, to: string) =>
      (await cloud.fetch("w", `/?to=${encodeURIComponent(to)}`)).text();
    for (const host of ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]", "2130706433"])
      expect(await ask(closed, `http://${host}:${port}/`)).toMatch(/^403 .*does not let Workers reach/);
    expect(await ask(closed, closed.cloud.url)).toMatch(/^403/);
    expect(await ask(closed, closed.cloud.workerUrl(closed.accountId, "other") ?? "")).toBe("200 hello from a Worker");
    const open = await startTestCloud({ allowOutbound: [`127.0.0.1:${port}`] });
    await open.upload("w", FETCHER);
    expect(await ask(open, `http://127.0.0.1:${port}/`)).toBe("200 local []");
    expect(await ask(open, `http://127.0.0.1:${port}/redirect`)).toMatch(/^403/);
  });

  it("is sent again when an idle connection was closed under it, and only then", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        asked.push(`${request.method} ${body}`);
        if (request.url === "/fail" || asked.length === 2) request.socket.destroy();
        else response.end("answered");
      });
    });
    const origin = await listen(server);
    onTestFinished(() => endServers(server));
    const { upload, fetch } = await startTestCloud({ allowOutbound: [new URL(origin).host] });
    await upload(
      "w",
      `export default { async fetch(request) {
        const answer = await fetch(new URL(request.url).searchParams.get("to"), { method: "POST", body: "words" });
        return new Response(answer.status + " " + await answer.text());
      } };`,
    );
    const ask = async (path: string) => (await fetch("w", `/?to=${encodeURIComponent(origin + path)}`)).text();
    expect(await ask("/")).toBe("200 answered");
    await new Promise((resolve) => setTimeout(resolve, 20)); // until its connection is idle
    expect(await ask("/")).toBe("200 answered");
    expect(asked).toEqual(["POST words", "POST words", "POST words"]);
    expect(await ask("/fail")).toMatch(/^502 /);
    expect(asked.length).toBeLessThan(6);
  });

  it("reaches Cloudflare's API at the cloud itself", async () => {
    const { upload, fetch } = await startTestCloud();
    await upload("w", FETCHER);
    const answer = await (
      await fetch("w", `/?to=${encodeURIComponent("https://api.cloudflare.com/client/v4/user")}`)
    ).text();
    expect(answer).toMatch(/^401 .*"code":10000/);
  });
});
