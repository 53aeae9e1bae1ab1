import { expect, it } from "vitest";
import { openProject } from "../project.ts";
import { add, needsOf, none, shortages } from "./account-needs.ts";

it("counts a template's resources once, dead letters' queues too", async () => {
  expect(await needsOf(openProject(), ["edge-cache"])).toEqual({
    scripts: 1,
    cronTriggers: 1,
    d1Databases: 2,
    kvNamespaces: 1,
    r2Buckets: 1,
    queues: 2,
    aiGateways: 1,
    vectorizeIndexes: 2,
  });
  const two = await needsOf(openProject(), ["event-agent", "async-pipeline"]);
  expect([two.aiGateways, two.d1Databases, two.scripts, two.queues]).toEqual([1, 3, 2, 4]);
});

it("finds room up to the limit, and says by name what is full", () => {
  const limits = { ...none(), aiGateways: 10, cronTriggers: 5 };
  const needs = { ...none(), aiGateways: 1, cronTriggers: 2 };
  expect(shortages({ ...none(), aiGateways: 9, cronTriggers: 3 }, needs, limits)).toEqual([]);
  expect(shortages(add({ ...none(), aiGateways: 9, cronTriggers: 3 }, needs), needs, limits)).toEqual([
    "cron triggers: 5 of 5 are there, 2 more are needed",
    "AI gateways: 10 of 10 are there, 1 more are needed",
  ]);
});
