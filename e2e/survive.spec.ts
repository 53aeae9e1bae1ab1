import type { ChildProcess } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { expect, test } from "@playwright/test";
import { addFaults, Checkout, processFamily, type Running, waitFor } from "@tenner/cli/testing";
import { readJob, submit } from "./agent-client.ts";
import { stillRunning, workerdsOf } from "./process-table.ts";

test.describe.configure({ mode: "serial", timeout: 180_000 });

let checkout: Checkout;
let running: Running | undefined;

test.beforeAll(async () => {
  // With one template: what is killed here is the way of every template. The torture run kills two.
  checkout = new Checkout();
  const set = await checkout.tenner("config", "set", "tenner:settings", '{"templates":["event-agent"]}');
  expect(set.code, set.stderr).toBe(0);
});

test.afterEach(async () => {
  await running?.end();
  running = undefined;
});

test.afterAll(() => checkout.remove());

/** Each model call takes two seconds, so that a kill hits running jobs. */
const SLOW = { kind: "slow", ms: 2000 };

const STATE = ".tenner/state/.pulumi/stacks/tenner/local.json";

/** Names of what exists in the cloud, by product. */
async function resources({ outputs }: Running): Promise<Record<string, string[]>> {
  const { url, accountId, apiToken } = outputs.cloud;
  const list = async (path: string): Promise<Record<string, string>[]> => {
    const response = await fetch(`${url}/client/v4/accounts/${accountId}${path}`, {
      headers: { authorization: `Bearer ${apiToken}` },
    });
    const { result } = (await response.json()) as {
      result: Record<string, string>[] | { buckets: Record<string, string>[] };
    };
    return Array.isArray(result) ? result : result.buckets;
  };
  return {
    kv: (await list("/storage/kv/namespaces")).map(({ title = "" }) => title),
    d1: (await list("/d1/database")).map(({ name = "" }) => name).sort(),
    r2: (await list("/r2/buckets")).map(({ name = "" }) => name).sort(),
    gateways: (await list("/ai-gateway/gateways")).map(({ id = "" }) => id),
    queues: (await list("/queues")).map(({ queue_name = "" }) => queue_name).sort(),
    workers: (await list("/workers/scripts")).map(({ id = "" }) => id).sort(),
  };
}

const ONE_OF_EACH = {
  kv: ["tenner-local-event-agent-lookup"],
  d1: ["tenner-local-event-agent", "tenner-local-ledger"],
  r2: ["tenner-local-event-agent-results"],
  gateways: ["tenner-local-ai"],
  queues: [],
  workers: ["tenner-local-event-agent"],
};

/** Begins to deploy, and waits for what it prints at that moment. */
async function deployUntil(moment: string): Promise<ChildProcess> {
  const child = checkout.spawn("start", "--port", "0", "--no-watch");
  let printed = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    printed += chunk;
  });
  await waitFor(() => printed.includes(moment) || printed.includes("unchanged"), 60_000);
  return child;
}

test("Ctrl-C in the middle of an up saves what was made, and leaves no process", async () => {
  const child = await deployUntil("event-agent-lookup creating");
  const family = processFamily(child.pid ?? 0);
  child.kill("SIGINT");
  await waitFor(() => child.exitCode !== null, 30_000);
  expect(child.exitCode).toBe(130);
  expect(stillRunning(family)).toEqual([]);
  expect(readFileSync(checkout.file(STATE), "utf8")).toContain("event-agent-lookup");
});

test("an up that was interrupted and then killed at any moment is finished by the next start, and nothing exists twice", async () => {
  for (const moment of ["D1Migrations event-agent creating", "WorkersScript event-agent creating"]) {
    const child = await deployUntil(moment);
    process.kill(child.pid ?? 0, "SIGKILL");
    await waitFor(() => child.signalCode !== null);
  }
  running = await checkout.start("--no-watch");
  expect(await resources(running)).toEqual(ONE_OF_EACH);
});

test("a second start finds all data and deploys 0 changes; the first one's end leaves no process", async () => {
  running = await checkout.start("--no-watch");
  const job = await submit(running.agent, "The lamp is broken. Please send another one.");
  await waitFor(async () => (await readJob(running?.agent ?? { url: "", apiKey: "" }, job.id)).status === "done");
  const family = processFamily(running.child.pid ?? 0);
  expect(workerdsOf(running.child.pid ?? 0).length).toBeGreaterThan(0);
  expect(await running.end()).toBe(0);
  expect(stillRunning(family)).toEqual([]);

  const address = running.agent.url;
  running = await checkout.start("--no-watch");
  expect(running.printed()).toMatch(/\d+ unchanged/);
  expect(running.printed()).not.toMatch(/\d+ (created|updated|replaced|deleted)/);
  expect(running.agent.url).toBe(address);
  expect((await readJob(running.agent, job.id)).status).toBe("done");
});

