import { describe, expect, it } from "vitest";
import type { DeployedVersion, LiveDeployment } from "./deployments.ts";
import { nextStep, type RolloutFacts } from "./next-step.ts";

const version = (number: number, percentage: number, fingerprint?: string): DeployedVersion => ({
  id: `id-${number}`,
  number,
  fingerprint,
  percentage,
});
const live = (...versions: DeployedVersion[]): LiveDeployment => ({
  id: "deployment",
  createdOn: "2026-11-21T00:00:00Z",
  takenBack: undefined,
  versions,
});
const wanted = { changed: true, beyondVersion: [], others: [], fingerprint: "new" };
const facts = (more: Partial<RolloutFacts>): RolloutFacts => ({
  name: "agent",
  planned: wanted,
  live: live(version(1, 100)),
  newest: [],
  percent: 10,
  ...more,
});
const SPLIT = live(version(1, 90, "old"), version(2, 10, "new"));
const resource = (type: string, name: string) => ({ type, name, urn: `urn:pulumi:s::p::${type}::${name}` });

describe("nextStep", () => {
  it.each<[string, Partial<RolloutFacts>, object]>([
    ["begins", {}, { type: "begin", old: { number: 1 }, uploaded: undefined }],
    [
      "begins with what a killed rollout has uploaded",
      { newest: [version(3, 0, "new"), version(2, 0), version(1, 0)] },
      { type: "begin", uploaded: { number: 3 } },
    ],
    [
      "uploads again what is older than what runs now: that may have other classes",
      { live: live(version(3, 100)), newest: [version(3, 0), version(2, 0, "new")] },
      { type: "begin", uploaded: undefined },
    ],
    ["goes on", { live: SPLIT, percent: 50 }, { type: "shift", old: { number: 1 }, new: { number: 2 } }],
    ["goes on with the same share, as after a kill", { live: SPLIT }, { type: "shift" }],
    ["ends", { live: SPLIT, percent: 100 }, { type: "promote", new: { number: 2 } }],
    [
      "writes the state after a kill in the middle of its end",
      { live: live(version(2, 100, "new")), percent: 100 },
      { type: "settle", new: { number: 2 } },
    ],
    [
      "is done",
      { live: live(version(2, 100, "new")), planned: { ...wanted, changed: false }, percent: 100 },
      { type: "none" },
    ],
    [
      "lets other Workers' code wait",
      {
        planned: {
          ...wanted,
          others: [{ resource: resource("cloudflare:index/workersScript:WorkersScript", "cache"), step: "update" }],
        },
      },
      { type: "begin" },
    ],
  ])("%s", (_, more, step) => {
    expect(nextStep(facts(more))).toMatchObject(step);
  });

  it.each<[string, Partial<RolloutFacts>, string]>([
    ["no change", { planned: { ...wanted, changed: false } }, "nothing to roll out"],
    ["all at once", { percent: 100 }, "Begin with a part: tenner rollout agent --percent 10"],
    ["other code than it has begun with", { live: live(version(1, 90), version(2, 10, "other")) }, "other code"],
    ["a split of somebody else", { live: live(version(1, 90), version(2, 10)) }, "not by a rollout of tenner"],
    [
      "a part of what has everything",
      { live: live(version(2, 100, "new")) },
      "Finish: tenner rollout agent --percent 100",
    ],
    ["what is no version's", { planned: { ...wanted, beyondVersion: ["observability"] } }, "observability of agent"],
    [
      "a resource that is to be made first, by the target that makes it",
      {
        planned: {
          ...wanted,
          fingerprint: undefined,
          others: [{ resource: resource("cloudflare:index/queue:Queue", "jobs"), step: "create" }],
        },
      },
      "Queue jobs (create)\nDeploy that first, where the old code goes on with it: tenner up --target 'urn:pulumi:s::p::cloudflare:index/queue:Queue::jobs'",
    ],
    [
      "a Durable Object migration",
      {
        planned: {
          ...wanted,
          others: [{ resource: resource("pulumi-nodejs:dynamic:DurableObjectMigrations", "agent"), step: "update" }],
        },
      },
      "Two versions cannot differ in that",
    ],
  ])("refuses %s", (_, more, message) => {
    expect(() => nextStep(facts(more))).toThrow(message);
  });
});
