import { expect, it, vi } from "vitest";
import { createFaults, faultRoutes } from "./faults.ts";

it("hits its target as often as it counts, the oldest first", () => {
  const faults = createFaults();
  faults.add({ kind: "fail", target: "a", count: 2 });
  faults.add({ kind: "slow", ms: 5 });
  expect(faults.take("workers-ai", "b")).toMatchObject({ kind: "slow" });
  expect([1, 2, 3].map(() => faults.take("workers-ai", "a")?.kind)).toEqual(["fail", "fail", "slow"]);
  expect(faults.list()).toEqual([{ service: "workers-ai", kind: "slow", ms: 5 }]);
});

it("is set and cleared over HTTP", async () => {
  const faults = createFaults();
  const routes = faultRoutes(faults);
  const post = (body: unknown) => routes.request("/", { method: "POST", body: JSON.stringify(body) });
  expect((await post([{ kind: "hang" }, { kind: "fail" }])).status).toBe(200);
  expect(faults.list()).toHaveLength(2);
  expect((await routes.request("/?service=r2", { method: "DELETE" })).status).toBe(400);
  await routes.request("/?service=workers-ai", { method: "DELETE" });
  expect(faults.list()).toEqual([]);
  for (const wrong of [
    { kind: "explode" },
    { service: "r2", kind: "stale" },
    { kind: "stale" },
    { kind: "fail", sometimes: true },
    "fail",
  ]) {
    expect((await post(wrong)).status).toBe(400);
  }
});

it("leaves the kinds alone that the caller cannot act on", () => {
  const faults = createFaults();
  faults.add({ service: "ai-gateway", kind: "unreachable", count: 1 });
  faults.add({ service: "ai-gateway", kind: "ignore-cap", count: 1 });
  expect(faults.take("ai-gateway", "g", ["ignore-cap"])).toMatchObject({ kind: "ignore-cap" });
  expect(faults.take("ai-gateway", "g", ["ignore-cap"])).toBeUndefined();
  expect(faults.list()).toMatchObject([{ kind: "unreachable" }]);
});

it("hits by chance, each fault by its own", () => {
  const faults = createFaults();
  faults.add({ kind: "fail", percent: 0 });
  faults.add({ kind: "hang", percent: 50 });
  const random = vi.spyOn(Math, "random");
  random.mockReturnValue(0.4);
  expect(faults.take("workers-ai", "m")).toMatchObject({ kind: "hang" });
  random.mockReturnValue(0.6);
  expect(faults.take("workers-ai", "m")).toBeUndefined();
  random.mockRestore();
});
