import { expect, it } from "vitest";
import { planned, said } from "./fixtures.ts";
import { queueDeadLetters } from "./queue-dead-letters.ts";
import { TYPES } from "./rule.ts";

const queue = (name: string) => planned(TYPES.queue, name);
const consumer = (name: string, properties = {}) => planned(TYPES.queueConsumer, name, properties);

it("takes a queue with its dead letters, whose own consumer needs none", () => {
  const resources = [
    queue("jobs"),
    queue("jobs-dead"),
    consumer("jobs", { deadLetterQueue: "tenner-x-jobs-dead" }),
    consumer("jobs-dead"),
  ];
  expect(said(queueDeadLetters, resources)).toEqual([]);
});

it("refuses a queue without", () => {
  expect(said(queueDeadLetters, [queue("jobs"), queue("other-dead")])).toEqual([
    expect.stringContaining("Queue jobs has no dead-letter queue"),
    expect.stringContaining("Queue other-dead has no dead-letter queue"),
  ]);
});

it("refuses a consumer that throws away what it gives up on", () => {
  expect(said(queueDeadLetters, [queue("jobs"), queue("jobs-dead"), consumer("jobs")])).toEqual([
    expect.stringContaining("QueueConsumer jobs names no dead-letter queue"),
  ]);
});
