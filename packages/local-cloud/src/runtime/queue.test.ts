import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { createActivityLog } from "../core/activity.ts";
import { createClock } from "../core/clock.ts";
import type { WorkerDefinition } from "../core/worker-definition.ts";
import { Runtime } from "./runtime.ts";

const CODE = `export default {
  async fetch(request, env) {
    await env.JOBS.send({ one: 1 }, { delaySeconds: 3 });
    await env.JOBS.sendBatch([{ body: "two", contentType: "text" }, { body: { three: 3 }, delaySeconds: 5 }]);
    return new Response("sent");
  },
  async queue(batch) {
    for (const message of batch.messages) if (message.body === "later") message.retry({ delaySeconds: 7 }); else message.ack();
  },
};`;

const ACCOUNT = "a".repeat(32);

/** What workerd's binding wants of `/message` and `/batch`. */
const ANSWER = { metadata: { metrics: { backlogCount: 0, backlogBytes: 0, oldestMessageTimestamp: 0 } } };

function worker(directory: string): WorkerDefinition {
  return {
    script: "w",
    versionId: "v",
    versionTag: "",
    versionCreated: "2026-01-01T00:00:00Z",
    percentage: 100,
    mainModule: "index.js",
    countedClasses: [],
    compatibilityDate: "2026-07-01",
    compatibilityFlags: [],
    bindings: { JOBS: { type: "queue", service: "queues", headers: { "x-local-queue": "jobs" } } },
    durableObjects: [],
    // A Worker with assets has Miniflare's own Workers in front of it.
    assets: { directory, contentTypes: {}, runWorkerFirst: true },
    modules: () => [{ name: "index.js", type: "ESModule", contents: new TextEncoder().encode(CODE) }],
  };
}

it("sends to the queues service by workerd's own binding, and delivers batches to the Worker", async () => {
  const directory = mkdtempSync(join(tmpdir(), "local-cloud-"));
  const assets = mkdtempSync(join(tmpdir(), "local-cloud-assets-"));
  const clock = createClock();
  const calls: { path: string; headers: Record<string, unknown>; body: string }[] = [];
  const runtime = await Runtime.start({
    directory,
    clock,
    activity: createActivityLog(() => clock.now()),
    idleAfter: 60_000,
    startupTimeout: 20_000,
    allowOutbound: [],
    source: () => ({ workers: [worker(assets)], resources: [] }),
    handlers: {
      backend(service, request, response) {
        void readText(request).then((body) => {
          calls.push({ path: `${service}${request.url}`, headers: request.headers, body });
          response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(ANSWER));
        });
      },
      analytics: () => {},
      trace: () => {},
      used: () => {},
      host: () => undefined,
    },
  });
  onTestFinished(async () => {
    await runtime.close();
    rmSync(directory, { recursive: true });
    rmSync(assets, { recursive: true });
  });
  const instance = await runtime.account(ACCOUNT).instance();
  const address = await instance.unsafeGetDirectURL("w");
  expect(await (await fetch(address)).text()).toBe("sent");
  expect(calls.map(({ path }) => path)).toEqual(["queues/message", "queues/batch"]);
  expect(calls[0]?.headers).toMatchObject({
    "x-local-queue": "jobs",
    "x-local-account": ACCOUNT,
    "x-local-script": "w",
    "x-msg-fmt": "json",
    "x-msg-delay-secs": "3",
  });
  expect(calls[0]?.body).toBe('{"one":1}');
  const batch = JSON.parse(calls[1]?.body ?? "") as {
    messages: { body: string; contentType?: string; delaySecs?: number }[];
  };
  expect(batch.messages.map(({ body }) => Buffer.from(body, "base64").toString())).toEqual(["two", '{"three":3}']);
  expect(batch.messages).toMatchObject([{ contentType: "text" }, { delaySecs: 5 }]);
  const backlog = { count: 2, bytes: 12, oldest: Date.now() };
  const text = (id: string, body: string, attempts: number) =>
    ({ id, sentAt: Date.now(), attempts, contentType: "text", body: Buffer.from(body) }) as const;
  const messages = [text("m1", "done", 1), text("m2", "later", 2)];
  const { signal } = new AbortController();
  const outcome = await runtime.queue(ACCOUNT, "w", { queue: "jobs", messages, backlog }, signal);
  expect(outcome).toMatchObject({
    outcome: "ok",
    explicitAcks: ["m1"],
    retryMessages: [{ msgId: "m2", delaySeconds: 7 }],
  });
});
