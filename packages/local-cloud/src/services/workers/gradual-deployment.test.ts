import { describe, expect, it, vi } from "vitest";
import { type CloudFixture, startTestCloud, uploadForm } from "../../cloud-fixture.ts";
import type { VersionsOverview } from "./version-figure-routes.ts";

/** A Worker that says which version it is, in its own words and by its binding; `/object` asks its Durable Object. */
const worker = (name: string) => `
import { DurableObject } from "cloudflare:workers";
export class Counter extends DurableObject {
  async fetch() {
    const count = ((await this.ctx.storage.get("count")) ?? 0) + 1;
    await this.ctx.storage.put("count", count);
    return Response.json({ name: "${name}", id: this.env.VERSION.id, count });
  }
}
export default { async fetch(request, env) {
  const { pathname } = new URL(request.url);
  if (pathname === "/object") return env.COUNTERS.get(env.COUNTERS.idFromName("one")).fetch(request);
  if (pathname === "/fails" && "${name}" === "two") return new Response("no", { status: 503 });
  return Response.json({ name: "${name}", id: env.VERSION.id });
} };`;

const bindings = [
  { type: "version_metadata", name: "VERSION" },
  { type: "durable_object_namespace", name: "COUNTERS", class_name: "Counter" },
];
const migrations = { new_tag: "v1", steps: [{ new_sqlite_classes: ["Counter"] }] };

/** Two versions of the Worker `w`, the first of which is deployed. */
async function twoVersions() {
  const fixture = await startTestCloud();
  await fixture.upload("w", worker("one"), { bindings, migrations });
  const uploaded = await fixture.api<{ id: string }>(
    "POST",
    "/workers/scripts/w/versions",
    uploadForm(worker("two"), { bindings }),
  );
  const list = await fixture.api<{ items: { id: string }[] }>("GET", "/workers/scripts/w/versions");
  const [two = "", one = ""] = list.result.items.map(({ id }) => id);
  expect(uploaded.result.id).toBe(two);
  const split = async (share: number) => {
    const shares = [
      { version_id: two, percentage: share },
      { version_id: one, percentage: 100 - share },
    ].filter(({ percentage }) => percentage > 0 || share === 0);
    const versions = share === 100 ? shares.slice(0, 1) : shares;
    const answer = await fixture.api("POST", "/workers/scripts/w/deployments", { strategy: "percentage", versions });
    expect(answer.status, answer.body).toBe(200);
  };
  const ask = async (path = "/", headers: Record<string, string> = {}) =>
    (await (await fixture.fetch("w", path, { headers })).json()) as { name: string; id: string; count?: number };
  return { ...fixture, one, two, split, ask };
}

async function figures({ cloud, accountId }: CloudFixture): Promise<VersionsOverview> {
  const response = await fetch(`${cloud.url}/_local/workers/versions?account=${accountId}&script=w`, {
    headers: { authorization: `Bearer ${cloud.token}` },
  });
  return (await response.json()) as VersionsOverview; // what the route answers
}

const key = (text: string) => ({ "cloudflare-workers-version-key": text });
const override = (id: string) => ({ "cloudflare-workers-version-overrides": `w="${id}"` });