test("jobs that run while everything is killed are done once it runs again", async () => {
  running = await checkout.start("--no-watch");
  const agent = running.agent;
  await addFaults(running.outputs.cloud, SLOW);
  const jobs = await Promise.all(
    Array.from({ length: 6 }, (_, index) => submit(agent, `Letter ${index}. It is about a lamp.`)),
  );
  await waitFor(async () =>
    (await Promise.all(jobs.map(({ id }) => readJob(agent, id)))).some(({ status }) => status === "running"),
  );
  const orphans = workerdsOf(running.child.pid ?? 0);
  await running.end("SIGKILL");
  running = await checkout.start("--no-watch", "--no-sample");
  expect(stillRunning(orphans), "the killed cloud's workerd is ended before a new one starts").toEqual([]);
  const again = running.agent;
  for (const { id } of jobs) await waitFor(async () => (await readJob(again, id)).status === "done", 60_000);
});

test("jobs that run while workerd is killed are done", async () => {
  running = await checkout.start("--no-watch", "--no-sample");
  const agent = running.agent;
  await addFaults(running.outputs.cloud, SLOW);
  const jobs = await Promise.all(
    Array.from({ length: 4 }, (_, index) => submit(agent, `Card ${index}. It is about a chair.`)),
  );
  await waitFor(async () => (await readJob(agent, jobs[0]?.id ?? "")).status !== "queued");
  for (const pid of workerdsOf(running.child.pid ?? 0)) process.kill(pid, "SIGKILL");
  for (const { id } of jobs) {
    await waitFor(async () => (await readJob(agent, id).catch(() => undefined))?.status === "done", 60_000);
  }
});

test("a second up waits for the first, or says who holds the lock", async () => {
  running = await checkout.start("--no-watch", "--no-sample");
  const [first, second] = await Promise.all([checkout.tenner("up", "--yes"), checkout.tenner("up", "--yes")]);
  expect([first.code, second.code]).toEqual([0, 0]);
  expect(first.stderr + second.stderr).toMatch(/process \d+|pid \d+/);
});

test("a second start says that one runs already, and where", async () => {
  running = await checkout.start("--no-watch", "--no-sample");
  const second = await checkout.tenner("start", "--port", "0");
  expect(second.code).toBe(1);
  expect(second.stderr).toContain(`runs already (process ${running.child.pid}, ${running.outputs.cloud.url})`);
});

test("a reset empties the cloud and the state, whether it runs or not, and what comes then makes everything anew", async () => {
  const stopped = await checkout.tenner("reset", "--yes");
  expect(stopped.code, stopped.stderr).toBe(0);
  running = await checkout.start("--no-watch", "--no-sample");
  expect(running.printed()).not.toContain("unchanged");
  expect((await checkout.tenner("reset", "--yes")).code).toBe(0);
  expect(await resources(running)).toEqual({ kv: [], d1: [], r2: [], gateways: [], queues: [], workers: [] });
  const up = await checkout.tenner("up", "--yes", "--json");
  expect(JSON.parse(up.stdout).outcome, up.stdout).toBe("succeeded");
  expect(await resources(running)).toEqual(ONE_OF_EACH);
});

test("a taken port is named", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await waitFor(() => server.listening);
  const { port } = server.address() as { port: number };
  const result = await checkout.tenner("start", "--port", String(port));
  server.close();
  expect(result.code).toBe(1);
  expect(result.stderr).toContain(String(port));
  expect(result.stderr).not.toContain("    at ");
});

test("a setting of the wrong type stops the preview with its path and reason, before anything is changed", async () => {
  const file = checkout.file("infra/Pulumi.local.yaml");
  const before = readFileSync(file, "utf8");
  const state = readFileSync(checkout.file(STATE), "utf8");
  await checkout.tenner("config", "set", "tenner:settings", '{"limits":{"submissionsPerMinute":"many"}}');
  const result = await checkout.tenner("up", "--yes");
  writeFileSync(file, before);
  expect(result.code).toBe(1);
  expect(result.stderr).toContain("limits.submissionsPerMinute");
  expect(JSON.parse(readFileSync(checkout.file(STATE), "utf8")).checkpoint.latest.resources).toEqual(
    JSON.parse(state).checkpoint.latest.resources,
  );
});

test("a state file cut short is named, its .bak is offered, and nothing is overwritten", async () => {
  const file = checkout.file(STATE);
  const whole = readFileSync(file);
  truncateSync(file, Math.floor(whole.length / 2));
  const result = await checkout.tenner("up", "--yes");
  expect(result.code).toBe(1);
  expect(result.stderr).toContain("local.json");
  expect(result.stderr).toContain(".bak");
  expect(readFileSync(file).length).toBe(Math.floor(whole.length / 2));
  copyFileSync(`${file}.bak`, file);
  writeFileSync(file, whole);
});

test("a damaged store is named and left as it is", async () => {
  const store = checkout.file(".tenner/cloud/cloud.sqlite");
  const whole = readFileSync(store);
  for (const name of readdirSync(checkout.file(".tenner/cloud"))) {
    if (/^cloud\.sqlite-/.test(name)) truncateSync(checkout.file(".tenner/cloud", name), 0);
  }
  writeFileSync(store, Buffer.concat([Buffer.from("not a database, "), whole.subarray(16)]));
  const result = await checkout.tenner("start", "--port", "0");
  expect(result.code).toBe(1);
  expect(result.stderr).toContain("cloud.sqlite");
  expect(readFileSync(store).subarray(0, 16).toString()).toBe("not a database, ");
  writeFileSync(store, whole);
});
