import { beforeAll, describe, expect, it } from "vitest";
import { api, ask, booked, callsWith, keyOf, migrate, newQuestion } from "./harness.ts";

let ann = "";
let bob = "";

beforeAll(async () => {
  await migrate();
  [ann, bob] = [await keyOf("ann"), await keyOf("bob")];
});

const purge = (body: object, key?: string) => api("POST", "/v1/cache/purge", { body, key });

describe("another tenant", () => {
  it("never gets a tenant's answer, whatever its headers say", async () => {
    const question = newQuestion();
    const mine = await ask(question, {}, { key: ann });
    const headers = {
      "x-tenant": "ann",
      "x-cache-key": mine.headers.get("x-cache-key") ?? "",
      "cf-aig-cache-key": mine.headers.get("x-cache-key") ?? "",
    };
    const theirs = await ask(question, { user: "ann", metadata: { tenant: "ann" } }, { key: bob, headers });
    expect(theirs.cache).toBe("miss");
    expect(theirs.text).not.toBe(mine.text);
    expect(theirs.headers.get("x-cache-key")).not.toBe(mine.headers.get("x-cache-key"));
    expect((await ask(question, {}, { key: ann })).text).toBe(mine.text);
    expect(await callsWith(question)).toBe(2);
    const payers = new Set((await booked()).map(({ tenant }) => tenant));
    expect([...payers].toSorted()).toEqual(["ann", "bob"]);
  });

  it("does not wait for a tenant's answer either", async () => {
    const question = newQuestion();
    const answers = await Promise.all([ann, bob, ann, bob].map((key) => ask(question, {}, { key })));
    expect(answers[0]?.text).not.toBe(answers[1]?.text);
    expect(await callsWith(question)).toBe(2);
  });

  it("cannot purge what is not its own", async () => {
    const question = newQuestion();
    const mine = await ask(question, {}, { key: ann, headers: { "x-cache-tags": "docs" } });
    const keys = [mine.headers.get("x-cache-key")];
    expect((await purge({ keys }, bob)).status).toBe(200);
    expect((await purge({ tags: ["docs"] }, bob)).status).toBe(200);
    expect((await purge({ all: true }, bob)).status).toBe(200);
    expect((await purge({ all: true, tenant: "ann" }, bob)).status).toBe(403);
    expect(await ask(question, {}, { key: ann })).toMatchObject({ cache: "hit-exact", text: mine.text });
  });

  it("does not see a tenant's counts", async () => {
    const carol = await keyOf("carol");
    await ask(newQuestion(), {}, { key: carol });
    const stats = async (key: string) => (await api("GET", "/stats", { key })).json<{ requests: number }>();
    expect(await stats(carol)).toMatchObject({ requests: 1, misses: 1, hits: 0 });
    expect(await stats(await keyOf("dave"))).toMatchObject({ requests: 0, hit_rate: null });
  });
});

describe("a purge", () => {
  const kept = async (headers?: Record<string, string>) => {
    const question = newQuestion();
    const { headers: answered } = await ask(question, {}, { key: ann, headers });
    const again = async () => (await ask(question, {}, { key: ann })).cache;
    expect(await again()).toBe("hit-exact");
    return { key: answered.get("x-cache-key") ?? "", again };
  };

  it("by key ends that answer only", async () => {
    const [one, other] = [await kept(), await kept()];
    expect(await (await purge({ keys: [one.key] }, ann)).json()).toMatchObject({ within_seconds: 5 });
    expect(await one.again()).toBe("miss");
    expect(await other.again()).toBe("hit-exact");
    expect(await one.again()).toBe("hit-exact");
  });

  it("by tag ends the answers that carry it", async () => {
    const tagged = await kept({ "x-cache-tags": "manual, v2" });
    const [other, plain] = [await kept({ "x-cache-tags": "v3" }), await kept()];
    await purge({ tags: ["v2"] }, ann);
    expect([await tagged.again(), await other.again(), await plain.again()]).toEqual([
      "miss",
      "hit-exact",
      "hit-exact",
    ]);
  });

  it("by model ends the answers that it gave, on the route too", async () => {
    const one = await kept();
    await purge({ models: ["@cf/mistralai/mistral-small-3.1-24b-instruct"] }, ann);
    expect(await one.again()).toBe("hit-exact");
    await purge({ models: ["@cf/meta/llama-3.1-8b-instruct-fast"] }, ann);
    expect(await one.again()).toBe("miss");
  });

  it("of all ends everything of the tenant; an admin may do it for another", async () => {
    const [one, other] = [await kept(), await kept()];
    await purge({ all: true, tenant: "ann" });
    expect([await one.again(), await other.again()]).toEqual(["miss", "miss"]);
  });

  it("has to say of what", async () => {
    expect((await purge({}, ann)).status).toBe(400);
    expect((await purge({ keys: ["short"] }, ann)).status).toBe(400);
  });
});
