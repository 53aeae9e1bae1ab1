import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { Checkout, type Running, waitFor } from "@tenner/cli/testing";

test.describe.configure({ mode: "serial", timeout: 120_000 });

let checkout: Checkout;
let running: Running;

test.beforeAll(async () => {
  checkout = new Checkout();
  const set = await checkout.tenner("config", "set", "tenner:settings", '{"templates":["event-agent"]}');
  expect(set.code, set.stderr).toBe(0);
  running = await checkout.start("--no-sample");
});

test.afterAll(async () => {
  await running.end();
  checkout.remove();
});

const FETCH_THAT_LOGS = `fetch(request, env, context) {
    console.log("a saved change");
    return app.fetch(request, env, context);
  }`;
const ENTRY = "templates/event-agent/src/index.ts";

async function version(): Promise<string> {
  const response = await fetch(`${running.agent.url}/health`);
  expect(response.status).toBe(200);
  return ((await response.json()) as { version: string }).version;
}

test("a saved change is live, only that Worker is uploaded, and no request fails", async () => {
  const before = await version();
  const statuses: number[] = [];
  let loading = true;
  const load = (async () => {
    while (loading) statuses.push((await fetch(`${running.agent.url}/health`)).status);
  })();
  const source = readFileSync(checkout.file(ENTRY), "utf8");
  writeFileSync(checkout.file(ENTRY), source.replace("fetch: app.fetch", FETCH_THAT_LOGS));
  await waitFor(async () => (await version()) !== before);
  loading = false;
  await load;
  expect(statuses.length).toBeGreaterThan(10);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  await waitFor(() => running.printed().includes("a saved change"));
  expect(running.printed()).toMatch(/\[.*event-agent\] .*a saved change/);
});

test("a mistake is shown with file and line, and the version before it goes on running", async () => {
  const before = await version();
  const source = readFileSync(checkout.file(ENTRY), "utf8");
  writeFileSync(checkout.file(ENTRY), `${source}\nconst broken = ;\n`);
  await waitFor(() => /src\/index\.ts:\d+:\d+/.test(running.printed()));
  expect(await version()).toBe(before);
  writeFileSync(checkout.file(ENTRY), source);
});

test("an exception while a Worker starts is refused, and the version before it goes on running", async () => {
  const before = await version();
  const source = readFileSync(checkout.file(ENTRY), "utf8");
  writeFileSync(checkout.file(ENTRY), `${source}\nthrow new Error("not today");\n`);
  await waitFor(() => running.printed().includes("not today"));
  expect(await version()).toBe(before);
  writeFileSync(checkout.file(ENTRY), source);
});

test("a saved asset is live", async () => {
  const page = checkout.file("templates/event-agent/public/index.html");
  const source = readFileSync(page, "utf8");
  writeFileSync(page, source.replace("</main>", "<p>fresh from the editor</p></main>"));
  await waitFor(async () => (await (await fetch(running.agent.url)).text()).includes("fresh from the editor"));
});

test("after live reloads the program itself has nothing left to do", async () => {
  const up = await checkout.tenner("up", "--yes", "--json");
  expect(JSON.parse(up.stdout).changes).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
});
