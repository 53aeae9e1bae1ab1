import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { uploadForm } from "../../cloud-fixture.ts";
import { endServers, listen } from "../../testing/small-server.ts";
import { type QueueFixture, type SeenBatch, startQueueCloud, WORKER } from "./queue-fixture.ts";

const eventually = <Result>(check: () => Result) => vi.waitFor(check, { timeout: 30_000 });

async function start(consumer: Record<string, unknown>): Promise<QueueFixture> {
  const fixture = await startQueueCloud(consumer);
  onTestFinished(() => fixture.close());
  return fixture;
}

/** Ends the workerds that work in a folder, as the kernel does when memory is short. */
function killWorkerds(directory: string): number {
  const pids = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").includes(directory);
      } catch {
        return false;
      }
    })
    .map(Number)
    .filter((pid) => pid !== process.pid);
  for (const pid of pids) process.kill(pid, "SIGKILL");
  return pids.length;
}

describe.skipIf(process.platform !== "linux")("a kill", () => {
  it("of workerd in the middle of a batch brings its messages again", async () => {
    const fixture = await start({ max_retries: 10 });
    fixture.order(({ messages }) => ({ hangs: messages[0]?.attempts === 1 }));
    await fixture.send({ body: "x" });
    await eventually(() => expect(fixture.batches).toHaveLength(1));
    expect(killWorkerds(fixture.directory)).toBeGreaterThan(0);
    await eventually(() => expect(fixture.seen().map(({ attempts }) => attempts)).toEqual([1, 2]));
  });

  it("of the cloud loses nothing that was acknowledged, and counts no attempt", { timeout: 120_000 }, async () => {
    const directory = mkdtempSync(join(tmpdir(), "local-cloud-"));
    const batches: SeenBatch[] = [];
    let held = true;
    const collector = createServer((request, response) => {
      void text(request).then((body) => {
        batches.push(JSON.parse(body) as SeenBatch);
        response.end(JSON.stringify({ hangs: held }));
      });
    });
    const { host: address } = new URL(await listen(collector));
    onTestFinished(() => {
      endServers(collector);
      rmSync(directory, { recursive: true, force: true });
    });

    const first = await spawnCloud(directory, address);
    const call = async (cloud: SpawnedCloud, method: string, path: string, body: unknown) => {
      const response = await fetch(`${cloud.apiUrl}/accounts/${cloud.accountId}${path}`, {
        method,
        headers: { authorization: `Bearer ${cloud.token}` },
        body: body instanceof FormData ? body : JSON.stringify(body),
      });
      const answer = (await response.json()) as { result: Record<string, string> };
      expect([response.status, answer]).toMatchObject([200, { success: true }]);
      return answer.result;
    };
    const { queue_id: queueId } = await call(first, "POST", "/queues", { queue_name: "jobs" });
    const bindings = [
      { type: "queue", name: "JOBS", queue_name: "jobs" },
      { type: "plain_text", name: "TEST", text: `http://${address}` },
    ];
    await call(first, "PUT", "/workers/scripts/w", uploadForm(WORKER, { bindings }));
    const settings = { batch_size: 5, max_wait_time_ms: 0, max_concurrency: 1, max_retries: 0 };
    await call(first, "POST", `/queues/${queueId}/consumers`, { type: "worker", script_name: "w", settings });
    for (let sent = 0; sent < 40; sent += 10) {
      const messages = Array.from({ length: 10 }, (_, at) => ({ body: sent + at }));
      await call(first, "POST", `/queues/${queueId}/messages/batch`, { messages });
    }
    await eventually(() => expect(batches).toHaveLength(1));
    first.child.kill("SIGKILL");
    await once(first.child, "exit");

    held = false;
    batches.length = 0;
    await spawnCloud(directory, address);
    await eventually(() => {
      const seen = batches.flatMap(({ messages }) => messages);
      expect(seen.map(({ body }) => Number(body)).toSorted((left, right) => left - right)).toEqual(
        Array.from({ length: 40 }, (_, body) => body),
      );
      expect(seen.every(({ attempts }) => attempts === 1)).toBe(true);
    });
  });
});

describe("a reload", () => {
  it("waits for a batch under way, and loses nothing that is sent meanwhile", async () => {
    const fixture = await start({ batch_size: 1, max_concurrency: 1, max_retries: 0 });
    const { promise, resolve } = Promise.withResolvers<void>();
    fixture.order(async () => {
      await promise;
      return {};
    });
    await fixture.send({ body: 1 }, { body: 2 });
    await eventually(() => expect(fixture.batches).toHaveLength(1));
    expect((await fixture.upload(`${WORKER}\n// another version`)).status).toBe(200);
    await fixture.api("POST", `/queues/${fixture.queueId}/messages`, { body: 3 });
    resolve();
    await eventually(() => expect(fixture.seen().map(({ body }) => body)).toEqual([1, 2, 3]));
  });

  it("that cuts a batch brings it again without counting an attempt", { timeout: 120_000 }, async () => {
    const fixture = await start({ max_retries: 0 });
    fixture.order(() => ({ hangs: fixture.batches.length === 1 }));
    await fixture.send({ body: "x" });
    await eventually(() => expect(fixture.batches).toHaveLength(1));
    expect((await fixture.upload(`${WORKER}\n// another version`)).status).toBe(200);
    await eventually(() => expect(fixture.seen().map(({ attempts }) => attempts)).toEqual([1, 1]));
  });
});

