import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { Checkout, type CloudAccess, end, waitFor } from "@tenner/cli/testing";
import { type Agent, readJob, submit } from "./agent-client.ts";
import { type CrossedCustomer, findShared, plant, tryToCross } from "./customers-crossing.ts";
import { TestIssuers } from "./customers-issuers.ts";
import { whileAsked } from "./steady-callers.ts";

test.describe.configure({ mode: "serial", timeout: 240_000 });

let checkout: Checkout;
const FULL = "f".repeat(32);
const ROOMY = "e".repeat(32);
let cloud: CloudAccess;
let issuers: TestIssuers;
let stop: () => Promise<unknown>;

test.beforeAll(async () => {
  // Not above: a spec is loaded more often than it is run.
  checkout = new Checkout();
  issuers = await TestIssuers.start();
  process.env["TENNER_ALLOW_OUTBOUND"] = issuers.host;
  const started = await checkout.cloud();
  cloud = started.cloud;
  stop = () => end(started.child);
  await call("POST", "/_local/accounts", { id: FULL, name: "full", plan: "free" });
  await call("POST", "/_local/accounts", { id: ROOMY, name: "roomy", plan: "free" });
  for (let count = 0; count < 10; count++) {
    await call("POST", `/client/v4/accounts/${FULL}/d1/database`, { name: `taken-${count}` });
  }
});

test.afterAll(async () => {
  await stop?.();
  delete process.env["TENNER_ALLOW_OUTBOUND"];
  await issuers.stop();
  checkout.remove();
});

async function call(method: string, path: string, json?: object): Promise<unknown> {
  const headers = { authorization: `Bearer ${cloud.apiToken}`, "content-type": "application/json" };
  const response = await fetch(cloud.url + path, { method, headers, ...(json && { body: JSON.stringify(json) }) });
  expect(response.ok, `${method} ${path}`).toBe(true);
  return response.json();
}

/** Runs a command that is to succeed, and reads its answer. */
async function json<Answer>(...words: string[]): Promise<Answer> {
  const { code, stdout, stderr } = await checkout.tenner(...words, "--json");
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Answer; // a command's own JSON
}

/** Names of everything in the cloud whose name has the customer's. */
async function namesOf(customer: string): Promise<string[]> {
  const { accounts } = (await call("GET", "/_local/overview")) as {
    accounts: { id: string; name: string; workers: { script: string }[]; resources: { name: string }[] }[];
  };
  const all = accounts.flatMap(({ name, workers, resources }) => [
    name,
    ...workers.map(({ script }) => script),
    ...resources.map((resource) => resource.name),
  ]);
  return all.filter((name) => name.includes(customer));
}

interface Added {
  readonly name: string;
  readonly accountId: string;
  readonly ceiling_usd: number;
  readonly templates: { readonly "event-agent": Agent };
}

let acme: Added;

test("a customer goes where there is room, with a ceiling and a key of its own; names are checked first", async () => {
  for (const [name, reason] of [
    ["production", "reserved"],
    ["../acme", "U+002F"],
    ["a".repeat(25), "24 fit"],
  ] as const) {
    const refused = await checkout.tenner("customer", "add", name);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining(reason)]);
  }
  const without = await checkout.tenner("customer", "add", "acme", "--templates", "event-agent", "--account", FULL);
  expect([without.code, without.stderr]).toEqual([1, expect.stringContaining("D1 databases: 10 of 10 are there")]);
  expect(existsSync(checkout.file("infra/Pulumi.acme.yaml"))).toBe(false);

  const options = ["--templates", "event-agent", "--budget", "2.5", "--account", `${FULL},${ROOMY}`];
  acme = await json<Added>("customer", "add", "Acme", ...options);
  expect(acme).toMatchObject({ name: "acme", accountId: ROOMY, ceiling_usd: 2.5, health: { state: "well" } });
  const again = await checkout.tenner("customer", "add", "ACME");
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("it is taken")]);
  const { id } = await submit(acme.templates["event-agent"], "A lamp gives light.");
  await expect
    .poll(async () => (await readJob(acme.templates["event-agent"], id)).status, { timeout: 30_000 })
    .toBe("done");
});

/** Begins to add a customer and kills that; gives it its issuers of tokens. */
async function addHalf(name: string): Promise<void> {
  const templates = ["event-agent", "edge-cache"];
  const child = checkout.spawn("customer", "add", name, "--templates", templates.join(","));
  let printed = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    printed += chunk;
  });
  await waitFor(() => printed.includes("creating") || child.exitCode !== null, 60_000);
  await end(child, "SIGKILL");
  expect(existsSync(checkout.file(`infra/Pulumi.${name}.yaml`))).toBe(true);
  const settings = JSON.stringify({ templates, access: issuers.accessOf(name) });
  const set = await checkout.tenner("config", "set", "tenner:settings", settings, "--stack", name);
  expect(set.code, set.stderr).toBe(0);
}

test("those whose adding was killed are made complete by the next upgrade, which leaves the others alone", async () => {
  await Promise.all(["globex", "initech"].map(addHalf));
  const { unchanged, done, failed } = await json<Upgraded>("customer", "upgrade", "--all");
  expect({ unchanged, done: done.toSorted(), failed }).toEqual({
    unchanged: ["acme"],
    done: ["globex", "initech"],
    failed: [],
  });
  const [first, second] = await json<{ name: string; spent_usd: number }[]>("customer", "list");
  const good = { state: "current", health: { state: "well" }, version: expect.stringMatching(/^[0-9a-f]{12}$/) };
  expect([first, second]).toMatchObject([
    { ...good, name: "acme", ceiling_usd: 2.5, accountId: ROOMY },
    { ...good, name: "globex", ceiling_usd: 10 },
  ]);
  expect(first?.spent_usd).toBeGreaterThan(0);
});

