import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { up } from "../src/index.ts";
import { kill, killAll, startUp } from "./killable-up.ts";
import { createProject, steps, type TestProject } from "./project.ts";
import { type StubApi, startStubApi } from "./stub-api.ts";

let api: StubApi;
let project: TestProject;

beforeEach(async () => {
  api = await startStubApi();
  project = await createProject("", api.url);
});

afterEach(async () => {
  await killAll();
  await project.remove();
  await api.close();
});

const PROGRAM = (generation: number) => `
const kvs = [0, 1, 2].map((n) => new WorkersKvNamespace("kv" + n, { accountId, title: "kv-" + n }));
const queues = kvs.map((kv, n) => new Queue("queue" + n, { accountId, queueName: pulumi.interpolate\`queue-\${n}-\${kv.title}\`, settings: { deliveryDelay: ${generation} } }));
const more = queues.map((queue, n) => new WorkersKvNamespace("more" + n, { accountId, title: pulumi.interpolate\`more-\${n}-\${queue.queueName}\` }));
new WorkersKvNamespace("versioned", { accountId, title: "versioned-${generation}" }, { replaceOnChanges: ["title"], dependsOn: more });
`;

it("survives kill -9 at any moment: nothing is made twice, nothing is forgotten", { timeout: 120_000 }, async () => {
  api.latency = () => 30 + Math.random() * 120;
  let hits = 0;
  for (let round = 0; round < 6; round++) {
    await project.write(PROGRAM(Math.floor(round / 2)));
    const child = startUp(project);
    const before = writes();
    await Promise.race([untilCalls(before + 1 + Math.floor(Math.random() * 3)), once(child, "exit")]);
    await sleep(Math.random() * 80);
    if (child.exitCode === null) hits++;
    await kill(child);
  }
  expect(hits).toBeGreaterThan(2);

  api.latency = () => 0;
  await project.write(PROGRAM(4));
  const result = await up(project.options);
  expect(result.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(result.outcome).toBe("succeeded");

  const namespaces = api.items("storage/kv/namespaces");
  const queues = api.items("queues");
  const names = [
    ...namespaces.map((item) => String(item["title"])),
    ...queues.map((item) => String(item["queue_name"])),
  ].sort();
  expect(names).toEqual([
    "kv-0",
    "kv-1",
    "kv-2",
    "more-0-queue-0-kv-0",
    "more-1-queue-1-kv-1",
    "more-2-queue-2-kv-2",
    "queue-0-kv-0",
    "queue-1-kv-1",
    "queue-2-kv-2",
    "versioned-4",
  ]);
  const { resources, pending } = await project.state();
  expect(pending).toEqual([]);
  const ids = resources
    .filter((state) => String(state["type"]).startsWith("cloudflare:"))
    .map((state) => String(state["id"]))
    .sort();
  expect(ids).toEqual(
    [...namespaces.map((item) => String(item["id"])), ...queues.map((item) => String(item["queue_id"]))].sort(),
  );
  expect(queues.every((item) => JSON.stringify(item["settings"]).includes('"delivery_delay":4'))).toBe(true);

  await up(project.options);
  expect(steps(project.events)).toEqual([]);
});

it.runIf(process.platform === "linux")("leaves no process behind when it is killed", async () => {
  await project.write(`
class Slow extends pulumi.dynamic.Resource {
  constructor(name: string) { super({ async create() { await fetch("${api.url}/accounts/a/started"); await new Promise((done) => setTimeout(done, 30000)); return { id: "x", outs: {} }; } }, name, {}); }
}
new Slow("slow");
setInterval(() => {}, 1000);
`);
  const child = startUp(project);
  while (!api.calls.some((call) => call.path.endsWith("/started"))) await sleep(20);
  expect(processesOf(project.directory).length).toBeGreaterThanOrEqual(2);
  await kill(child);
  while (processesOf(project.directory).length > 0) await sleep(20);
});

const writes = () => api.calls.filter((call) => call.method !== "GET").length;

async function untilCalls(count: number): Promise<void> {
  while (writes() < count) await sleep(5);
}

/** Processes that work in a folder; only Linux tells. */
function processesOf(directory: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`) === directory;
    } catch {
      return false; // it has ended
    }
  });
}
