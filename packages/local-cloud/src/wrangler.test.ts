import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { type CloudFixture, startTestCloud } from "./cloud-fixture.ts";
import { WRANGLER, wranglerEnvironment } from "./wrangler-fixture.ts";

const CODE = `import { DurableObject } from "cloudflare:workers";
export class Counter extends DurableObject<Env> {
  async next(): Promise<number> { const n = ((await this.ctx.storage.get<number>("n")) ?? 0) + 1; await this.ctx.storage.put("n", n); return n; }
}
interface Env { COUNTER: DurableObjectNamespace<Counter>; V: string; SECRET?: string }
export default { async fetch(request: Request, env: Env): Promise<Response> {
  const { pathname } = new URL(request.url);
  console.log("asked for", pathname);
  if (pathname === "/api/boom") throw new Error("not caught");
  return Response.json([await env.COUNTER.get(env.COUNTER.idFromName("one")).next(), env.V, env.SECRET ?? null]);
}, scheduled() {} };`;

const CONFIG = {
  name: "app",
  main: "index.ts",
  compatibility_date: "2026-07-01",
  workers_dev: true,
  vars: { V: "one" },
  assets: { directory: "public", run_worker_first: ["/api/*"] },
  durable_objects: { bindings: [{ name: "COUNTER", class_name: "Counter" }] },
  migrations: [{ tag: "v1", new_sqlite_classes: ["Counter"] }],
  triggers: { crons: ["*/5 * * * *"] },
};

/** A project, and wrangler in it, pointed at the cloud. */
function createProject(fixture: CloudFixture) {
  const project = join(fixture.directory, "project");
  mkdirSync(join(project, "public"), { recursive: true });
  writeFileSync(join(project, "index.ts"), CODE);
  writeFileSync(join(project, "public/index.html"), "<h1>home</h1>");
  writeFileSync(join(project, "wrangler.json"), JSON.stringify(CONFIG));
  const options = { cwd: project, env: wranglerEnvironment(fixture, fixture.directory) };
  return {
    run: async (args: string[], input = ""): Promise<string> => {
      const running = promisify(execFile)(process.execPath, [WRANGLER, ...args], options);
      running.child.stdin?.end(input);
      return (await running).stdout;
    },
    start: (args: string[]): ChildProcess => spawn(process.execPath, [WRANGLER, ...args], options),
  };
}

describe("wrangler", () => {
  it("deploys, changes, follows, splits, rolls back and deletes a Worker", { timeout: 180_000 }, async () => {
    const fixture = await startTestCloud();
    const { run, start } = createProject(fixture);
    const ask = async (path = "/api/x") => (await fixture.fetch("app", path)).json();
    const deployed = await run(["deploy"]);
    expect(deployed).toContain("schedule: */5 * * * *");
    expect(deployed).toContain("Uploaded 1 of 1 asset");
    expect(await (await fixture.fetch("app")).text()).toBe("<h1>home</h1>");
    expect(await ask()).toEqual([1, "one", null]);

    await run(["secret", "put", "SECRET"], "shh\n");
    expect(await ask()).toEqual([2, "one", "shh"]);

    await run(["versions", "upload", "--var", "V:two", "--message", "second"]);
    expect(await ask()).toEqual([3, "one", "shh"]);
    const versions = JSON.parse(await run(["versions", "list", "--json"])) as { id: string }[];
    const [previous, newest] = versions.slice(-2);
    await run(["versions", "deploy", `${newest?.id}@50%`, `${previous?.id}@50%`, "-y"]);
    const seen = new Set<unknown>();
    for (let request = 0; request < 40; request += 1) seen.add(((await ask()) as unknown[])[1]);
    expect(seen).toEqual(new Set(["one", "two"]));
    await run(["rollback", String(previous?.id), "-y", "-m", "back"]);
    expect(await ask()).toEqual([44, "one", "shh"]);

    const tail = start(["tail", "app", "--format", "json"]);
    onTestFinished(() => void tail.kill("SIGKILL"));
    let output = "";
    tail.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    await expect
      .poll(
        async () => {
          await fixture.fetch("app", "/api/boom");
          return output;
        },
        { timeout: 30_000, interval: 300 },
      )
      .toMatch(/"outcome": "exception"[\s\S]*not caught[\s\S]*asked for[\s\S]*\/api\/boom/);
    tail.kill("SIGINT");
    await once(tail, "exit");

    await run(["delete", "--force"]);
    expect((await fixture.api("GET", "/workers/scripts")).result).toEqual([]);
  });

  it("makes, fills and queries a Vectorize index", { timeout: 180_000 }, async () => {
    const fixture = await startTestCloud({ vectorizeDelay: 0 });
    const { run } = createProject(fixture);
    const vectorize = (...args: string[]) => run(["vectorize", ...args]);
    await vectorize("create", "docs", "--dimensions", "3", "--metric", "cosine", "--json");
    const property = { propertyName: "k", indexType: "string" };
    await fixture.api("POST", "/vectorize/v2/indexes/docs/metadata_index/create", property);
    const vectors = [
      { id: "a", values: [1, 0, 0], metadata: { k: "x" } },
      { id: "b", values: [0, 1, 0], metadata: { k: "y" } },
      { id: "c", values: [1, 0.1, 0], metadata: { k: "y" } },
    ];
    const file = join(fixture.directory, "project/vectors.ndjson");
    writeFileSync(file, vectors.map((vector) => JSON.stringify(vector)).join("\n"));
    await vectorize("insert", "docs", "--file", file, "--batch-size", "2");
    const asked = ["--vector", "1", "0", "0", "--top-k", "1", "--filter", '{"k":"y"}', "--return-metadata", "all"];
    const answered = await vectorize("query", "docs", ...asked);
    expect(JSON.parse(answered.slice(answered.indexOf("{")))).toMatchObject({
      matches: [{ id: "c", metadata: { k: "y" } }],
    });
    await vectorize("delete-vectors", "docs", "--ids", "a", "b");
    expect((await fixture.api("GET", "/vectorize/v2/indexes/docs/list")).result).toMatchObject({
      vectors: [{ id: "c" }],
    });
  });
});