describe("a gradual deployment", () => {
  it("keeps a caller with a key at one version, moves it once only, and each version knows its own id", async () => {
    const { ask, split, one, two } = await twoVersions();
    const callers = Array.from({ length: 30 }, (_, number) => `caller ${number}`);
    const answers = () => Promise.all(callers.map(async (caller) => (await ask("/", key(caller))).name));
    await split(30);
    const before = await answers();
    expect(new Set(before)).toEqual(new Set(["one", "two"]));
    expect(await answers()).toEqual(before);
    expect((await ask("/", override(one))).id).toBe(one);
    expect((await ask("/", override(two))).id).toBe(two);
    await split(70);
    const after = await answers();
    expect(after.filter((name) => name === "two").length).toBeGreaterThan(
      before.filter((name) => name === "two").length,
    );
    expect(before.filter((name, caller) => name === "two" && after[caller] !== "two")).toEqual([]);
  });

  it("asks a version without a share when it is named, and never otherwise", async () => {
    const { ask, split, two } = await twoVersions();
    await split(0);
    expect(await ask("/", override(two))).toEqual({ name: "two", id: two });
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask()));
    expect(new Set(answers.map(({ name }) => name))).toEqual(new Set(["one"]));
  });

  it("runs Durable Objects in the version with the larger share, with their data, whichever version asks", async () => {
    const { ask, split, one, two } = await twoVersions();
    expect(await ask("/object")).toMatchObject({ name: "one", count: 1 });
    await split(50);
    expect(await ask("/object", override(two))).toEqual({ name: "one", id: one, count: 2 });
    await split(60);
    expect(await ask("/object", override(one))).toEqual({ name: "two", id: two, count: 3 });
    await split(100);
    expect(await ask("/object")).toMatchObject({ name: "two", count: 4 });
  });

  it("counts requests, errors and durations of each version since the deployment", async () => {
    const { ask, split, one, two, fetch: ask503, ...fixture } = await twoVersions();
    await ask();
    expect((await figures({ ...fixture, fetch: ask503 })).versions).toMatchObject([{ id: one, requests: 1 }]);
    await split(50);
    for (const _ of [1, 2, 3]) await ask("/", override(one));
    await ask("/", override(two));
    expect((await ask503("w", "/fails", { headers: override(two) })).status).toBe(503);
    await vi.waitFor(async () => {
      const { deployment, versions } = await figures({ ...fixture, fetch: ask503 });
      expect(deployment?.id).toMatch(/^[0-9a-f-]{36}$/);
      expect(versions).toEqual([
        expect.objectContaining({ id: one, number: 1, percentage: 50, requests: 3, errors: 0 }),
        expect.objectContaining({ id: two, number: 2, percentage: 50, requests: 2, errors: 1 }),
      ]);
      expect(versions.every(({ p95Ms }) => p95Ms !== null && p95Ms > 0)).toBe(true);
    }, 30_000);
    await split(100);
    expect((await figures({ ...fixture, fetch: ask503 })).versions).toMatchObject([{ id: two, requests: 0 }]);
  });

  it("changes shares without a reload while the larger one stays the larger one", async () => {
    const { ask, split, cloud } = await twoVersions();
    await split(10);
    await ask();
    const reloads = () => cloud.activity.recent().filter((one) => one.type === "runtime").length;
    const before = reloads();
    await split(40);
    await ask();
    expect(reloads()).toBe(before);
    await split(60);
    await ask();
    expect(reloads()).toBe(before + 1);
  });

  it("fails no request while it begins, goes on, ends and goes back", async () => {
    const { split, fetch: ask } = await twoVersions();
    const statuses = new Map<number, number>();
    let busy = true;
    const caller = async () => {
      while (busy) {
        // A POST is never sent again by the front door on its own account.
        const { status } = await ask("w", "/", { method: "POST" });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    const callers = Array.from({ length: 8 }, caller);
    for (const share of [10, 50, 100, 0, 60]) await split(share).then(() => ask("w"));
    busy = false;
    await Promise.all(callers);
    expect([...statuses.keys()]).toEqual([200]);
    expect(statuses.get(200)).toBeGreaterThan(50);
  });

  it("refuses versions on two sides of a Durable Object migration", async () => {
    const { api, upload, one } = await twoVersions();
    const more = worker("three").replace("export class Counter", "export class Other extends DurableObject {}\n$&");
    const third = await upload("w", more, {
      bindings,
      migrations: { old_tag: "v1", new_tag: "v2", steps: [{ new_sqlite_classes: ["Other"] }] },
    });
    expect(third.status, third.body).toBe(200);
    const list = await api<{ items: { id: string }[] }>("GET", "/workers/scripts/w/versions");
    const versions = [one, list.result.items[0]?.id].map((id) => ({ version_id: id, percentage: 50 }));
    const refused = await api("POST", "/workers/scripts/w/deployments", { strategy: "percentage", versions });
    expect([refused.status, refused.errors[0]?.message]).toEqual([400, expect.stringContaining("migration")]);
  });
});
