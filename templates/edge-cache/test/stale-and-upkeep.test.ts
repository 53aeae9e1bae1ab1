import { env } from "cloudflare:workers";
import { beforeAll, expect, it, vi } from "vitest";
import { colo } from "../src/cache/colo-level.ts";
import type { CacheEntry } from "../src/cache/entry.ts";
import worker from "../src/index.ts";
import { api, ask, callsWith, forgetMemory, migrate, newQuestion } from "./harness.ts";

beforeAll(migrate);

it("serves an answer past its lifetime once more, and makes it anew meanwhile", async () => {
  const question = newQuestion();
  const first = await ask(question, {}, { headers: { "x-cache-ttl": "60" } });
  const key = first.headers.get("x-cache-key") ?? "";
  await vi.waitFor(async () => expect(await colo.get("default", key)).not.toBeNull(), 30_000);
  const place = `answer/default/${key}`;
  const entry = await env.ANSWERS.get<CacheEntry>(place, "json");
  await env.ANSWERS.put(place, JSON.stringify({ ...entry, storedAt: Date.now() - 120_000 }));
  await colo.delete("default", key);
  forgetMemory();
  const stale = await ask(question);
  expect(stale).toMatchObject({ cache: "stale", text: first.text });
  expect(Number(stale.headers.get("age"))).toBeGreaterThanOrEqual(120);
  await vi.waitFor(async () => {
    const again = await ask(question);
    expect(again.cache).toBe("hit-exact");
    expect(again.text).not.toBe(first.text);
  }, 30_000);
  expect(await callsWith(question)).toBe(2);
});

it("is not led astray by what lies in KV under a key: only an entry of this tenant and key counts", async () => {
  const question = newQuestion();
  const first = await ask(question);
  const key = first.headers.get("x-cache-key") ?? "";
  await vi.waitFor(async () => expect(await colo.get("default", key)).not.toBeNull(), 30_000);
  await colo.delete("default", key);
  const stored = await env.ANSWERS.get(`answer/default/${key}`);
  const entry = JSON.parse(stored?.replaceAll("Answer", "Poison") ?? "") as CacheEntry; // as it was written
  await env.ANSWERS.put(`answer/default/${key}`, JSON.stringify({ ...entry, tenant: "ann" }));
  forgetMemory();
  // Its flight still has it.
  const only = { headers: { "cache-control": "only-if-cached" } };
  expect(await ask(question, {}, only)).toMatchObject({ cache: "hit-exact", text: first.text });
});

it("does not serve after a purge what KV still shows, and has the new answer although KV does not show it", async () => {
  const question = newQuestion();
  const first = await ask(question, {}, { headers: { "x-cache-tags": "stale-kv" } });
  const key = first.headers.get("x-cache-key") ?? "";
  const place = `answer/default/${key}`;
  await vi.waitFor(async () => expect(await colo.get("default", key)).not.toBeNull(), 30_000);
  const before = (await env.ANSWERS.get(place)) ?? "";
  // As at a location that has read it before: for a minute it sees neither the purge nor the new answer.
  const elsewhere = async () => {
    await Promise.all([env.ANSWERS.put(place, before), colo.delete("default", key)]);
    forgetMemory();
  };
  expect((await api("POST", "/v1/cache/purge", { body: { tags: ["stale-kv"] } })).status).toBe(200);
  await elsewhere();
  const second = await ask(question);
  expect(second).toMatchObject({ status: 200, cache: "miss" });
  expect(second.text).not.toBe(first.text);
  await vi.waitFor(async () => expect(await colo.get("default", key)).not.toBeNull(), 30_000);
  await elsewhere();
  expect(await ask(question)).toMatchObject({ cache: "hit-exact", text: second.text });
  expect(await callsWith(question)).toBe(2);
});

it("forgets by cron what purges left behind, once nothing older can be kept", async () => {
  const insert = env.DB.prepare(
    "INSERT INTO generations (tenant, scope, generation, raised_at) VALUES ('eve', ?1, 1, ?2)",
  );
  const day = 86_400_000;
  await env.DB.batch([insert.bind("tag:old", Date.now() - 32 * day), insert.bind("tag:new", Date.now() - 30 * day)]);
  await worker.scheduled({} as ScheduledController, env); // it looks at nothing of it
  const { results } = await env.DB.prepare("SELECT scope FROM generations WHERE tenant = 'eve'").all();
  expect(results).toEqual([{ scope: "tag:new" }]);
});