interface Upgraded {
  readonly unchanged: readonly string[];
  readonly done: readonly string[];
  readonly failed: readonly object[];
}

/** A customer's addresses, keys and secrets. */
async function accessTo(name: string): Promise<CrossedCustomer> {
  const { templates } = await json<{ templates: Record<string, { scriptName: string; apiKey: string }> }>(
    ...["outputs", "-s", name, "--show-secrets"],
  );
  const { workers } = (await call("GET", "/_local/workers")) as {
    workers: { accountId: string; script: string; url: string }[];
  };
  const doors = Object.entries(templates).map(([template, { scriptName, ...keys }]) => {
    const worker = workers.find(({ script }) => script === scriptName);
    return [template, { ...keys, url: worker?.url ?? "", accountId: worker?.accountId ?? "" }] as const;
  });
  return { name, accountId: doors[0]?.[1].accountId ?? "", templates: Object.fromEntries(doors) };
}

test("nothing of a customer's leads to another: keys, tokens, ids, questions, events, resources, files", async () => {
  const planted = await Promise.all(
    ["acme", "globex", "initech"].map(async (name) => plant(cloud, await accessTo(name), issuers)),
  );
  const tries = await Promise.all(
    planted.flatMap((from) => planted.filter((to) => to !== from).map((to) => tryToCross(cloud, from, to, issuers))),
  );
  expect(tries.flat().filter(({ crossed }) => crossed !== undefined)).toEqual([]);
  const ways = new Set(tries.flat().map(({ what }) => what));
  expect([...ways]).toEqual(
    expect.arrayContaining([
      "edge-cache: another's question",
      "edge-cache: what means the same as another's question",
      "edge-cache: what everybody asks in the same words",
      "edge-cache: a key of another",
      "edge-cache: a token of the shared issuer for another's audience",
      "edge-cache: a member's question by a token with this issuer's name and kid by another's key",
      "edge-cache: the same subject's question at another",
      "edge-cache: another's token revoked in one's own stack",
      "event-agent: another's id in one's own stack",
      "event-agent: a Durable Object with the name of another's",
      "event-agent: an event signed with another's secret",
      "D1 database: another's, read in one's own account",
      "KV: another's, changed in one's own account",
      "queue: another's, changed in one's own account",
      "index: another's, read in one's own account",
      "index: another's vectors in one's own",
    ]),
  );
  expect(findShared(planted, checkout.file(".tenner", "cloud"))).toEqual([]);
});

test("a customer's deployment costs the others no request, and its empty budget costs only itself", async () => {
  const others = await Promise.all(["globex", "initech"].map(accessTo));
  const asked = others.flatMap(({ templates }) =>
    Object.values(templates).map(({ url, apiKey }) => ({ url: `${url}/v1/usage`, apiKey })),
  );
  const { steadiness } = await whileAsked(asked, 4, async () => {
    const settings = JSON.stringify({ templates: ["event-agent"], budget: { monthlyUsd: 0.000_001 } });
    await checkout.tenner("config", "set", "tenner:settings", settings, "--stack", "acme");
    expect(await json("customer", "upgrade", "acme")).toMatchObject({ done: ["acme"] });
  });
  expect(steadiness.failed).toEqual({});
  expect(steadiness.answered).toBeGreaterThan(0);
  const globex = others[0]?.templates["event-agent"];
  if (!globex) throw new Error("globex has no event-agent");
  const endOf = async (agent: Agent) => {
    const { id } = await submit(agent, `A lamp of ${agent.url} gives light.`, { on_budget_exhausted: "fail" });
    await expect.poll(async () => (await readJob(agent, id)).status, { timeout: 30_000 }).toMatch(/done|failed/);
    return readJob(agent, id);
  };
  expect(await endOf(acme.templates["event-agent"])).toMatchObject({
    status: "failed",
    error: { code: "budget_exhausted" },
  });
  expect(await endOf(globex)).toMatchObject({ status: "done" });
});

test("what is a customer's comes out in one archive, and then nothing of it is left anywhere", async () => {
  const archive = checkout.file("acme.tar.gz");
  const removed = await checkout.tenner("customer", "remove", "acme", "--yes", "--export", archive);
  expect(removed.code, removed.stderr).toBe(0);
  execFileSync("tar", ["-xzf", archive, "-C", checkout.directory]);
  const manifest = JSON.parse(readFileSync(checkout.file("acme/manifest.json"), "utf8")) as { counts: object };
  expect(manifest).toMatchObject({ name: "acme", counts: { databases: 2, gateway_logs: expect.any(Number) } });
  const jobs = readFileSync(checkout.file("acme/d1/tenner-acme-event-agent.sql"), "utf8");
  expect(jobs).toContain("A lamp gives light.");
  expect(readFileSync(checkout.file("acme/d1/tenner-acme-ledger.sql"), "utf8")).toContain("INSERT INTO");
  expect(jobs).not.toContain(acme.templates["event-agent"].apiKey);

  const killed = checkout.spawn("customer", "remove", "globex", "--yes");
  await new Promise<void>((resolve) => killed.stderr?.once("data", () => resolve()));
  await end(killed, "SIGKILL");
  const second = await checkout.tenner("customer", "remove", "globex", "--yes");
  expect(second.code, second.stderr).toBe(0);
  expect([await namesOf("acme"), await namesOf("globex")]).toEqual([[], []]);
  const kept = readdirSync(checkout.directory, { recursive: true, encoding: "utf8" }).filter((file) =>
    /^(infra|\.tenner[\\/]state)[\\/].*(acme|globex)/.test(file),
  );
  expect(kept).toEqual([]);
  expect(await json("customer", "list")).toEqual([expect.objectContaining({ name: "initech" })]);
});
