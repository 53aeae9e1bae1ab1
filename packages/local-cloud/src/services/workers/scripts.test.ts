import { describe, expect, it } from "vitest";
import { startTestCloud, uploadForm } from "../../cloud-fixture.ts";

const HELLO = `export default { fetch: () => new Response("hello") };`;
const OBJECT = `import { DurableObject } from "cloudflare:workers"; export class Room extends DurableObject { hi() { return "hi"; } }
export default { fetch: async (request, env) => new Response(await env.ROOM.get(env.ROOM.idFromName("a")).hi()) };`;
const ROOM = { type: "durable_object_namespace", name: "ROOM", class_name: "Room" };

describe("upload", () => {
  it("runs a Worker with every simple kind of binding", async () => {
    const { api, upload, fetch, accountId } = await startTestCloud();
    const kv = await api<{ id: string }>("POST", "/storage/kv/namespaces", { title: "cache" });
    const d1 = await api<{ uuid: string }>("POST", "/d1/database", { name: "db" });
    await api("POST", "/r2/buckets", { name: "files" });
    const uploaded = await upload(
      "all",
      `export default { async fetch(request, env) {
        await env.KV.put("k", "kv"); await env.R2.put("o", "r2");
        env.EVENTS.writeDataPoint({ blobs: ["b"], doubles: [1], indexes: ["i"] });
        const limited = []; for (let i = 0; i < 3; i++) limited.push((await env.LIMIT.limit({ key: "a" })).success);
        return Response.json([await env.KV.get("k"), await (await env.R2.get("o")).text(), await env.DB.prepare("SELECT 2 AS n").first("n"),
          env.TEXT, env.SECRET, env.JSON, Object.keys(env.VERSION), limited, (await env.AI.run("@cf/meta/llama-3.1-8b-instruct-fast", { prompt: "hi" })).usage !== undefined]);
      } };`,
      {
        bindings: [
          { type: "kv_namespace", name: "KV", namespace_id: kv.result.id },
          { type: "d1", name: "DB", database_id: d1.result.uuid },
          { type: "r2_bucket", name: "R2", bucket_name: "files" },
          { type: "plain_text", name: "TEXT", text: "text" },
          { type: "secret_text", name: "SECRET", text: "secret" },
          { type: "json", name: "JSON", json: { a: [1] } },
          { type: "version_metadata", name: "VERSION" },
          { type: "ratelimit", name: "LIMIT", namespace_id: "1", simple: { limit: 2, period: 60 } },
          { type: "analytics_engine", name: "EVENTS", dataset: "events" },
          { type: "ai", name: "AI" },
        ],
      },
    );
    expect(uploaded.body).toContain('"success":true');
    await expect((await fetch("all")).json()).resolves.toEqual([
      "kv",
      "r2",
      2,
      "text",
      "secret",
      { a: [1] },
      ["id", "tag", "timestamp"],
      [true, true, false],
      true,
    ]);
    expect(accountId).toMatch(/^[0-9a-f]{32}$/);
  });

  it("counts the calls of several Workers together when they share a rate limit", async () => {
    const { upload, fetch } = await startTestCloud();
    const code = `export default { async fetch(request, env) { return Response.json(await env.LIMIT.limit({ key: "ü" })); } };`;
    const limit = { type: "ratelimit", name: "LIMIT", namespace_id: "1", simple: { limit: 1, period: 60 } };
    const scripts = ["one", "two", "three"];
    for (const script of scripts) await upload(script, code, { bindings: [limit] });
    const answers: unknown[] = [];
    for (const script of scripts) answers.push(await (await fetch(script)).json());
    // Two pass where a minute ends between them, never three.
    expect(answers).toContainEqual({ success: false });
  });

  it("runs modules of all types, and maps stacks by the uploaded source map", async () => {
    const { cloud, upload, fetch } = await startTestCloud();
    const map = { version: 3, sources: ["src/real.ts"], names: [], mappings: "AAAA;AAEA" };
    const wasm = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0]);
    await upload("mods", {
      "index.js": `import text from "./a.txt"; import data from "./b.bin"; import wasm from "./c.wasm"; import { part } from "./part.js"; const run = (path) => {\n if (path === "/boom") throw new Error("no good"); return Response.json([text, data.byteLength, wasm instanceof WebAssembly.Module, part]); }\nexport default { fetch: (request) => run(new URL(request.url).pathname) };`,
      "part.js": `export const part = "part";`,
      "a.txt": { type: "text/plain", contents: "text" },
      "b.bin": { type: "application/octet-stream", contents: Uint8Array.from([1, 2, 3]) },
      "c.wasm": { type: "application/wasm", contents: wasm },
      "index.js.map": { type: "application/source-map", contents: JSON.stringify(map) },
    });
    await expect((await fetch("mods")).json()).resolves.toEqual(["text", 3, true, "part"]);
    const boom = await fetch("mods", "/boom");
    expect([boom.status, await boom.text()]).toEqual([500, expect.stringContaining("1101")]);
    await expect
      .poll(() =>
        cloud.activity
          .recent()
          .flatMap((one) => (one.type === "log" ? [one.message] : []))
          .join(),
      )
      .toMatch(/Error: no good[\s\S]*src\/real\.ts:3/);
  });

  it.each([
    ["a syntax error", "export default {\n fetch( {\n", 10021, /index\.js:3/],
    ["an exception at the top", "const a = 1;\nthrow new Error('early');", 10021, /early[\s\S]*index\.js:2/],
    ["a missing module", "import './gone.js';", 10021, /gone\.js/],
  ])("refuses %s and lets the old version run", async (_, code, expected, message) => {
    const { upload, fetch } = await startTestCloud();
    await upload("w", HELLO);
    const refused = await upload("w", code);
    expect([refused.status, refused.errors[0]?.code]).toEqual([400, expected]);
    expect(refused.errors[0]?.message).toMatch(message);
    await expect((await fetch("w")).text()).resolves.toBe("hello");
  });

  it("refuses code whose start-up never ends, and others that were checked beside it go on", {
    timeout: 120_000,
  }, async () => {
    const { upload, fetch } = await startTestCloud({ startupTimeout: 3_000 });
    const [endless, good] = await Promise.all([upload("endless", "while (true) {}"), upload("good", HELLO)]);
    expect(endless.errors[0]).toMatchObject({ code: 10021, message: expect.stringContaining("startup") });
    expect(good.status).toBe(200);
    expect(await (await fetch("good")).text()).toBe("hello");
  });

  it.each([
    ["an unknown kind", { type: "hyperdrive", name: "H", id: "x" }, 501, 7501, /binding H: type "hyperdrive"/],
    ["a missing namespace", { type: "kv_namespace", name: "K", namespace_id: "0".repeat(32) }, 400, undefined, /./],
    ["a missing Worker", { type: "service", name: "S", service: "gone" }, 400, 10143, /'gone' not found/],
    ["a class without migration", ROOM, 400, 10061, /Room/],
    ["nothing to inherit", { type: "inherit", name: "OLD" }, 400, 10057, /OLD/],
    [
      "a wrong period",
      { type: "ratelimit", name: "L", namespace_id: "1", simple: { limit: 1, period: 7 } },
      400,
      10021,
      /binding L: simple.period: must be 10 or 60/,
    ],
    ["a secret without its text", { type: "secret_text", name: "S" }, 400, 10021, /binding S: text/],
  ])("refuses a binding to %s", async (_, binding, status, code, message) => {
    const { upload } = await startTestCloud();
    const refused = await upload("w", HELLO, { bindings: [binding] });
    expect(refused.status).toBe(status);
    if (code !== undefined) expect(refused.errors[0]?.code).toBe(code);
    expect(refused.errors[0]?.message).toMatch(message);
  });

  it("refuses what is malformed or too large", async () => {
    const { api, upload } = await startTestCloud();
    const wrong = { "content-type": "multipart/form-data; boundary=x" };
    expect((await api("PUT", "/workers/scripts/w", { not: "multipart" }, wrong)).status).toBe(400);
    expect((await api("PUT", "/workers/scripts/w", "text")).status).toBe(400);
    expect((await api("PUT", "/workers/scripts/w", uploadForm(HELLO, { main_module: "gone.js" }))).status).toBe(400);
    expect((await upload("Bad.Name", HELLO)).errors[0]?.code).toBe(10016);
    expect((await upload("w", "export const nothing = 1;")).errors[0]?.code).toBe(10068);
    expect((await upload("w", HELLO, { limits: { cpu_ms: "much" } })).errors[0]?.message).toContain("limits.cpu_ms");
    const noise = Buffer.alloc(11_000_000, 0);
    for (let at = 0; at < noise.length; at += 4) noise.writeUInt32LE(Math.floor(Math.random() * 2 ** 32), at);
    const large = await upload("w", {
      "index.js": HELLO,
      "noise.bin": { type: "application/octet-stream", contents: new Uint8Array(noise) },
    });
    expect([large.status, large.errors[0]?.code]).toEqual([413, 10027]);
  });

  it("keeps, inherits and drops bindings", async () => {
    const { api, upload } = await startTestCloud();
    const secret = { type: "secret_text", name: "S", text: "x" };
    await upload("w", HELLO, { bindings: [secret, { type: "plain_text", name: "T", text: "t" }] });
    const names = async () =>
      (await api<{ bindings: { name: string }[] }>("GET", "/workers/scripts/w/settings")).result.bindings.map(
        ({ name }) => name,
      );
    await upload("w", HELLO, { bindings: [{ type: "inherit", name: "T" }], keep_bindings: ["secret_text"] });
    expect(await names()).toEqual(["S", "T"]);
    await upload("w", HELLO, {});
    expect(await names()).toEqual([]);
  });
});

