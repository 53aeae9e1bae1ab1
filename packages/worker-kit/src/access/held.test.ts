import { describe, expect, it, vi } from "vitest";
import { Held } from "./held.ts";

function setUp(most = 10) {
  let time = 0;
  const pending: Promise<unknown>[] = [];
  const held = new Held<string | null>(most, () => time);
  const read = vi.fn(async (): Promise<string | null> => "first");
  return {
    held,
    read,
    get: (key = "a") => held.of(key, read, (work) => pending.push(work)),
    pass: (ms: number) => {
      time += ms;
    },
    settle: () => Promise.all(pending.splice(0)),
  };
}

describe("what is held", () => {
  it("is read once while it is young", async () => {
    const { get, pass, read } = setUp();
    await get();
    pass(2_999);
    expect(await get()).toBe("first");
    expect(read).toHaveBeenCalledTimes(1);
  });

  it("is renewed behind the answers, by one of them", async () => {
    const { get, pass, read, settle } = setUp();
    await get();
    read.mockResolvedValue("second");
    pass(3_000);
    expect(await Promise.all([get(), get(), get()])).toEqual(["first", "first", "first"]);
    await settle();
    expect(await get()).toBe("second");
    expect(read).toHaveBeenCalledTimes(2);
  });

  it("is never relied on for longer than five seconds, also when it cannot be read anew", async () => {
    const { get, pass, read, settle } = setUp();
    await get();
    read.mockRejectedValue(new Error("away"));
    pass(4_999);
    expect(await get()).toBe("first");
    await settle();
    pass(1);
    await expect(get()).rejects.toThrow("away");
  });

  it("counts its age from when it was asked for", async () => {
    const { get, pass, read } = setUp();
    read.mockImplementationOnce(async () => {
      pass(5_000);
      return "slow";
    });
    await get();
    expect(await get()).toBe("first");
  });

  it("is not brought back by a reading that began before it was forgotten", async () => {
    const { held, get, read } = setUp();
    read.mockImplementationOnce(async () => {
      held.forget("a");
      return "old";
    });
    await get();
    expect(await get()).toBe("first");
  });

  it("is bounded, and nothing is not held", async () => {
    const { get, read } = setUp(2);
    for (const key of ["a", "b", "c", "b", "c"]) await get(key);
    expect(read).toHaveBeenCalledTimes(3);
    await get("a");
    expect(read).toHaveBeenCalledTimes(4);
    read.mockResolvedValue(null);
    await get("none");
    await get("none");
    expect(read).toHaveBeenCalledTimes(6);
  });
});
