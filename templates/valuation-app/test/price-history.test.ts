import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { readUsage } from "@tenner/worker-kit/ledger";
import { Settings } from "@tenner/worker-kit/settings";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { PriceHistoryStore } from "../src/adapters/price-history-store.ts";
import { consumeReappraisals, sendDueReappraisals } from "../src/reappraisal.ts";
import { api, asked, type Body, keyOf, migrate, thing, value } from "./harness.ts";

beforeAll(migrate);
afterEach(() => {
  vi.useRealTimers();
});

const DAY = 86_400_000;
const history = new PriceHistoryStore(env.DB);

async function followed(words = ""): Promise<Body> {
  const made = await value(thing(`[[no-picture]] ${words}`));
  expect((await api("PUT", `/v1/valuations/${made.id}/following`)).status).toBe(204);
  return made;
}

/** What the queue does with a thing's message. */
async function deliver(fingerprint: string, bound: Env = env) {
  const batch = createMessageBatch("valuation-app-reappraisals", [
    { id: fingerprint, timestamp: new Date(), attempts: 1, body: { fingerprint } },
  ]);
  await consumeReappraisals(batch, bound);
  const { explicitAcks, retryMessages } = await getQueueResult(batch, createExecutionContext());
  return explicitAcks.length === 1 ? "done" : retryMessages.length === 1 ? "again" : "nothing";
}

const prices = async (id: string) =>
  (await api("GET", `/v1/valuations/${id}/prices`, { key: null })).json<{
    followed: boolean;
    every_days: number;
    prices: { price_usd: number; model: string | null }[];
  }>();

describe("a followed valuation", () => {
  it("is appraised again after a week, once for all who follow the same, and its prices are kept", async () => {
    const first = await followed();
    const second = await value(first.description);
    expect((await api("PUT", `/v1/valuations/${second.id}/following`)).status).toBe(204);
    expect(await history.due(Date.now() + 6 * DAY, 10)).not.toContain(first.fingerprint);
    vi.setSystemTime(Date.now() + 7 * DAY + 1_000);
    expect(await history.due(Date.now(), 10)).toContain(first.fingerprint);
    expect(await deliver(first.fingerprint)).toBe("done");
    // The same message once more costs nothing.
    expect(await deliver(first.fingerprint)).toBe("done");
    expect(await asked(first.description)).toMatchObject({ calls: 2 });
    for (const { id } of [first, second]) {
      const course = await prices(id);
      expect(course).toMatchObject({ followed: true, every_days: 7 });
      expect(course.prices.map(({ price_usd }) => price_usd)).toEqual([1250.5, 1250.5]);
    }
    expect(await history.due(Date.now(), 10)).not.toContain(first.fingerprint);
  });

  it("is sent to the queue when it is due, and not again before a day is over", async () => {
    const { fingerprint } = await followed();
    const sendBatch = vi.fn<(messages: Iterable<MessageSendRequest>) => Promise<void>>(() => Promise.resolve());
    const bound = { ...env, REAPPRAISALS: { sendBatch } } as unknown as Env; // only what is called
    const at = Date.now() + 8 * DAY;
    await sendDueReappraisals(bound, at);
    const sent = sendBatch.mock.calls.flatMap(([messages]) => [...messages].map(({ body }) => body));
    expect(sent).toContainEqual({ fingerprint });
    expect(await sendDueReappraisals(bound, at)).toBe(0);
    expect(await history.due(at + DAY, 100)).toContain(fingerprint);
  });

  it("is still due when the queue does not take it", async () => {
    const { fingerprint } = await followed();
    const sendBatch = () => Promise.reject(new Error("queue is away"));
    expect(
      await sendDueReappraisals({ ...env, REAPPRAISALS: { sendBatch } } as unknown as Env, Date.now() + 30 * DAY),
    ).toBe(0);
    expect(await history.due(Date.now() + 30 * DAY, 100)).toContain(fingerprint);
  });

  it("gets no price from nobody: a model that is down is tried again, prose waits a day", async () => {
    const down = await followed("[[fail]]");
    const prose = await followed("[[garbage]]");
    expect(await deliver(down.fingerprint)).toBe("again");
    expect(await deliver(prose.fingerprint)).toBe("done");
    expect((await prices(down.id)).prices).toMatchObject([{ model: null }]);
    expect((await prices(prose.id)).prices).toHaveLength(1);
  });

  it("is appraised within its part of the budget only, whatever is left of the whole", async () => {
    const made = await followed();
    const SETTINGS = { ...env.SETTINGS, valuation: { reappraisal: { budgetShare: 0.000_000_1 } } };
    expect(await deliver(made.fingerprint, { ...env, SETTINGS })).toBe("done");
    expect((await prices(made.id)).prices).toHaveLength(1);
    expect(await deliver(made.fingerprint)).toBe("done");
    expect((await prices(made.id)).prices).toHaveLength(2);
    const { budget } = Settings.parse(env.SETTINGS);
    const usage = await readUsage({ database: env.LEDGER, budget, now: Date.now }, { scope: "stack" });
    const background = usage.by_tenant?.find(({ name }) => name === "valuation-app:background");
    expect(background?.spent_usd).toBeGreaterThan(0);
  });

  it("is its owner’s to follow and to stop following; nothing is asked for what nobody follows", async () => {
    const made = await followed();
    const key = await keyOf("another-tenant");
    for (const method of ["PUT", "DELETE"]) {
      expect((await api(method, `/v1/valuations/${made.id}/following`, { key })).status).toBe(404);
    }
    expect((await api("DELETE", `/v1/valuations/${made.id}/following`)).status).toBe(204);
    expect(await prices(made.id)).toMatchObject({ followed: false });
    expect(await deliver(made.fingerprint)).toBe("done");
    expect(await asked(made.description)).toMatchObject({ calls: 1 });
  });

  it("takes its prices along when it is deleted, if nobody else has the same", async () => {
    const made = await followed();
    await deliver(made.fingerprint);
    expect(await history.pricesSince(made.fingerprint, 0)).toHaveLength(1);
    await api("DELETE", `/v1/valuations/${made.id}`);
    expect(await history.pricesSince(made.fingerprint, 0)).toEqual([]);
    expect(await history.thingOf(made.fingerprint)).toBeNull();
  });

  it("is listed with all its prices, and when a model is asked again; what nobody ever followed is not", async () => {
    const made = await followed();
    const other = await value(thing("[[no-picture]]"));
    const ids = [made.id, other.id];
    const before = await history.coursesOf(ids);
    expect(before.get(made.id)?.points).toEqual([]);
    expect(before.get(made.id)?.dueAt).toBeGreaterThan(Date.now() + 6 * DAY);
    vi.setSystemTime(Date.now() + 7 * DAY);
    await deliver(made.fingerprint);
    await api("DELETE", `/v1/valuations/${made.id}/following`);
    const courses = await history.coursesOf(ids);
    expect([...courses.keys()]).toEqual([made.id]);
    expect(courses.get(made.id)).toMatchObject({ dueAt: null, points: [{ priceCents: 125_050, standIn: false }] });
  });

  it("is one of so many at most", async () => {
    const made = await value(thing("[[no-picture]]"));
    const most = { at: 0, dueAt: 0, most: 1 };
    const owner = "tenant:default";
    expect(await history.follow(owner, made.id, { ...most, most: 0 })).toBe("too_many");
    expect(await history.follow(owner, made.id, { ...most, most: 1_000 })).toBe("followed");
    expect(await history.follow(owner, made.id, most)).toBe("followed");
  });
});