describe("reading and deleting", () => {
  it("answers settings, service and content through the official client", async () => {
    const { api, client, upload, accountId } = await startTestCloud();
    await upload("w", HELLO, { bindings: [{ type: "secret_text", name: "S", text: "hidden-text" }] });
    const settings = await client.workers.scripts.scriptAndVersionSettings.get("w", { account_id: accountId });
    expect(settings.bindings).toEqual([{ name: "S", type: "secret_text" }]);
    const content = await api("GET", "/workers/scripts/w/content/v2");
    expect(content.headers.get("cf-entrypoint")).toBe("index.js");
    expect(content.body).toContain(HELLO);
    const list = await client.workers.scripts.list({ account_id: accountId });
    expect(list.result.map(({ id }) => id)).toEqual(["w"]);
    expect((await api("GET", "/workers/services/w")).body).not.toContain("hidden-text");
    const patched = new FormData();
    patched.set("settings", JSON.stringify({ bindings: [{ type: "plain_text", name: "P", text: "p" }] }));
    expect((await api("PATCH", "/workers/scripts/w/settings", patched)).body).toContain('"name":"P"');
  });

  it.each([
    ["GET", "/workers/scripts/gone/settings", 10007],
    ["GET", "/workers/services/gone", 10090],
    ["DELETE", "/workers/scripts/gone", 10007],
    ["GET", "/workers/scripts/gone/deployments", 10007],
    ["PUT", "/workers/scripts/gone/schedules", 10007],
  ])("knows no such Worker: %s %s", async (method, path, code) => {
    const { api } = await startTestCloud();
    const answer = await api(method, path, method === "PUT" ? [] : undefined);
    expect([answer.status, answer.errors[0]?.code]).toEqual([404, code]);
  });

  it("refuses to delete what others use, unless forced", async () => {
    const { api, cloud, upload, accountId } = await startTestCloud();
    await upload("target", HELLO);
    await upload("caller", HELLO, { bindings: [{ type: "service", name: "T", service: "target" }] });
    const refused = await api("DELETE", "/workers/scripts/target");
    expect(refused.errors[0]?.message).toContain("Worker caller");
    expect((await api("DELETE", "/workers/services/target?force=true")).status).toBe(200);
    expect(cloud.workerUrl(accountId, "target")).toBeUndefined();
  });
});

