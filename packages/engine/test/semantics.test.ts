import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { destroy } from "../src/destroy.ts";
import { refresh } from "../src/refresh.ts";
import { secret, UNKNOWN } from "../src/values.ts";
import { createProject, steps, type TestProject, TOKEN } from "./project.ts";
import { d1, goal, KV, kv, QUEUE, queue, STACK, upWith, urnOf } from "./run-goals.ts";
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

const titles = () =>
  api
    .items("storage/kv/namespaces")
    .map((item) => String(item["title"]))
    .sort();
const writes = () => api.calls.filter((call) => call.method !== "GET").map((call) => call.method);

describe("creating", () => {
  it("makes what is new, leaves the rest alone and deletes what is gone, what depends on another first", async () => {
    await upWith(project, async (register) => {
      await register(kv("a"));
      await register(queue("b", { dependencies: [urnOf(KV, "a")] }));
    });
    expect(steps(project.events)).toEqual(["create lab-dev", "create a", "create b"]);

    const again = await upWith(project, async (register) => Promise.all([register(kv("a")), register(queue("b"))]));
    expect(again.changes).toMatchObject({ create: 0, same: 3 });
    expect(writes()).toEqual(["POST", "POST"]);

    await upWith(project, async () => {});
    expect(api.items("queues")).toEqual([]);
    expect(titles()).toEqual([]);
  });

  it("deletes in reverse order of dependency", async () => {
    await upWith(project, async (register) => {
      await register(kv("a"));
      await register(kv("b", { dependencies: [urnOf(KV, "a")] }));
      await register(kv("c", { propertyDependencies: { title: [urnOf(KV, "b")] } }));
    });
    await upWith(project, async () => {});
    expect(steps(project.events)).toEqual(["delete c", "delete b", "delete a"]);
  });

  it("runs steps at the same time, but no more than allowed", async () => {
    let running = 0;
    let most = 0;
    api.latency = () => 40;
    api.fault = (method) => {
      if (method === "POST") most = Math.max(most, ++running);
      setTimeout(() => running--, 40);
      return undefined;
    };
    const goals = Array.from({ length: 9 }, (_, index) => kv(`k${index}`));
    const options = { ...project.options, parallel: 3 };
    await upWith({ ...project, options }, (register) => Promise.all(goals.map(register)));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(3);
  });

  it("refuses a URN that is used twice", async () => {
    const twice = upWith(project, async (register) => {
      await register(kv("a"));
      await register(kv("a"));
    });
    await expect(twice).rejects.toThrow("two resources have the same URN");
  });

  it("keeps what the CLI keeps: dependencies, secrets, timeouts, the merged outputs", async () => {
    await upWith(project, async (register) => {
      await register(kv("a"));
      await register(
        goal(
          QUEUE,
          "b",
          { queueName: secret("hidden-name"), settings: { deliveryDelay: 5 } },
          {
            dependencies: [urnOf(KV, "a")],
            propertyDependencies: { queueName: [urnOf(KV, "a")], settings: [] },
            additionalSecretOutputs: ["createdOn"],
            customTimeouts: { create: 90 },
            protect: true,
          },
        ),
      );
    });
    const stored = await project.resource("b");
    expect(stored).toMatchObject({
      parent: STACK,
      protect: true,
      dependencies: [urnOf(KV, "a")],
      propertyDependencies: { queueName: [urnOf(KV, "a")], settings: [] },
      additionalSecretOutputs: ["createdOn"],
      customTimeouts: { create: 90 },
      outputs: {
        __meta: '{"schema_version":"500"}',
        settings: { deliveryDelay: 5, messageRetentionPeriod: 345_600 },
        queueName: { ciphertext: expect.stringMatching(/^v1:/) },
        createdOn: { ciphertext: expect.stringMatching(/^v1:/) },
      },
    });
    expect(JSON.stringify(await project.state())).not.toContain("hidden-name");
    expect(JSON.stringify(project.events)).not.toContain("hidden-name");
  });
});

