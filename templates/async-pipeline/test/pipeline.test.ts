import { beforeAll, describe, expect, it, vi } from "vitest";
import { api, classifying, getBatch, migrate, submit } from "./http-harness.ts";

beforeAll(migrate);

describe("a batch", () => {
  it("goes from its items to their results by itself", async () => {
    const batch = await submit(classifying(Array.from({ length: 25 }, (_, i) => `text ${i}`)));
    const done = await vi.waitFor(
      async () => {
        const now = await getBatch(batch.id);
        expect(now.status).toBe("done");
        return now;
      },
      { timeout: 30_000, interval: 50 },
    );
    expect(done.counts).toEqual({ total: 25, waiting: 0, released: 0, done: 25, dead: 0, cancelled: 0 });
    expect(done.model).toMatchObject({ calls: 3, calls_saved: 22, input_tokens: 21 });
    const lines = (await (await api("GET", `/v1/batches/${batch.id}/results`)).text()).trim().split("\n");
    expect(lines).toHaveLength(25);
    expect(JSON.parse(lines[7] ?? "")).toMatchObject({ position: 7, result: { label: "positive", tags: [] } });
  });
});
