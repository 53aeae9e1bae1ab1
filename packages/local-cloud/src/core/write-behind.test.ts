import { afterEach, expect, it, vi } from "vitest";
import { WriteBehind } from "./write-behind.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it("writes what comes in close succession together, and a full batch at once", () => {
  vi.useFakeTimers();
  const batches: number[] = [];
  const waiting = new WriteBehind<number>("records", (items) => batches.push(items.length));
  waiting.add(1);
  waiting.add(2);
  expect(batches).toEqual([]);
  vi.advanceTimersByTime(25);
  expect(batches).toEqual([2]);
  for (let index = 0; index < 501; index += 1) waiting.add(index);
  expect(batches).toEqual([2, 500]);
  waiting.flush();
  vi.advanceTimersByTime(1000);
  expect(batches).toEqual([2, 500, 1]);
});

it("keeps what could not be written for the next time, and says so", () => {
  vi.useFakeTimers();
  const complaint = vi.spyOn(console, "error").mockImplementation(() => {});
  let full = true;
  const written: number[] = [];
  const waiting = new WriteBehind<number>("records", (items) => {
    if (full) throw new Error("disk full");
    written.push(...items);
  });
  waiting.add(1);
  vi.advanceTimersByTime(25);
  expect(complaint).toHaveBeenCalledOnce();
  expect(() => waiting.flush()).toThrow("disk full");
  full = false;
  waiting.add(2);
  vi.advanceTimersByTime(25);
  expect(written).toEqual([1, 2]);
});

it("does not write what was dropped", () => {
  const written: number[] = [];
  const waiting = new WriteBehind<number>("records", (items) => written.push(...items));
  waiting.add(1);
  waiting.add(2);
  waiting.drop((item) => item === 1);
  waiting.flush();
  expect(written).toEqual([2]);
});
