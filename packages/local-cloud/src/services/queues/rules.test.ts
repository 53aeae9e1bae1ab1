import { serialize } from "node:v8";
import { describe, expect, it } from "vitest";
import type { QueueOutcome } from "../../core/queue-batch.ts";
import { fateOf } from "./outcome.ts";
import { readableBody } from "./readable-body.ts";
import { nextConcurrency } from "./scale.ts";

const OK: QueueOutcome = {
  outcome: "ok",
  ackAll: false,
  retryBatch: { retry: false },
  explicitAcks: [],
  retryMessages: [],
};
const ACKNOWLEDGED = { fate: "acknowledged" };

describe("what becomes of a message", () => {
  it.each([
    ["returns", {}, ACKNOWLEDGED],
    ["throws", { outcome: "exception" }, { fate: "retried", delay: undefined, reason: "exception" }],
    ["acknowledges it and throws", { outcome: "exception", explicitAcks: ["m"] }, ACKNOWLEDGED],
    ["acknowledges all and throws", { outcome: "exception", ackAll: true }, ACKNOWLEDGED],
    [
      "retries it and acknowledges all",
      { ackAll: true, retryMessages: [{ msgId: "m", delaySeconds: 5 }] },
      { fate: "retried", delay: 5, reason: "retry" },
    ],
    ["acknowledges it and retries all", { explicitAcks: ["m"], retryBatch: { retry: true } }, ACKNOWLEDGED],
    [
      "retries all with a delay",
      { retryBatch: { retry: true, delaySeconds: 9 } },
      { fate: "retried", delay: 9, reason: "retryAll" },
    ],
    ["acknowledges another and returns", { explicitAcks: ["other"] }, ACKNOWLEDGED],
  ] as [string, Partial<QueueOutcome>, object][])("when the consumer %s", (_, outcome, fate) => {
    expect(fateOf({ id: "m" }, { ...OK, ...outcome })).toEqual(fate);
  });
});

describe("concurrency", () => {
  it.each([
    ["doubles while batches are full", { allowed: 2, most: 10, full: true, failed: false }, 4],
    ["stays within the most", { allowed: 8, most: 10, full: true, failed: false }, 10],
    ["falls when the queue runs dry", { allowed: 4, most: 10, full: false, failed: false }, 3],
    ["is halved when the consumer fails", { allowed: 9, most: 10, full: true, failed: true }, 4],
    ["is never less than one", { allowed: 1, most: 10, full: false, failed: true }, 1],
  ])("%s", (_, round, expected) => {
    expect(nextConcurrency(round)).toBe(expected);
  });
});

describe("a body for people", () => {
  it.each([
    ["json", Buffer.from('{"a":1}'), { text: '{"a":1}', form: "json" }],
    ["text", Buffer.from("grüß"), { text: "grüß", form: "text" }],
    ["bytes", Buffer.from("readable"), { text: "readable", form: "text" }],
    ["bytes", Buffer.from([0xff, 0xfe, 1]), { text: "fffe01", form: "hex" }],
    ["v8", serialize(new Map([["key", 1n]])), { text: "Map(1) { 'key' => 1n }", form: "value" }],
    ["v8", Buffer.from([1, 2, 3]), { text: "010203", form: "hex" }],
  ] as const)("of %s", (contentType, body, expected) => {
    expect(readableBody(contentType, body)).toEqual({ ...expected, truncated: false });
  });

  it("is only a beginning when it is long", () => {
    const { text, truncated } = readableBody("text", Buffer.from("x".repeat(30_000)));
    expect([text.length, truncated]).toEqual([20_000, true]);
  });
});
