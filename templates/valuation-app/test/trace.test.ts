import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { ValuationStore } from "../src/adapters/valuation-store.ts";
import type { HopName, Trace } from "../src/domain/trace.ts";
import { asked, type Body, migrate, open, thing, value } from "./harness.ts";

beforeAll(migrate);

async function traceOf({ id }: Body): Promise<Trace> {
  const trace = await new ValuationStore(env.DB).findTrace(id);
  if (!trace) throw new Error(`there is no trace of ${id}`);
  return trace;
}

const hops = (trace: Trace, name: HopName) => trace.filter((each) => each.name === name);
const costUsd = (trace: Trace) => trace.reduce((sum, { costNano = 0 }) => sum + costNano, 0) / 1e9;

describe("what is measured while a valuation is made", () => {
  it("is every wait of it, with what the caches said, who answered, and what the ledger counts", async () => {
    const description = thing("[[gate:traced]]");
    const pending = value(description, {}, { "idempotency-key": crypto.randomUUID() });
    await vi.waitFor(async () => expect(await asked(description)).toMatchObject({ calls: 1 }), 15_000);
    await open("traced");
    const made = await pending;
    const trace = await traceOf(made);
    expect(trace.map(({ name, state }) => `${name} ${state}`).sort()).toEqual([
      "answer-keep done",
      "answer-lookup miss",
      "appraiser miss",
      "model done",
      "picture-keep done",
      "picture-lookup miss",
      "picture-model done",
      "picture-reserve done",
      "picture-settle done",
      "picture-store done",
      "reserve done",
      "settle done",
      "submission-lookup miss",
    ]);
    const [model] = hops(trace, "model");
    expect(model).toMatchObject({ model: "@cf/meta/llama-3.1-8b-instruct-fast", gatewayCache: "miss" });
    // Waits within the object are within the wait for it.
    const [whole] = hops(trace, "appraiser");
    expect(model?.startMs).toBeGreaterThanOrEqual(whole?.startMs ?? Number.POSITIVE_INFINITY);
    expect(model?.tookMs).toBeLessThanOrEqual(whole?.tookMs ?? 0);
    expect(hops(trace, "settle")[0]?.costNano).toBeGreaterThan(0);
    expect(costUsd(trace)).toBeCloseTo(made.cost_usd, 9);
  });

  it("is one look into KV when an answer is kept there", async () => {
    const description = thing("[[no-picture]]");
    await value(description);
    expect(await traceOf(await value(description))).toMatchObject([{ name: "answer-lookup", state: "hit" }]);
  });

  it("is the object’s wait alone for who joins, and nothing is on their bill", async () => {
    const description = thing("[[no-picture]] [[gate:joined]]");
    const crowd = [value(description), value(description)];
    await vi.waitFor(async () => expect(await asked(description)).toMatchObject({ calls: 1 }), 15_000);
    await open("joined");
    const joined = (await Promise.all(crowd)).find(({ cache }) => cache === "joined");
    if (!joined) throw new Error("nobody joined");
    const trace = await traceOf(joined);
    expect(trace.map(({ name }) => name)).toEqual(["answer-lookup", "appraiser"]);
    expect(joined.cost_usd).toBe(0);
  });

  it("has both calls of a repair, and what prose has cost although it came to nothing", async () => {
    const repaired = await traceOf(await value(thing("[[no-picture]] [[garbage-once]]")));
    expect(hops(repaired, "model")).toHaveLength(2);
    const prose = await value(thing("[[no-picture]] [[garbage]]"));
    const trace = await traceOf(prose);
    expect(hops(trace, "settle")).toHaveLength(2);
    expect(prose.cost_usd).toBeGreaterThan(0);
    expect(costUsd(trace)).toBeCloseTo(prose.cost_usd, 9);
  });

  it("says what failed, and keeps nothing of it", async () => {
    const trace = await traceOf(await value(thing("[[no-picture]] [[fail]]")));
    expect(hops(trace, "model")).toMatchObject([{ state: "failed" }]);
    expect(hops(trace, "picture-model")).toMatchObject([{ state: "failed" }]);
    expect(hops(trace, "answer-keep")).toEqual([]);
  });
});
