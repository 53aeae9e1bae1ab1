import { describe, expect, it } from "vitest";
import { upgradeInWaves } from "./upgrade-waves.ts";

const NAMES = ["a", "b", "c", "d", "e"];

/** Upgrades with some that fail, and what was upgraded at the same time. */
async function run(options: { failing?: string[]; canary?: string; stopOnFailure?: boolean; parallel?: number }) {
  const together: string[][] = [];
  let atOnce = 0;
  const result = await upgradeInWaves(NAMES, {
    canary: options.canary,
    parallel: options.parallel ?? 2,
    stopOnFailure: options.stopOnFailure ?? false,
    signal: new AbortController().signal,
    async upgrade(name) {
      if (atOnce === 0) together.push([]);
      atOnce++;
      together.at(-1)?.push(name);
      await Promise.resolve();
      atOnce--;
      return options.failing?.includes(name) ? { ok: false, reason: `${name} broke` } : { ok: true };
    },
  });
  return { ...result, together };
}

describe("upgrading in waves", () => {
  it("lets the canary go alone, then as many as were asked for", async () => {
    const { together, done, failed, notTried } = await run({ canary: "c" });
    expect(together).toEqual([["c"], ["a", "b"], ["d", "e"]]);
    expect([done.length, failed, notTried]).toEqual([5, [], []]);
  });

  it("touches nobody else when the canary fails, even without stopping on failure", async () => {
    const { together, failed, notTried } = await run({ canary: "a", failing: ["a"] });
    expect(together).toEqual([["a"]]);
    expect(failed).toEqual([{ name: "a", reason: "a broke" }]);
    expect(notTried).toEqual(["b", "c", "d", "e"]);
  });

  it("stops after the wave in which one failed, or goes on when it may", async () => {
    const stopped = await run({ canary: "a", failing: ["b"], stopOnFailure: true });
    expect([stopped.done.toSorted((one, other) => one.localeCompare(other)), stopped.notTried]).toEqual([
      ["a", "c"],
      ["d", "e"],
    ]);
    const wentOn = await run({ canary: "a", failing: ["b"] });
    expect([wentOn.failed.map(({ name }) => name), wentOn.notTried]).toEqual([["b"], []]);
  });

  it("without a canary begins with a whole wave, whose failure is not everybody's", async () => {
    const { together, notTried } = await run({ failing: ["a"], parallel: 3 });
    expect(together).toEqual([
      ["a", "b", "c"],
      ["d", "e"],
    ]);
    expect(notTried).toEqual([]);
  });

  it("begins no further wave once it was interrupted", async () => {
    const controller = new AbortController();
    const { done, notTried } = await upgradeInWaves(NAMES, {
      parallel: 2,
      stopOnFailure: true,
      signal: controller.signal,
      async upgrade() {
        controller.abort();
        return { ok: true };
      },
    });
    expect([done, notTried]).toEqual([
      ["a", "b"],
      ["c", "d", "e"],
    ]);
  });
});