describe("options", () => {
  it("does not delete or replace what is protected, and nothing else either", async () => {
    const program = (title: string) => (register: (wanted: ReturnType<typeof kv>) => Promise<unknown>) =>
      register(d1("a", { protect: true }, { name: title }));
    await upWith(project, program("one"));
    const replaced = await upWith(project, program("two"));
    expect(replaced.outcome).toBe("failed");
    expect(replaced.diagnostics[0]?.message).toContain("protected");

    const removed = await upWith(project, (register) => register(kv("other")));
    expect(removed.outcome).toBe("failed");
    expect(api.items("d1/database")).toHaveLength(1);
  });

  it("forgets what is retained without deleting it", async () => {
    await upWith(project, (register) => register(kv("a", { retainOnDelete: true })));
    await upWith(project, async () => {});
    expect(titles()).toEqual(["lab-a"]);
    expect(await project.resource("a")).toBeUndefined();
    expect(project.events).toContainEqual(expect.objectContaining({ step: "delete", retained: true }));
  });

  it("does not call the API for what goes with another", async () => {
    await upWith(project, async (register) => {
      await register(kv("host"));
      await register(queue("guest", { deletedWith: urnOf(KV, "host") }));
    });
    await upWith(project, async () => {});
    expect(writes()).toEqual(["POST", "POST", "DELETE"]);
    expect((await project.state()).resources.map((state) => state["type"])).toEqual(["pulumi:pulumi:Stack"]);
  });

  it("ignores changes by path", async () => {
    const wanted = (delay: number, retention: number) =>
      queue(
        "q",
        { ignoreChanges: ["settings.deliveryDelay"] },
        { settings: { deliveryDelay: delay, messageRetentionPeriod: retention } },
      );
    await upWith(project, (register) => register(wanted(1, 100)));
    const ignored = await upWith(project, (register) => register(wanted(9, 100)));
    expect(ignored.changes.update).toBe(0);
    const changed = await upWith(project, (register) => register(wanted(9, 200)));
    expect(changed.changes.update).toBe(1);
    expect(api.items("queues")[0]?.["settings"]).toMatchObject({ delivery_delay: 1, message_retention_period: 200 });
  });

  it("replaces on the changes the program names, the new one first", async () => {
    await upWith(project, (register) => register(kv("a", {}, "one")));
    await upWith(project, (register) => register(kv("a", { replaceOnChanges: ["title"] }, "two")));
    expect(steps(project.events)).toEqual(["replace a", "delete-replaced a"]);
    expect(writes()).toEqual(["POST", "POST", "DELETE"]);
    expect(titles()).toEqual(["two"]);
    const changes = project.events.flatMap((event) => (event.type === "resource-finished" ? event.changes : []));
    expect(changes).toEqual([{ path: "title", kind: "change", old: '"one"', new: '"two"', replaces: true }]);
  });

  it("deletes before it replaces when asked to, and what would be replaced because of that before", async () => {
    const program = (title: string) => async (register: (wanted: ReturnType<typeof kv>) => Promise<{ id: string }>) => {
      const base = await register(kv("base", { deleteBeforeReplace: true, replaceOnChanges: ["title"] }, title));
      await register(
        d1(
          "child",
          { dependencies: [urnOf(KV, "base")], propertyDependencies: { name: [urnOf(KV, "base")] } },
          { name: base.id },
        ),
      );
      await register(queue("bystander", { dependencies: [urnOf(KV, "base")] }));
    };
    await upWith(project, program("one"));
    await upWith(project, program("two"));
    expect(steps(project.events)).toEqual([
      "delete-replaced child",
      "delete-replaced base",
      "replace base",
      "replace child",
    ]);
    expect(api.items("d1/database")).toHaveLength(1);
    expect((await project.state()).resources.filter((state) => state["pendingReplacement"] || state["delete"])).toEqual(
      [],
    );
  });

  it.each([
    ["its own name", "old", { aliases: [{ name: "old" }] }],
    ["a URN", "old", { aliases: [{ urn: urnOf(KV, "old") }] }],
  ])("finds a resource by an alias: %s", async (_what, name, options) => {
    await upWith(project, (register) => register(kv(name, {}, "same")));
    const result = await upWith(project, (register) => register(kv("new", options, "same")));
    expect(result.changes).toMatchObject({ create: 0, delete: 0 });
    expect(writes()).toEqual(["POST"]);
    expect((await project.resource("new"))?.["urn"]).toBe(urnOf(KV, "new"));
  });

  it("finds the children of a component by the component's alias", async () => {
    const box = (name: string, options = {}) =>
      goal("my:index:Box", name, {}, { custom: false, inputs: {}, ...options });
    const child = (parent: string) => kv(`${parent}-kv`, { parent: urnOf("my:index:Box", parent) }, "same");
    await upWith(project, async (register) => {
      await register(box("crate"));
      await register(child("crate"));
    });
    const result = await upWith(project, async (register) => {
      await register(box("box", { aliases: [{ name: "crate" }] }));
      await register(child("box"));
    });
    expect(result.changes).toMatchObject({ create: 0, delete: 0 });
    expect((await project.resource("box-kv"))?.["parent"]).toBe(urnOf("my:index:Box", "box"));
  });

  it("ends a call when its time limit has passed, and finds what was made at the next run", async () => {
    api.latency = () => 400;
    const wanted = kv("slow", { customTimeouts: { create: 0.1 } });
    const late = await upWith(project, (register) => register(wanted));
    expect(late.outcome).toBe("failed");
    expect(late.diagnostics[0]?.message).toContain("0.1 s that customTimeouts.create allows");
    api.latency = () => 0;
    await upWith(project, (register) => register(kv("slow")));
    expect(titles()).toEqual(["lab-slow"]);
    expect((await project.state()).pending).toEqual([]);
  });

  it("imports what exists when it is as the program says", async () => {
    await fetch(`${api.url}/accounts/0123456789abcdef0123456789abcdef/storage/kv/namespaces`, {
      method: "POST",
      body: '{"title":"there"}',
    });
    const id = `0123456789abcdef0123456789abcdef/${String(api.items("storage/kv/namespaces")[0]?.["id"])}`;
    const differs = await upWith(project, (register) => register(kv("a", { importId: id }, "other")));
    expect(differs.diagnostics[0]?.message).toContain("differs from the program in title");
    const result = await upWith(project, (register) => register(kv("a", { importId: id }, "there")));
    expect(result.changes).toMatchObject({ import: 1, create: 0 });
    expect(await project.resource("a")).toMatchObject({ id: id.split("/")[1], importID: id });
    const again = await upWith(project, (register) => register(kv("a", { importId: id }, "there")));
    expect(again.changes).toMatchObject({ import: 0 });
  });
});

