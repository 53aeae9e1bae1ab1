import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type CloudFixture, startTestCloud, uploadForm } from "../../cloud-fixture.ts";

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 32);

/** Uploads files as wrangler does. Answers the completion token. */
async function uploadFiles({ api }: CloudFixture, script: string, files: Record<string, string>): Promise<string> {
  const manifest = Object.fromEntries(
    Object.entries(files).map(([path, text]) => [path, { hash: hashOf(text), size: text.length }]),
  );
  const session = await api<{ jwt: string; buckets: string[][] }>(
    "POST",
    `/workers/scripts/${script}/assets-upload-session`,
    { manifest },
  );
  if (session.result.buckets.length === 0) return session.result.jwt;
  const form = new FormData();
  for (const [path, text] of Object.entries(files)) {
    if (!session.result.buckets.flat().includes(hashOf(text))) continue;
    const type = path.endsWith(".html") ? "text/html" : "text/css";
    form.set(hashOf(text), new File([Buffer.from(text).toString("base64")], hashOf(text), { type }));
  }
  const headers = { authorization: `Bearer ${session.result.jwt}` };
  const uploaded = await api<{ jwt: string }>("POST", "/workers/assets/upload?base64=true", form, headers);
  expect(uploaded.status).toBe(201);
  return uploaded.result.jwt;
}

const CODE = `export default { fetch: async (request, env) => {
  const { pathname } = new URL(request.url);
  return pathname.startsWith("/through") ? env.ASSETS.fetch(new URL("/about", request.url)) : new Response("worker " + pathname); } };`;
const BINDINGS = [{ type: "assets", name: "ASSETS" }];
const SITE = {
  "/index.html": "<h1>home</h1>",
  "/about.html": "<h1>about</h1>",
  "/404.html": "<h1>lost</h1>",
  "/style.css": "a{}",
};

describe("assets", () => {
  it("are served before the Worker, with content types, rules and clean addresses", async () => {
    const cloud = await startTestCloud();
    const jwt = await uploadFiles(cloud, "site", SITE);
    const config = { _headers: "/style.css\n  X-Rule: yes\n", _redirects: "/old /about 301\n" };
    await cloud.upload("site", CODE, { bindings: BINDINGS, assets: { jwt, config } });
    const ask = async (path: string) => {
      const response = await cloud.fetch("site", path, { redirect: "manual" });
      return [
        response.status,
        response.headers.get("content-type"),
        response.headers.get("location"),
        await response.text(),
      ];
    };
    expect(await ask("/")).toEqual([200, "text/html", null, "<h1>home</h1>"]);
    expect(await ask("/about")).toEqual([200, "text/html", null, "<h1>about</h1>"]);
    expect((await ask("/about.html"))[0]).toBe(307);
    expect((await ask("/old")).slice(0, 3)).toEqual([301, null, "/about"]);
    expect((await ask("/api"))[3]).toBe("worker /api");
    expect((await ask("/through"))[3]).toBe("<h1>about</h1>");
    expect((await cloud.fetch("site", "/style.css")).headers.get("x-rule")).toBe("yes");
  });

  it("of two Workers are kept apart", async () => {
    const cloud = await startTestCloud();
    for (const script of ["one", "two"]) {
      const jwt = await uploadFiles(cloud, script, { "/index.html": `<h1>${script}</h1>` });
      await cloud.upload(script, CODE, { bindings: BINDINGS, assets: { jwt } });
    }
    expect(await (await cloud.fetch("one")).text()).toBe("<h1>one</h1>");
    expect(await (await cloud.fetch("two")).text()).toBe("<h1>two</h1>");
  });

  it.each([
    ["everything by the Worker first", { run_worker_first: true }, "/", "worker /"],
    ["some paths by the Worker first", { run_worker_first: ["/about"] }, "/about", "worker /about"],
    ["the rest by the assets", { run_worker_first: ["/api/*"] }, "/", "<h1>home</h1>"],
  ])("serve %s", async (_, config, path, text) => {
    const cloud = await startTestCloud();
    const jwt = await uploadFiles(cloud, "site", SITE);
    await cloud.upload("site", CODE, { bindings: BINDINGS, assets: { jwt, config } });
    expect(await (await cloud.fetch("site", path)).text()).toBe(text);
  });

  it.each([
    ["404-page", 404, "<h1>lost</h1>"],
    ["single-page-application", 200, "<h1>home</h1>"],
    ["none", 404, ""],
  ])("need no code: %s", async (handling, status, text) => {
    const cloud = await startTestCloud();
    const jwt = await uploadFiles(cloud, "site", SITE);
    const form = uploadForm({}, { main_module: undefined, assets: { jwt, config: { not_found_handling: handling } } });
    const uploaded = await cloud.api<{ has_modules: boolean }>("PUT", "/workers/scripts/site", form);
    expect(uploaded.result.has_modules).toBe(false);
    expect((await cloud.api("GET", "/workers/scripts/site/content/v2")).status).toBe(204);
    const response = await cloud.fetch("site", "/nowhere", { headers: { "sec-fetch-mode": "navigate" } });
    expect([response.status, await response.text()]).toEqual([status, text]);
  });

  it("are asked for once, and kept when an upload says so", async () => {
    const cloud = await startTestCloud();
    const jwt = await uploadFiles(cloud, "site", SITE);
    await cloud.upload("site", CODE, { bindings: BINDINGS, assets: { jwt } });
    const manifest = Object.fromEntries(
      Object.entries(SITE).map(([path, text]) => [path, { hash: hashOf(text), size: text.length }]),
    );
    const again = await cloud.api<{ buckets: string[][] }>("POST", "/workers/scripts/site/assets-upload-session", {
      manifest,
    });
    expect(again.result.buckets).toEqual([]);
    await cloud.upload("site", `${CODE}\n// new`, { bindings: BINDINGS, keep_assets: true });
    expect(await (await cloud.fetch("site")).text()).toBe("<h1>home</h1>");
  });

  it("are refused when they do not fit the manifest, or the token is not valid", async () => {
    const { api, upload } = await startTestCloud();
    const manifest = { "/a.html": { hash: hashOf("right"), size: 5 } };
    const { result } = await api<{ jwt: string }>("POST", "/workers/scripts/site/assets-upload-session", { manifest });
    const send = (name: string, text: string, jwt: string) => {
      const form = new FormData();
      form.set(name, new File([Buffer.from(text).toString("base64")], name));
      return api("POST", "/workers/assets/upload?base64=true", form, { authorization: `Bearer ${jwt}` });
    };
    expect((await send(hashOf("right"), "wrong size", result.jwt)).status).toBe(400);
    expect((await send(hashOf("other"), "right", result.jwt)).status).toBe(400);
    expect((await send(hashOf("right"), "right", `${result.jwt.slice(0, -4)}AAAA`)).status).toBe(401);
    expect((await upload("site", CODE, { assets: { jwt: result.jwt } })).status).toBe(400);
    const outside = { manifest: { "/../x": { hash: hashOf("x"), size: 1 } } };
    expect((await api("POST", "/workers/scripts/site/assets-upload-session", outside)).status).toBe(400);
  });
});
