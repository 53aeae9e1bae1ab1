import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { destroy } from "../src/destroy.ts";
import type { EngineEvent } from "../src/events.ts";
import { createProject, steps, type TestProject } from "./project.ts";
import { kv, queue, upWith } from "./run-goals.ts";
import { type StubApi, startStubApi } from "./stub-api.ts";

let api: StubApi;
let project: TestProject;

beforeEach(async () => {
  api = await startStubApi();
  project = await createProject("", api.url);
});

afterEach(async () => {
  await project.remove();
  await api.close();
});

const LOST = "jobs is deleted, and with it about 3 messages that nothing has consumed yet";

/** Warnings, and the deletions, in order. */
function told(events: readonly EngineEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.type === "diagnostic" && event.severity === "warning") return [event.message];
    return event.type === "resource-finished" && event.step === "delete" ? [`delete ${event.resource.name}`] : [];
  });
}

async function makeQueue(): Promise<void> {
  await upWith(project, async (register) => register(queue("jobs")));
  api.backlogs.set("lab-jobs", 3);
}

describe("a queue with messages", () => {
  it.each<[string, () => Promise<unknown>]>([
    ["destroy", () => destroy(project.options)],
    ["up, when the program has it no more", () => upWith(project, async () => {})],
  ])("%s says how many are lost before it deletes anything, and deletes it", async (_, operation) => {
    await upWith(project, async (register) => Promise.all([register(queue("jobs")), register(kv("a"))]));
    api.backlogs.set("lab-jobs", 3);
    await operation();
    const [first, ...rest] = told(project.events);
    expect(first).toBe(LOST);
    expect(rest.filter((line) => line === "delete jobs" || line === "delete a")).toHaveLength(2);
    expect(api.items("queues")).toEqual([]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ["a destroy", () => destroy({ ...project.options, preview: true })],
    ["an up", () => upWith(project, async () => {}, { preview: true })],
  ])("a preview of %s says it and deletes nothing", async (_, operation) => {
    await makeQueue();
    await operation();
    expect(told(project.events)).toContain(LOST);
    expect(api.items("queues")).toHaveLength(1);
  });

  it.each<[string, boolean | undefined]>([
    ["the new one comes first", undefined],
    ["the old one goes first", true],
  ])("is told of once when it is replaced and %s", async (_, deleteBeforeReplace) => {
    await makeQueue();
    const replacing = queue(
      "jobs",
      { replaceOnChanges: ["queueName"], deleteBeforeReplace },
      { queueName: "lab-other" },
    );
    await upWith(project, async (register) => register(replacing));
    expect(told(project.events).filter((line) => line === LOST)).toHaveLength(1);
    expect(api.items("queues").map((item) => item["queue_name"])).toEqual(["lab-other"]);
  });

  it("is told of in a preview of its replacement", async () => {
    await makeQueue();
    const replacing = queue("jobs", { replaceOnChanges: ["queueName"] }, { queueName: "lab-other" });
    await upWith(project, async (register) => register(replacing), { preview: true });
    expect(told(project.events)).toEqual([LOST]);
  });

  it("goes without a word when it is kept in the cloud", async () => {
    await upWith(project, async (register) => register(queue("jobs", { retainOnDelete: true })));
    api.backlogs.set("lab-jobs", 3);
    await upWith(project, async () => {});
    expect(told(project.events)).toEqual(["delete jobs"]);
  });
});

it("says nothing of a queue that is empty", async () => {
  await makeQueue();
  api.backlogs.clear();
  await destroy(project.options);
  expect(told(project.events)).not.toContainEqual(expect.stringContaining("message"));
  expect(steps(project.events)).toContain("delete jobs");
});

it("deletes a queue whose messages cannot be counted, and says so", async () => {
  await makeQueue();
  api.fault = (_method, path) =>
    path.endsWith("/metrics") ? { status: 403, code: 10_000, message: "no permission" } : undefined;
  await destroy(project.options);
  expect(told(project.events)[0]).toMatch(/^jobs is deleted; what is lost with it is not known: .*no permission/);
  expect(api.items("queues")).toEqual([]);
});
