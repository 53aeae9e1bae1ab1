import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { WRANGLER, wranglerEnvironment } from "../../wrangler-fixture.ts";
import { startQueueCloud, WORKER } from "./queue-fixture.ts";

it("does with wrangler what wrangler can do with queues", { timeout: 180_000 }, async () => {
  const fixture = await startQueueCloud(null);
  onTestFinished(() => fixture.close());
  const project = join(fixture.directory, "project");
  mkdirSync(project);
  writeFileSync(join(project, "index.js"), WORKER);
  const queues = {
    producers: [{ queue: "orders", binding: "JOBS", delivery_delay: 0 }],
    consumers: [
      { queue: "orders", max_batch_size: 3, max_batch_timeout: 1, dead_letter_queue: "orders-dead", retry_delay: 2 },
    ],
  };
  const config = { name: "shop", main: "index.js", compatibility_date: "2026-07-01", workers_dev: true, queues };
  writeFileSync(join(project, "wrangler.json"), JSON.stringify(config));
  const wrangler = async (...args: string[]) => {
    const running = promisify(execFile)(process.execPath, [WRANGLER, ...args], {
      cwd: project,
      env: wranglerEnvironment(fixture, fixture.directory),
    });
    running.child.stdin?.end();
    return (await running).stdout;
  };
  const described = async (name: string) =>
    (await fixture.api<Record<string, unknown>[]>("GET", `/queues?name=${name}`)).result[0];

  expect(await wrangler("queues", "create", "orders")).toContain("Created queue 'orders'");
  // Side by side, since wrangler takes its time to start.
  const [again, list, deployed, pull] = await Promise.allSettled([
    wrangler("queues", "create", "orders"),
    wrangler("queues", "list"),
    wrangler("deploy"),
    wrangler("queues", "consumer", "http", "add", "jobs", "--visibility-timeout-secs", "5"),
  ]);
  expect(again).toMatchObject({
    status: "rejected",
    reason: { message: expect.stringMatching(/already taken/) as string },
  });
  expect(list).toMatchObject({ value: expect.stringMatching(/jobs[\s\S]*orders/) as string });
  expect(deployed).toMatchObject({ value: expect.stringContaining("Consumer for orders") as string });
  expect(pull).toMatchObject({ status: "fulfilled" });
  expect(await described("orders")).toMatchObject({
    producers: [{ script: "shop" }],
    consumers: [
      { script: "shop", dead_letter_queue: "orders-dead", settings: { batch_size: 3, max_wait_time_ms: 1000 } },
    ],
  });
  expect(await described("jobs")).toMatchObject({
    consumers: [{ type: "http_pull", settings: { visibility_timeout_ms: 5000 } }],
  });

  const [info] = await Promise.all([
    wrangler("queues", "info", "orders"),
    wrangler("queues", "pause-delivery", "orders"),
    wrangler("queues", "consumer", "http", "remove", "jobs"),
  ]);
  expect(info).toMatch(/Number of Consumers: 1/);
  expect(await described("orders")).toMatchObject({ settings: { delivery_paused: true } });
  expect(await described("jobs")).toMatchObject({ consumers: [] });

  await fixture.api("POST", `/queues/${fixture.queueId}/messages`, { body: "x" });
  const [, purged] = await Promise.all([
    wrangler("queues", "resume-delivery", "orders"),
    wrangler("queues", "purge", "jobs", "--force"),
    wrangler("queues", "consumer", "remove", "orders", "shop"),
  ]);
  expect(purged).toContain("Purged Queue 'jobs'");
  expect((await fixture.api("GET", `/queues/${fixture.queueId}/metrics`)).result).toMatchObject({ backlog_count: 0 });
  expect(await described("orders")).toMatchObject({ settings: { delivery_paused: false }, consumers: [] });

  await Promise.all([
    wrangler("queues", "consumer", "add", "orders", "shop", "--batch-size", "1"),
    wrangler("queues", "delete", "jobs"),
  ]);
  expect(await described("orders")).toMatchObject({ consumers: [{ script: "shop", settings: { batch_size: 1 } }] });
  expect(await described("jobs")).toBeUndefined();
});