describe("failures", () => {
  it("skips what depends on a failure, ends the siblings, deletes nothing, and goes on the next time", async () => {
    await upWith(project, (register) => register(kv("leftover")));
    api.fault = (_method, path) =>
      path.endsWith("/queues") ? { status: 400, code: 11_009, message: "queue refused" } : undefined;
    const program = async (register: (wanted: ReturnType<typeof kv>) => Promise<unknown>) => {
      await Promise.all([register(queue("bad")), register(kv("sibling"))]);
      await register(kv("dependant", { dependencies: [urnOf(QUEUE, "bad")] }));
      await register(kv("unknown", {}, UNKNOWN));
    };
    const failed = await upWith(project, program);
    expect(failed.outcome).toBe("failed");
    expect(failed.diagnostics.map((diagnostic) => diagnostic.message)).toEqual([
      expect.stringContaining("queue refused"),
    ]);
    expect(titles()).toEqual(["lab-leftover", "lab-sibling"]);
    expect((await project.state()).pending).toEqual([]);

    api.fault = () => undefined;
    await upWith(project, async (register) => {
      await Promise.all([register(queue("bad")), register(kv("sibling"))]);
      await register(kv("dependant", { dependencies: [urnOf(QUEUE, "bad")] }));
    });
    expect(titles()).toEqual(["lab-dependant", "lab-sibling"]);
  });

  it("tells of a failure, and of what waits for it, in words of the step", async () => {
    const program = (title: string) => async (register: (wanted: ReturnType<typeof kv>) => Promise<unknown>) => {
      await register(kv("a", { replaceOnChanges: ["title"] }, title));
      await register(kv("b", { dependencies: [urnOf(KV, "a")] }));
    };
    await upWith(project, program("one"));
    api.fault = (method) => (method === "POST" ? { status: 400, message: "not now" } : undefined);
    await upWith(project, program("two"));
    expect(project.events).toContainEqual(expect.objectContaining({ type: "resource-failed", step: "replace" }));
    expect(project.events).toContainEqual(
      expect.objectContaining({
        type: "resource-skipped",
        reason: "it needs WorkersKvNamespace a, which failed",
      }),
    );
  });

  it("keeps a replaced resource that could not be deleted, and deletes it the next time", async () => {
    const program = (title: string) => (register: (wanted: ReturnType<typeof kv>) => Promise<unknown>) =>
      register(kv("a", { replaceOnChanges: ["title"] }, title));
    await upWith(project, program("one"));
    api.fault = (method) => (method === "DELETE" ? { status: 400, message: "not now" } : undefined);
    expect((await upWith(project, program("two"))).outcome).toBe("failed");
    const left = (await project.state()).resources.filter((state) => state["delete"]);
    expect(left).toHaveLength(1);
    api.fault = () => undefined;
    expect((await upWith(project, program("two"))).outcome).toBe("succeeded");
    expect(titles()).toEqual(["two"]);
    expect((await project.state()).resources.filter((state) => state["delete"])).toEqual([]);
  });

  it("takes what was made although the answer was a failure", async () => {
    let first = true;
    api.fault = (method, path) => {
      if (method !== "POST" || !path.endsWith("/namespaces") || !first) return undefined;
      first = false;
      return { status: 500, effect: true };
    };
    const result = await upWith(project, (register) => register(kv("a")));
    expect(result.outcome).toBe("succeeded");
    expect(titles()).toEqual(["lab-a"]);
  });

  it("never shows the token or a secret in an error", async () => {
    api.fault = (method) => (method === "POST" ? { status: 400, message: `no: ${TOKEN} top-secret-name` } : undefined);
    const result = await upWith(project, (register) =>
      register(goal(QUEUE, "q", { queueName: secret("top-secret-name") })),
    );
    const text = JSON.stringify([result, project.events]);
    expect(text).toContain("no: ");
    expect(text).not.toContain("top-secret-name");
    expect(text).not.toContain(TOKEN);
  });

  it("says where nobody answers", async () => {
    await api.close();
    const result = await upWith(project, (register) => register(kv("a")));
    expect(result.diagnostics[0]?.message).toMatch(
      /nothing answers at http:\/\/127\.0\.0\.1:\d+.*is the local cloud running\?/,
    );
    api = await startStubApi();
  });

  it("begins nothing after a cancel, and saves what was made", async () => {
    const stopper = new AbortController();
    const result = await upWith(
      project,
      async (register) => {
        await register(kv("a"));
        stopper.abort();
        await register(kv("b")).catch(() => {});
      },
      { signal: stopper.signal },
    );
    expect(result.outcome).toBe("cancelled");
    expect(titles()).toEqual(["lab-a"]);
    expect(await project.resource("a")).toBeDefined();
  });
});

