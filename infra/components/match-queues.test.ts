import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { matchQueues } from "./match-queues.ts";
import { parseWranglerConfiguration } from "./wrangler-configuration.ts";

const SETTINGS = { max_batch_size: 10, max_batch_timeout: 1, max_retries: 5, max_concurrency: 8, retry_delay: 30 };
const WORK = { queue: "work", ...SETTINGS, dead_letter_queue: "work-dead" };
const DEAD = { queue: "work-dead", ...SETTINGS, max_retries: 100 };
const work = { name: "work", queueName: pulumi.output("tenner-a-work") };

function queues(parts: object) {
  const base = { name: "w", main: "m", compatibility_date: "2026-11-01" };
  return parseWranglerConfiguration(JSON.stringify({ ...base, queues: parts }), "templates/w").queues;
}

describe("matchQueues", () => {
  it("gives each producer its queue, and each queue the settings of its consumers", () => {
    const { bindings, consumed, problems } = matchQueues(
      queues({ producers: [{ binding: "WORK", queue: "work" }], consumers: [DEAD, WORK] }),
      [work],
    );
    expect(problems).toEqual([]);
    expect(bindings).toEqual({ WORK: { type: "queue", queueName: work.queueName } });
    const settings = { batchSize: 10, maxWaitTimeMs: 1_000, maxRetries: 5, retryDelay: 30, maxConcurrency: 8 };
    expect(consumed).toEqual([{ queue: work, settings, deadLetterSettings: { ...settings, maxRetries: 100 } }]);
  });

  it("leaves dead letters to wait where nobody consumes them", () => {
    const { consumed, problems } = matchQueues(queues({ consumers: [WORK] }), [work]);
    expect(problems).toEqual([]);
    expect(consumed[0]).not.toHaveProperty("deadLetterSettings");
  });

  it.each<[string, object, (typeof work)[], string[]]>([
    [
      "a producer without its queue",
      { producers: [{ binding: "MAIL", queue: "mail" }], consumers: [WORK] },
      [work],
      ["binding MAIL: wrangler.jsonc sends to the queue mail, which the program does not make"],
    ],
    [
      "a consumer without its queue",
      { consumers: [WORK] },
      [],
      ["queue work: wrangler.jsonc consumes it, the program does not make it"],
    ],
    [
      "a queue without a consumer",
      {},
      [work],
      ["queue work: the program makes it, wrangler.jsonc has no consumer of it"],
    ],
    [
      "a consumer without dead letters",
      { consumers: [{ ...WORK, dead_letter_queue: undefined }] },
      [work],
      ["queue work: dead_letter_queue is nothing in wrangler.jsonc, work-dead in the program"],
    ],
    [
      "dead letters that go elsewhere",
      { consumers: [{ ...WORK, dead_letter_queue: "bin" }] },
      [work],
      ["queue work: dead_letter_queue is bin in wrangler.jsonc, work-dead in the program"],
    ],
    [
      "dead letters of dead letters",
      { consumers: [WORK, { ...DEAD, dead_letter_queue: "work" }] },
      [work],
      ["queue work-dead: what is dead already has no dead_letter_queue"],
    ],
    [
      "two consumers of one queue",
      { consumers: [WORK, WORK] },
      [work],
      ["queue work: wrangler.jsonc consumes it twice"],
    ],
  ])("names %s", (_, parts, made, problems) => {
    expect(matchQueues(queues(parts), made).problems).toEqual(problems);
  });
});

describe("a consumer in wrangler.jsonc", () => {
  it.each<[string, object, string]>([
    ["a setting left out", { max_retries: undefined }, "queues.consumers.0.max_retries: is missing"],
    ["more retries than Cloudflare has", { max_retries: 101 }, "queues.consumers.0.max_retries: "],
    ["a batch too large", { max_batch_size: 101 }, "queues.consumers.0.max_batch_size: "],
    ["too long a delay", { retry_delay: 43_201 }, "queues.consumers.0.retry_delay: "],
    ["pulling", { type: "http_pull" }, "queues.consumers.0.type is not supported by infra"],
  ])("is refused with %s", (_, change, message) => {
    expect(() => queues({ consumers: [{ ...WORK, ...change }] })).toThrow(message);
  });
});
