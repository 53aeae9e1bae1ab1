import { describe, expect, it } from "vitest";
import { startTestCloud } from "../../cloud-fixture.ts";
import { createClock } from "../../index.ts";
import { parseCron } from "./cron.ts";

const LOGGER = `export default { fetch: () => new Response("ok"), scheduled(event) { console.log("ran", event.cron, new Date(event.scheduledTime).toISOString()); } };`;

describe("cron expressions", () => {
  it.each([
    ["*/5 * * * *", "2026-11-21T10:05:00.000Z"],
    ["0 0 1 * *", "2026-12-01T00:00:00.000Z"],
    ["0 12 * * 1", "2026-11-22T12:00:00.000Z"],
    ["0 12 * * SUN", "2026-11-22T12:00:00.000Z"],
    ["59 23 L * *", "2026-11-30T23:59:00.000Z"],
    ["0 18 * * 6L", "2026-11-27T18:00:00.000Z"],
  ])("%s comes next at %s", (expression, next) => {
    const cron = parseCron(expression);
    if (typeof cron === "string") throw new Error(cron);
    expect(new Date(cron.next(Date.parse("2026-11-21T10:02:30Z")) ?? 0).toISOString()).toBe(next);
  });

  it.each(["* * * *", "61 * * * *", "nonsense", "* * * * 9", "* * * * * *"])("refuses %s", (expression) => {
    expect(parseCron(expression)).toBeTypeOf("string");
  });
});

describe("cron triggers", () => {
  it("fire on the cloud's clock", async () => {
    const clock = createClock(Date.parse("2030-01-01T00:00:30Z") - Date.now());
    const { api, cloud, upload } = await startTestCloud({ clock });
    await upload("w", LOGGER);
    expect((await api("PUT", "/workers/scripts/w/schedules", [{ cron: "*/5 * * * *" }])).status).toBe(200);
    const logs = () => cloud.activity.recent().flatMap((one) => (one.type === "log" ? [one.message] : []));
    clock.advance(10 * 60_000);
    await expect.poll(logs, { timeout: 30_000 }).toContain("ran */5 * * * * 2030-01-01T00:10:00.000Z");
    expect(logs().filter((message) => message.startsWith("ran"))).toHaveLength(1);
  });

  it("may write much and send messages: the cloud goes on while a handler runs", async () => {
    const clock = createClock(Date.parse("2030-01-01T00:00:30Z") - Date.now());
    const { api, cloud, upload } = await startTestCloud({ clock });
    await api("POST", "/queues", { queue_name: "q" });
    const code = `export default {
      fetch: () => new Response("ok"),
      async scheduled(event, env) {
        for (let i = 0; i < 900; i++) console.log("line " + i + "x".repeat(240));
        await env.QUEUE.send("from a cron");
      }
    };`;
    const bindings = [{ type: "queue", name: "QUEUE", queue_name: "q" }];
    expect((await upload("w", code, { bindings })).status).toBe(200);
    await api("PUT", "/workers/scripts/w/schedules", [{ cron: "*/5 * * * *" }]);
    const logs = () => cloud.activity.recent().flatMap((one) => (one.type === "log" ? [one.message] : []));
    clock.advance(10 * 60_000);
    await expect.poll(logs, { timeout: 30_000 }).toContain('cron "*/5 * * * *": ran, outcome ok');
  });

  it("are refused when they are wrong or too many, and replaced as a whole", async () => {
    const { api, upload, cloud } = await startTestCloud();
    await upload("w", LOGGER);
    expect((await api("PUT", "/workers/scripts/w/schedules", [{ cron: "nope" }])).errors[0]?.code).toBe(10100);
    await api("PUT", "/workers/scripts/w/schedules", [{ cron: "1 * * * *" }]);
    const { result } = await api<{ schedules: object[] }>("PUT", "/workers/scripts/w/schedules", [
      { cron: "2 * * * *" },
    ]);
    expect(result.schedules).toMatchObject([{ cron: "2 * * * *" }]);
    const free = cloud.account({ name: "free", plan: "free" });
    expect(free.plan).toBe("free");
  });
});
