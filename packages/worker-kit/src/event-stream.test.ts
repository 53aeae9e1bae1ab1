import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EventStream, type EventStreamOptions, lastEventId } from "./event-stream.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const open = (options: Partial<EventStreamOptions> = {}) =>
  new EventStream({ look: () => Promise.resolve(), lookEveryMs: 1_000, ...options });

describe("an event stream", () => {
  it("sends events by id and ends with the last", async () => {
    const onClose = vi.fn();
    const stream = open({ onClose });
    const text = stream.response().text();
    stream.send({ id: 7, name: "batch", data: "{}", last: false });
    stream.send({ id: 9, name: "batch", data: "[]", last: true });
    stream.send({ id: 10, name: "batch", data: "too late", last: false });
    expect(await text).toBe("retry: 2000\n\nid: 7\nevent: batch\ndata: {}\n\nid: 9\nevent: batch\ndata: []\n\n");
    expect(onClose).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ends after its longest time, so that its listener comes back", async () => {
    const text = open({ longestMs: 40_000 }).response().text();
    await vi.advanceTimersByTimeAsync(40_000);
    expect(await text).toBe("retry: 2000\n\n: still here\n\n: still here\n\n");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("looks for news again after a look that failed, one at a time", async () => {
    let looks = 0;
    let finish = () => {};
    open({
      async look() {
        looks++;
        if (looks === 1) throw new Error("not now");
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
      },
    });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(looks).toBe(2);
    finish();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(looks).toBe(3);
  });

  it("stops looking when its listener is gone", async () => {
    const look = vi.fn(() => Promise.resolve());
    await open({ look }).response().body?.cancel();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(look).not.toHaveBeenCalled();
  });
});

describe("the last event seen", () => {
  it("is 0 without a header", () => {
    expect([lastEventId(undefined), lastEventId("12")]).toEqual([0, 12]);
  });

  it.each(["", "-1", "x", "1.5", "1".repeat(16)])("is refused as %j", (header) => {
    expect(() => lastEventId(header)).toThrow("Last-Event-ID must be a number");
  });
});