it("keeps messages for a consumer that was deployed with a syntax error, until it runs", async () => {
  const fixture = await start({ max_retries: 0 });
  const { result } = await fixture.api<{ consumer_id: string }[]>("GET", `/queues/${fixture.queueId}/consumers`);
  const path = `/queues/${fixture.queueId}/consumers/${String(result[0]?.consumer_id)}`;
  await fixture.api("DELETE", path);
  expect((await fixture.api("DELETE", "/workers/scripts/w")).status).toBe(200);
  const refused = await fixture.upload("export default { queue() { this is no code } }");
  expect(refused.status).toBe(400);
  const consumer = { type: "worker", script_name: "w", settings: { max_wait_time_ms: 0 } };
  expect(await fixture.api("POST", `/queues/${fixture.queueId}/consumers`, consumer)).toMatchObject({ status: 404 });
  await fixture.api("POST", `/queues/${fixture.queueId}/messages`, { body: "waits" });
  expect((await fixture.upload()).status).toBe(200);
  await fixture.api("POST", `/queues/${fixture.queueId}/consumers`, consumer);
  await eventually(() => expect(fixture.seen().map(({ body, attempts }) => [body, attempts])).toEqual([["waits", 1]]));
});

it("names a damaged file of messages, leaves it, and starts all the same", async () => {
  const directory = mkdtempSync(join(tmpdir(), "local-cloud-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const first = await startQueueCloud(null, { directory });
  await first.api("POST", `/queues/${first.queueId}/messages`, { body: "x" });
  await first.close();
  const file = join(directory, "queues", `${first.accountId}.sqlite`);
  writeFileSync(file, "no database");
  const told = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => told.mockRestore());
  const second = await startQueueCloud(null, { directory });
  onTestFinished(() => second.close());
  expect((await second.api("GET", "/queues")).status).toBe(200);
  expect((await second.api("POST", `/queues/${second.queueId}/messages`, { body: "x" })).status).toBe(500);
  expect(told.mock.calls.flat().join()).toContain(`${file} cannot be read`);
  expect(readFileSync(file, "utf8")).toBe("no database");
});

it("wakes a sleeping account when a delay is over", async () => {
  const fixture = await startQueueCloud({}, { idleAfter: 300 });
  onTestFinished(() => fixture.close());
  await fixture.api("POST", `/queues/${fixture.queueId}/messages`, { body: "later", delay_seconds: 60 });
  const states = () => fixture.cloud.activity.recent().map((one) => (one.type === "runtime" ? one.state : ""));
  await (await fetch(String(fixture.cloud.workerUrl(fixture.accountId, "w")))).text();
  await eventually(() => expect(states()).toContain("stopped"));
  fixture.cloud.clock.advance(60_000);
  await eventually(() => expect(fixture.seen().map(({ body }) => body)).toEqual(["later"]));
});

it("keeps messages for a consumer whose Worker is gone, without counting attempts", async () => {
  const fixture = await start({ max_retries: 0 });
  expect(await fixture.api("DELETE", "/workers/scripts/w")).toMatchObject({
    status: 400,
    errors: [{ message: expect.stringContaining("queue jobs") as string }],
  });
  expect((await fixture.api("DELETE", "/workers/scripts/w?force=true")).status).toBe(200);
  await fixture.api("POST", `/queues/${fixture.queueId}/messages`, { body: "waits" });
  expect((await fixture.upload()).status).toBe(200);
  await eventually(() => expect(fixture.seen().map(({ body, attempts }) => [body, attempts])).toEqual([["waits", 1]]));
});

interface SpawnedCloud {
  child: ChildProcess;
  apiUrl: string;
  token: string;
  accountId: string;
}

/** A cloud in a process of its own, which can be killed. */
async function spawnCloud(directory: string, outbound: string): Promise<SpawnedCloud> {
  const source = `import { createCloud } from ${JSON.stringify(new URL("../../cloud.ts", import.meta.url).href)};
    const cloud = await createCloud({ directory: ${JSON.stringify(directory)}, port: 0, allowOutbound: ["${outbound}"] });
    const account = cloud.account({ name: "test", plan: "paid" });
    console.log(JSON.stringify({ apiUrl: cloud.apiUrl, token: cloud.token, accountId: account.id }));
    process.once("SIGTERM", () => void cloud.close().then(() => process.exit(0)));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  });
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  return { child, ...(JSON.parse(line.toString()) as Omit<SpawnedCloud, "child">) };
}
