import { describe, expect, it } from "vitest";
import { Breaker } from "./breaker.ts";

const settings = { breakAfter: 3, breakSeconds: 30 };

function broken(at = 0): Breaker {
  const breaker = new Breaker();
  for (let failure = 0; failure < 3; failure++) breaker.failed(at, settings);
  return breaker;
}

describe("a circuit breaker", () => {
  it("opens after so many failures in a row, and says so once", () => {
    const breaker = new Breaker();
    expect([0, 0, 0, 0].map((at) => breaker.failed(at, settings))).toEqual([false, false, true, false]);
    expect(breaker.admit(29_999)).toEqual({ kind: "stop", retryAt: 30_000 });
    expect(breaker.state(29_999)).toBe("open");
  });

  it("does not open when answers come in between", () => {
    const breaker = new Breaker();
    for (let round = 0; round < 5; round++) {
      breaker.failed(0, settings);
      breaker.failed(0, settings);
      breaker.succeeded();
    }
    expect(breaker.admit(0)).toEqual({ kind: "go", probe: false });
  });

  it("lets one through when its time is over, and the others wait for what becomes of it", () => {
    const breaker = broken();
    expect(breaker.state(30_000)).toBe("half-open");
    expect(breaker.admit(30_000)).toEqual({ kind: "go", probe: true });
    expect(breaker.admit(30_500)).toEqual({ kind: "stop", retryAt: 31_500 });
  });

  it("closes when that one succeeds", () => {
    const breaker = broken();
    breaker.admit(30_000);
    expect(breaker.succeeded()).toBe(true);
    expect(breaker.state(30_001)).toBe("closed");
    expect(breaker.failures).toBe(0);
  });

  it("opens again when that one fails", () => {
    const breaker = broken();
    breaker.admit(30_000);
    expect(breaker.failed(31_000, settings)).toBe(true);
    expect(breaker.admit(60_999)).toEqual({ kind: "stop", retryAt: 61_000 });
  });

  it("is not kept open by what was under way when it opened", () => {
    const breaker = broken();
    expect(breaker.failed(20_000, settings)).toBe(false);
    expect(breaker.openUntil).toBe(30_000);
  });

  it("lets another one find out when the first has left or was never heard of again", () => {
    const breaker = broken();
    breaker.admit(30_000);
    breaker.abandoned();
    expect(breaker.admit(30_001)).toEqual({ kind: "go", probe: true });
    expect(breaker.admit(150_000)).toMatchObject({ kind: "stop" });
    expect(breaker.admit(150_001)).toEqual({ kind: "go", probe: true });
  });

  it("learns from others, and forgets no longer break for a shorter one", () => {
    const breaker = new Breaker();
    breaker.learn(10_000);
    breaker.learn(5_000);
    expect(breaker.admit(9_999)).toEqual({ kind: "stop", retryAt: 10_000 });
    breaker.learn(null);
    expect(breaker.state(0)).toBe("closed");
  });
});