describe("preview", () => {
  it("calls nothing that changes, writes nothing, and leaves open what only the API decides", async () => {
    const seen: Record<string, unknown>[] = [];
    await upWith(project, async (register) => seen.push((await register(kv("a"))).outputs), { preview: true });
    expect(api.calls).toEqual([]);
    await expect(project.state()).rejects.toThrow("ENOENT");
    expect(seen).toEqual([
      { accountId: expect.any(String), id: UNKNOWN, title: "lab-a", supportsUrlEncoding: UNKNOWN },
    ]);
  });

  it("makes outputs unknown when a change replaces, and keeps them when it does not", async () => {
    await upWith(project, async (register) => Promise.all([register(d1("db")), register(queue("q"))]));
    const outputs: Record<string, unknown>[] = [];
    const result = await upWith(
      project,
      async (register) => {
        const db = await register(d1("db", {}, { name: "renamed" }));
        const q = await register(queue("q", {}, { settings: { deliveryDelay: 3 } }));
        outputs.push({ id: db.id, uuid: db.outputs["uuid"] }, { id: q.id, queueId: q.outputs["queueId"] });
      },
      { preview: true },
    );
    expect(result.changes).toMatchObject({ replace: 1, update: 1 });
    expect(outputs[0]).toEqual({ id: "", uuid: UNKNOWN });
    expect(outputs[1]?.["queueId"]).toBe(outputs[1]?.["id"]);
  });
});

describe("targets", () => {
  it("names a target that means nothing", async () => {
    await upWith(project, (register) => register(kv("a")));
    const target = [urnOf(KV, "b"), "**::a"];
    const wrong = [{ severity: "error", message: expect.stringContaining(`target ${target[0]}: there is no such`) }];
    expect((await upWith(project, (register) => register(kv("a")), { target })).diagnostics).toEqual(wrong);
    expect((await refresh({ ...project.options, target })).diagnostics).toEqual(wrong);
    expect((await destroy({ ...project.options, target })).diagnostics).toEqual(wrong);
    expect(titles()).toEqual(["lab-a"]);
  });

  it("changes only what is meant, and keeps the rest as it is", async () => {
    await upWith(project, (register) =>
      Promise.all([register(kv("a", {}, "a1")), register(kv("b", {}, "b1")), register(kv("c", {}, "c1"))]),
    );
    const target = ["urn:pulumi:dev::lab::**Namespace::a"];
    await upWith(
      project,
      (register) =>
        Promise.all([register(kv("a", {}, "a2")), register(kv("b", {}, "b2")), register(kv("d", {}, "d1"))]),
      { target },
    );
    expect(titles()).toEqual(["a2", "b1", "c1"]);
    expect(steps(project.events)).toEqual(["update a"]);
  });
});
