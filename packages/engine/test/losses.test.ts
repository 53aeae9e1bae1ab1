import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { destroy } from "../src/destroy.ts";
import type { EngineEvent } from "../src/events.ts";
import { createProject, steps, type TestProject } from "./project.ts";
import { d1, kv, queue, upWith } from "./run-goals.ts";
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

describe("what else holds data", () => {
  it.each<[string, ReturnType<typeof kv>, () => unknown, string]>([
    [
      "a database with rows",
      d1("jobs"),
      () => api.tables.set("lab-jobs", { jobs: 11, notes: 1, empty: 0 }),
      "jobs is deleted, and with it 12 rows in jobs, notes",
    ],
    [
      "a namespace with keys",
      kv("jobs"),
      () => api.keys.set("lab-jobs", 2_001),
      "jobs is deleted, and with it 2001 keys",
    ],
    [
      "a namespace with more than anyone would count",
      kv("jobs"),
      () => api.keys.set("lab-jobs", 123_456),
      "jobs is deleted, and with it at least 10000 keys",
    ],
  ])("%s is told of with its count", async (_, resource, fill, line) => {
    await upWith(project, async (register) => register(resource));
    fill();
    await destroy({ ...project.options, preview: true });
    expect(told(project.events)).toContain(line);
  });

  it("says nothing of tables without rows", async () => {
    await upWith(project, async (register) => register(d1("jobs")));
    api.tables.set("lab-jobs", { jobs: 0 });
    await destroy(project.options);
    expect(told(project.events)).toContain("delete jobs");
    expect(told(project.events)).not.toContainEqual(expect.stringContaining("row"));
  });
});

describe("data that is to be kept", () => {
  const keepData = "Say that it may be lost.";
  const refused = "keep-data: D1Database jobs would be deleted, and it holds 12 rows in jobs. Say that it may be lost.";
  const errors = () =>
    project.events.flatMap((event) =>
      event.type === "diagnostic" && event.severity === "error" ? [event.message] : [],
    );

  beforeEach(async () => {
    await upWith(project, async (register) => Promise.all([register(d1("jobs")), register(kv("a"))]));
    api.tables.set("lab-jobs", { jobs: 12 });
  });

  it.each<[string, () => Promise<{ outcome: string }>]>([
    ["destroy", () => destroy({ ...project.options, keepData })],
    ["a preview of destroy", () => destroy({ ...project.options, keepData, preview: true })],
    ["up, when the program has it no more", () => upWith(project, async () => {}, { keepData })],
    ["a preview of that", () => upWith(project, async () => {}, { keepData, preview: true })],
  ])("%s says what would be lost and what to do, and deletes nothing", async (_, operation) => {
    expect((await operation()).outcome).toBe("failed");
    expect(errors()).toEqual([refused]);
    expect([api.items("d1/database").length, api.items("storage/kv/namespaces").length]).toEqual([1, 1]);
    expect((await project.state()).resources).toHaveLength(4);
  });

  it.each([undefined, true])("is not replaced either, deleteBeforeReplace %s", async (deleteBeforeReplace) => {
    const other = d1("jobs", { deleteBeforeReplace }, { name: "lab-other" });
    const update = async (register: (goal: typeof other) => Promise<unknown>) =>
      Promise.all([register(other), register(kv("a"))]);
    expect((await upWith(project, update, { keepData })).outcome).toBe("failed");
    expect(errors()).toEqual([refused]);
    expect(api.items("d1/database").map(({ name }) => name)).toEqual(["lab-jobs"]);
  });

  it("may go when it is empty", async () => {
    api.tables.clear();
    expect((await destroy({ ...project.options, keepData })).outcome).toBe("succeeded");
    expect(api.items("d1/database")).toEqual([]);
  });

  it("stays when nobody can tell what it holds", async () => {
    api.fault = (_method, path) =>
      path.endsWith("/query") ? { status: 403, code: 10_000, message: "no permission" } : undefined;
    expect((await destroy({ ...project.options, keepData })).outcome).toBe("failed");
    expect(errors()[0]).toMatch(/^keep-data: D1Database jobs .* what it holds is not known \(.*no permission\)/);
    expect(api.items("d1/database")).toHaveLength(1);
  });
});
