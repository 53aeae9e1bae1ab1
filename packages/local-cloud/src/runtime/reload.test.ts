import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { startTestCloud } from "../cloud-fixture.ts";

const versioned = (version: number) => `export default { async fetch(request) {
  const { pathname } = new URL(request.url);
  if (pathname === "/slow") await scheduler.wait(300);
  if (pathname === "/echo") return new Response(request.body);
  if (pathname === "/events") return new Response(new ReadableStream({ async start(controller) {
    for (let id = 0; ; id++) { controller.enqueue(new TextEncoder().encode("id: " + id + "\\n\\n")); await scheduler.wait(20); }
  } }), { headers: { "content-type": "text/event-stream" } });
  return new Response("${version}");
} };`;

describe("reload", () => {
  it("fails no request while five versions are deployed under load", { timeout: 120_000 }, async () => {
    const { upload, fetch } = await startTestCloud();
    await upload("w", versioned(0));
    await (await fetch("w")).text();
    const seen = new Map<string, number>();
    let going = true;
    const load = async (path: string, init?: () => RequestInit) => {
      while (going) {
        const response = await fetch("w", path, init?.());
        const key = `${response.status} ${(await response.text()).slice(0, 80)}`;
        seen.set(key, (seen.get(key) ?? 0) + 1);
      }
    };
    const loads = [
      ...Array.from({ length: 8 }, () => load("/")),
      ...Array.from({ length: 2 }, () => load("/slow")),
      ...Array.from({ length: 2 }, () => load("/echo", () => ({ method: "POST", body: "body" }))),
    ];
    onTestFinished(() => {
      going = false;
    });
    for (let version = 1; version <= 5; version += 1) {
      await delay(100);
      expect((await upload("w", versioned(version))).status).toBe(200);
      await expect(fetch("w").then((response) => response.text())).resolves.toBe(String(version));
    }
    going = false;
    await Promise.all(loads);
    expect([...seen.keys()].filter((key) => !key.startsWith("200 "))).toEqual([]);
    expect([...seen.keys()].sort()).toEqual(["0", "1", "2", "3", "4", "5", "body"].map((text) => `200 ${text}`));
  });

  it("closes event streams cleanly, so that they resume", async () => {
    const { upload, fetch } = await startTestCloud();
    await upload("w", versioned(1));
    const stream = await fetch("w", "/events");
    const text = stream.text();
    await delay(100);
    await upload("w", versioned(2));
    await expect(text).resolves.toContain("id: 1");
    await expect((await fetch("w")).text()).resolves.toBe("2");
  });

  it("takes up several uploads in one reload", async () => {
    const { cloud, upload, fetch } = await startTestCloud();
    await upload("a", versioned(1));
    await (await fetch("a")).text();
    const reloads = () => cloud.activity.recent().filter(({ type }) => type === "runtime").length;
    const before = reloads();
    await Promise.all(["b", "c", "d", "e"].map((script) => upload(script, versioned(1))));
    for (const script of ["b", "c", "d", "e"]) expect(await (await fetch(script)).text()).toBe("1");
    expect(reloads() - before).toBeLessThanOrEqual(2);
  });

  it("restarts only the account that deploys", async () => {
    const { cloud, upload, fetch } = await startTestCloud();
    await upload("w", versioned(1));
    await (await fetch("w")).text();
    const other = cloud.account({ name: "other", plan: "paid" }).id;
    const states = () => cloud.activity.recent().flatMap((one) => (one.type === "runtime" ? [one.accountId] : []));
    await upload("w", versioned(2));
    await (await fetch("w")).text();
    expect(states()).not.toContain(other);
  });

  it("gives Workers the cloud's clock once it is moved", async () => {
    const { cloud, upload, fetch } = await startTestCloud();
    await upload("w", `export default { fetch: (request, env) => Response.json(env.LOCAL_CLOCK_OFFSET ?? null) };`);
    await expect((await fetch("w")).json()).resolves.toBeNull();
    cloud.clock.advance(60_000);
    await expect((await fetch("w")).json()).resolves.toBe("60000");
  });

  it("lets a request end that asks another Worker by its address meanwhile", async () => {
    const { cloud, upload, fetch, accountId } = await startTestCloud();
    await upload("other", versioned(1));
    const other = cloud.workerUrl(accountId, "other");
    await upload("w", `export default { async fetch() { await scheduler.wait(300); return fetch("${other}/"); } };`);
    await (await fetch("other")).text();
    const started = performance.now();
    const asked = fetch("w");
    await delay(100);
    await upload("other", versioned(2));
    const answer = await asked;
    expect([answer.status, await answer.text()]).toEqual([200, "1"]);
    expect(performance.now() - started).toBeLessThan(4000);
  });

  it("goes back to what ran when a new version does not start, and names its Worker", async () => {
    const { api, cloud, upload, fetch } = await startTestCloud();
    const kv = await api<{ id: string }>("POST", "/storage/kv/namespaces", { title: "kv" });
    const binding = { type: "kv_namespace", name: "KV", namespace_id: kv.result.id };
    await upload("good", versioned(1));
    await upload("bad", versioned(1));
    expect(await (await fetch("bad")).text()).toBe("1");
    // The check of uploads has no namespaces, so this only fails where it runs.
    const failing = `import { env } from "cloudflare:workers"; if (env.KV) throw new Error("not with KV"); ${versioned(2)}`;
    expect((await upload("bad", failing, { bindings: [binding] })).status).toBe(200);
    expect(await (await fetch("bad")).text()).toBe("1");
    expect(await (await fetch("good")).text()).toBe("1");
    const failures = cloud.activity.recent().filter((one) => one.type === "runtime" && one.state === "failed");
    expect(failures).toMatchObject([{ message: expect.stringMatching(/Worker bad: [\s\S]*not with KV/) }]);
    await upload("new", failing, { bindings: [binding] });
    const missing = await fetch("new");
    expect([missing.status, await missing.text()]).toEqual([503, expect.stringContaining("not with KV")]);
    expect((await upload("bad", versioned(3))).status).toBe(200);
    expect(await (await fetch("bad")).text()).toBe("3");
  });
});
