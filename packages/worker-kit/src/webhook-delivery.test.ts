import { expect, it } from "vitest";
import { nextWebhookAttempt, WEBHOOK_WINDOW_MS } from "./webhook-delivery.ts";

it("is tried about a dozen times in 24 hours, the last time at their end", () => {
  const times: number[] = [];
  for (let at: number | null = 0; at !== null; at = nextWebhookAttempt(times.length, 0, at, 0)) times.push(at);
  expect(times.slice(0, 4)).toEqual([0, 5_000, 35_000, 155_000]);
  expect(times.at(-1)).toBe(WEBHOOK_WINDOW_MS);
  expect(times).toHaveLength(12);
});