describe("Workers that call each other", () => {
  it("reaches another Worker's entrypoint and Durable Object", async () => {
    const { upload, fetch } = await startTestCloud();
    const room = { ...ROOM, script_name: "owner" };
    await upload(
      "owner",
      `${OBJECT}\nimport { WorkerEntrypoint } from "cloudflare:workers"; export class Admin extends WorkerEntrypoint { who() { return "admin"; } }`,
      {
        bindings: [ROOM],
        migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] },
      },
    );
    await upload(
      "guest",
      `export default { fetch: async (request, env) => Response.json([await env.ADMIN.who(), await env.ROOM.get(env.ROOM.idFromName("a")).hi()]) };`,
      { bindings: [room, { type: "service", name: "ADMIN", service: "owner", entrypoint: "Admin" }] },
    );
    await expect((await fetch("guest")).json()).resolves.toEqual(["admin", "hi"]);
    const wrong = await upload("guest", HELLO, {
      bindings: [{ type: "service", name: "A", service: "owner", entrypoint: "Gone" }],
    });
    expect(wrong.errors[0]?.code).toBe(10144);
  });
});

describe("Durable Object classes", () => {
  const migrated = { bindings: [ROOM], migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] } };

  it("takes a tag that was applied before as done, and keeps data when a class is renamed", async () => {
    const { api, upload, fetch } = await startTestCloud();
    const counter = (
      name: string,
    ) => `import { DurableObject } from "cloudflare:workers"; export class ${name} extends DurableObject {
      async hi() { const n = ((await this.ctx.storage.get("n")) ?? 0) + 1; await this.ctx.storage.put("n", n); return String(n); } }
      export default { fetch: async (request, env) => new Response(await env.ROOM.get(env.ROOM.idFromName("a")).hi()) };`;
    await upload("w", counter("Room"), migrated);
    expect(await (await fetch("w")).text()).toBe("1");
    expect((await upload("w", counter("Room"), migrated)).status).toBe(200);
    expect(await (await fetch("w")).text()).toBe("2");
    const namespaces = await api<{ id: string }[]>("GET", "/workers/durable_objects/namespaces");
    const objects = `/workers/durable_objects/namespaces/${namespaces.result[0]?.id}/objects`;
    expect((await api("GET", objects)).result).toEqual([
      { id: expect.stringMatching(/^[0-9a-f]{64}$/), hasStoredData: true },
    ]);
    expect((await api("GET", objects.replace(/[0-9a-f]{32}/, "0".repeat(32)))).status).toBe(404);
    const renamed = await upload("w", counter("Hall"), {
      bindings: [{ ...ROOM, class_name: "Hall" }],
      migrations: { old_tag: "v1", new_tag: "v2", renamed_classes: [{ from: "Room", to: "Hall" }] },
    });
    expect(renamed.result).toMatchObject({ migration_tag: "v2" });
    expect(await (await fetch("w")).text()).toBe("3");
    const gone = await upload("w", HELLO, { migrations: { old_tag: "v2", new_tag: "v3", deleted_classes: ["Hall"] } });
    expect(gone.status).toBe(200);
    expect((await api<unknown[]>("GET", "/workers/durable_objects/namespaces")).result).toEqual([]);
    await upload("w", counter("Hall"), {
      bindings: [{ ...ROOM, class_name: "Hall" }],
      migrations: { new_tag: "v4", new_sqlite_classes: ["Hall"] },
    });
    expect(await (await fetch("w")).text()).toBe("1");
  });

  it.each([
    ["a class that is not exported", HELLO, { migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] } }, 10070],
    [
      "a transfer",
      OBJECT,
      { migrations: { new_tag: "v1", transferred_classes: [{ from: "A", from_script: "b", to: "C" }] } },
      7501,
    ],
    ["a wrong old tag", OBJECT, { migrations: { old_tag: "v0", new_tag: "v1", new_sqlite_classes: ["Room"] } }, 10079],
    [
      "renaming what is not there",
      OBJECT,
      { migrations: { new_tag: "v1", renamed_classes: [{ from: "A", to: "Room" }] } },
      10071,
    ],
  ])("refuses %s", async (_, code, metadata, expected) => {
    const { upload } = await startTestCloud();
    expect((await upload("w", code, metadata)).errors[0]?.code).toBe(expected);
  });

  it("refuses code that no longer exports a class with objects", async () => {
    const { upload } = await startTestCloud();
    await upload("w", OBJECT, migrated);
    expect((await upload("w", HELLO)).errors[0]?.code).toBe(10064);
  });
});
