import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createSessions } from "../local-api/sessions.ts";
import { createConsole } from "./index.ts";

const PAGE = new URL("./page/", import.meta.url);
const HOST = { host: "127.0.0.1:8787" };

function open() {
  const directory = mkdtempSync(join(tmpdir(), "tenner-console-"));
  const sessions = createSessions({ directory, origin: () => "http://127.0.0.1:8787" });
  const code = new URL(sessions.createLink()).searchParams.get("code") ?? "";
  const cookie = `${sessions.cookieName()}=${sessions.redeem(code)}`;
  const console = createConsole({ sessions });
  const get = async (path: string, headers: Record<string, string> = {}) =>
    console.request(path, { headers: { ...HOST, ...headers } });
  return { get, cookie };
}

describe("page", () => {
  it("is shown to those with a session", async () => {
    const { get, cookie } = open();
    const answer = await get("/", { cookie });
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).toContain('id="requests"');
    for (const part of ["head", "header"]) expect(text).toContain(readFileSync(new URL(`${part}.html`, PAGE), "utf8"));
    expect(text).not.toContain("<!-- head");
  });

  it.each<[string, Record<string, string>]>([
    ["no cookie", {}],
    ["a forged cookie", { cookie: "tenner_console_8787=abc.def" }],
    ["the API's token, which is not for pages", { authorization: "Bearer token" }],
  ])("tells those with %s how to get in", async (_, headers) => {
    const answer = await open().get("/", headers);
    expect(answer.status).toBe(401);
    const text = await answer.text();
    expect(text).toContain('href="/console/console.css"');
    expect(text).toContain("npm start");
    expect(text).not.toContain('id="requests"');
    expect(text).toContain('id="spent" hidden');
  });

  it("says so when the link was spent", async () => {
    expect(await (await open().get("/?link=spent")).text()).not.toContain('id="spent" hidden');
  });

  it("asks once more for itself after a link on another site, whose navigation carries no strict cookie", async () => {
    const { get } = open();
    expect((await get("/", { "sec-fetch-site": "cross-site" })).headers.get("refresh")).toBe("0; url=/");
    expect((await get("/", { "sec-fetch-site": "same-origin" })).headers.get("refresh")).toBeNull();
    expect((await get("/", { "sec-fetch-site": "none" })).headers.get("refresh")).toBeNull();
  });

  it.each(["/", "/console/main.js"])("refuses a foreign Host: %s", async (path) => {
    const { get, cookie } = open();
    expect((await get(path, { cookie, host: "evil.example:8787" })).status).toBe(403);
  });

  it.each(["/", "/console/main.js", "/console/console.css"])(
    "runs nothing but its own files, in no frame: %s",
    async (path) => {
      const { headers } = await open().get(path);
      expect(headers.get("content-security-policy")).toContain(
        "default-src 'none'; script-src 'self'; style-src 'self'",
      );
      expect(headers.get("content-security-policy")).not.toContain("unsafe");
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
    },
  );

  it("leaves all other paths to others", async () => {
    const { get, cookie } = open();
    for (const path of [
      "/client/v4/user",
      "/console/",
      "/console/index.html",
      "/console/..%2findex.ts",
      "/_local/workers",
    ]) {
      expect((await get(path, { cookie })).status, path).toBe(404);
    }
  });
});

describe("files", () => {
  const files = readdirSync(PAGE);
  const read = (name: string) => readFileSync(new URL(name, PAGE), "utf8");

  it("are all served, and all that they name is there", async () => {
    const { get } = open();
    for (const file of files.filter((name) => !name.endsWith(".html"))) {
      const answer = await get(`/console/${file}`);
      expect(answer.status, file).toBe(200);
      expect(await answer.text()).toBe(read(file));
    }
    for (const file of files) {
      const named = read(file).matchAll(/(?:from "\.\/|(?:src|href)="\/console\/)([\w.-]+)"/g);
      for (const [, name] of named) expect(files, `${file} names ${name}`).toContain(name);
    }
  });

  it("hold nothing the content security policy would stop, and load nothing from elsewhere", () => {
    for (const file of files.filter((name) => name.endsWith(".html"))) {
      expect(read(file)).not.toMatch(/ style="| on\w+="|<script(?![^>]*src=)|<style/);
      expect(read(file)).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    }
  });

  it("write text only as text", () => {
    for (const file of files.filter((name) => name.endsWith(".js"))) {
      expect(read(file), file).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|\.style\b/);
    }
  });

  it("look for no element that a page which runs them does not have", () => {
    for (const page of files.filter((name) => name.endsWith(".html") && read(name).includes("<!-- header -->"))) {
      const html = read(page) + read("header.html");
      const ids = new Set([...html.matchAll(/ id="([\w-]+)"/g)].map(([, id]) => id));
      const first = /src="\/console\/([\w.-]+\.js)"/.exec(html)?.[1] ?? "";
      for (const file of scriptsFrom(first))
        for (const [, id] of read(file).matchAll(/byId\("([\w-]+)"\)/g))
          expect(ids, `${file} in ${page} wants #${id}`).toContain(id);
    }
  });

  /** A script and all that it imports. */
  function scriptsFrom(first: string, seen = new Set<string>()): Set<string> {
    if (seen.has(first)) return seen;
    seen.add(first);
    for (const [, next] of read(first).matchAll(/from "\.\/([\w.-]+)"/g)) if (next) scriptsFrom(next, seen);
    return seen;
  }
});
