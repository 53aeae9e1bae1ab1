import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { goTime } from "../src/checkpoint.ts";
import {
  cancel,
  destroy,
  importState,
  listResources,
  outputs,
  preview,
  removeStack,
  StackLockedError,
  UnsavedStateError,
  up,
} from "../src/index.ts";
import { killAll, startUp } from "./killable-up.ts";
import { createProject, PASSPHRASE, steps, type TestProject } from "./project.ts";
import { KV, kv, queue, upWith } from "./run-goals.ts";
import { type S3Double, startS3Double } from "./s3-double.ts";
import { type StubApi, startStubApi } from "./stub-api.ts";

const CHECKPOINT = ".pulumi/stacks/lab/dev.json";
const LOCKS = ".pulumi/locks/organization/lab/dev/";

let s3: S3Double;
let api: StubApi;
let project: TestProject;

beforeEach(async () => {
  [s3, api] = await Promise.all([startS3Double(), startStubApi()]);
  const made = await createProject("", api.url);
  const environment = { ...made.options.environment, ...s3.environment };
  project = { ...made, options: { ...made.options, backend: s3.url, environment } };
});

afterEach(async () => {
  await killAll();
  await project.remove();
  await Promise.all([s3.close(), api.close()]);
});

const titles = () =>
  api
    .items("storage/kv/namespaces")
    .map((item) => String(item["title"]))
    .sort();
const locks = () => [...s3.objects.keys()].filter((key) => key.startsWith(LOCKS));
const notices = () => project.events.flatMap((event) => (event.type === "notice" ? [event.message] : []));
const names = async () => (await listResources(project.options)).map(({ name }) => name);

function checkpoint(): {
  resources: { urn: string }[];
  pending_operations?: { type: string; resource: { urn: string } }[];
} {
  return JSON.parse(s3.objects.get(CHECKPOINT) ?? "").checkpoint.latest;
}

function lockBy(pid: number, machine?: string): void {
  const content = { pid, username: "ada", hostname: hostname(), timestamp: goTime(new Date()), machine };
  s3.objects.set(`${LOCKS}${crypto.randomUUID()}.json`, JSON.stringify(content));
}

describe("a stack whose state is in a bucket", () => {
  it("is made, changed, read, destroyed and forgotten, in the CLI's layout", async () => {
    await project.write(`
new WorkersKvNamespace("a", { accountId, title: "lab-a" });
export const secret = pulumi.secret("hush-hush-hush");
`);
    expect((await up(project.options)).outcome).toBe("succeeded");
    expect(titles()).toEqual(["lab-a"]);
    const keys = [...s3.objects.keys()].map((key) => key.replace(/\d{19}/, "NANOS")).sort();
    expect(keys).toEqual([
      ".pulumi/backups/lab/dev/dev.NANOS.json",
      ".pulumi/history/lab/dev/dev-NANOS.checkpoint.json",
      ".pulumi/history/lab/dev/dev-NANOS.history.json",
      ".pulumi/meta.yaml",
      CHECKPOINT,
      `${CHECKPOINT}.bak`,
    ]);
    expect(s3.objects.get(".pulumi/meta.yaml")).toBe("version: 1\n");
    expect([...s3.objects.values()].join()).not.toContain("hush-hush-hush");
    expect((await outputs(project.options))["secret"]?.value).toBe("hush-hush-hush");

    const before = new Map(s3.objects);
    await project.write(`new WorkersKvNamespace("b", { accountId, title: "lab-b" });`);
    await preview(project.options);
    expect(steps(project.events)).toEqual(["create b", "delete a"]);
    expect(s3.objects).toEqual(before);
    await up(project.options);
    expect(titles()).toEqual(["lab-b"]);
    expect(readdirSync(project.directory)).not.toContain("s3:");

    expect((await destroy(project.options)).outcome).toBe("succeeded");
    expect(titles()).toEqual([]);
    await removeStack(project.options);
    expect([...s3.objects.keys()]).toEqual([".pulumi/meta.yaml"]);
  });

  it("knows in the bucket of every call before it is made", async () => {
    const known: boolean[] = [];
    api.fault = (method, path) => {
      if (method === "POST") {
        const kind = path.includes("queues") ? "queue" : "kv";
        known.push((checkpoint().pending_operations ?? []).some(({ resource }) => resource.urn.endsWith(`::${kind}`)));
      }
      return undefined;
    };
    await upWith(project, async (register) => {
      await register(kv("kv"));
      await register(queue("queue"));
    });
    expect(known).toEqual([true, true]);
    expect(checkpoint().pending_operations ?? []).toEqual([]);
  });

  it("is not taken for new when the CLI keeps it in another form", async () => {
    s3.objects.set(`${CHECKPOINT}.gz`, "…");
    const refused = upWith(project, (register) => register(kv("a")));
    await expect(refused).rejects.toThrow("PULUMI_DIY_BACKEND_GZIP");
    s3.objects.delete(`${CHECKPOINT}.gz`);
    s3.objects.set(".pulumi/stacks/dev.json", "{}");
    await expect(upWith(project, (register) => register(kv("a")))).rejects.toThrow("pulumi state upgrade");
    expect(titles()).toEqual([]);
  });
});

describe("two operators", () => {
  it("do not work at once: the one is told who the other is, or waits", async () => {
    api.latency = () => 300;
    const first = upWith(project, (register) => register(kv("a")));
    await vi.waitFor(() => expect(api.calls.length + locks().length).toBeGreaterThan(0));
    const second = await createProject("", api.url);
    const theirs = {
      ...second,
      options: { ...second.options, backend: s3.url, environment: project.options.environment ?? {} },
    };
    const both = (register: Parameters<Parameters<typeof upWith>[1]>[0]) =>
      Promise.all([register(kv("a")), register(kv("b"))]);
    const options = { ...theirs.options, waitForLock: 20_000 };
    const results = await Promise.all([first, upWith({ ...theirs, options }, both)]);
    expect(results.map(({ outcome }) => outcome)).toEqual(["succeeded", "succeeded"]);
    expect(titles()).toEqual(["lab-a", "lab-b"]);
    expect(locks()).toEqual([]);
    await second.remove();
  });

  it("are kept apart by the lock of a process that runs, on this machine or on another of the same name", async () => {
    lockBy(process.ppid);
    const refused = upWith(project, (register) => register(kv("a")));
    await expect(refused).rejects.toThrow(StackLockedError);
    await expect(refused).rejects.toThrow(`s3://states/${LOCKS}`);
    expect(await cancel(project.options)).toMatchObject([{ pid: process.ppid, username: "ada" }]);
    lockBy(spawnSync("true").pid, "a container of the same host name");
    await expect(upWith(project, (register) => register(kv("a")))).rejects.toThrow(StackLockedError);
    expect(titles()).toEqual([]);
  });

  it("do not overwrite each other when the lock was removed from under one", async () => {
    await upWith(project, (register) => register(kv("a")));
    const robbed = upWith(project, async (register) => {
      await register(kv("a"));
      // Somebody takes the run for dead, and goes on.
      await cancel(project.options);
      await upWith({ ...project, options: { ...project.options, onEvent: () => {} } }, (again) =>
        Promise.all([again(kv("a")), again(kv("theirs"))]),
      );
      await register(kv("mine"));
    });
    await expect(robbed).rejects.toThrow("changed by somebody else");
    await expect(robbed).rejects.toThrow("It must not replace the other's; run the command again");
    expect(await names()).toContain("theirs");
  });
});

describe("a run that ends in the middle", () => {
  it("by kill -9 makes nothing twice and forgets nothing: the next one takes its lock and goes on", async () => {
    await project.write(`
const kvs = [0, 1, 2].map((n) => new WorkersKvNamespace("kv" + n, { accountId, title: "kv-" + n }));
kvs.map((kv, n) => new WorkersKvNamespace("more" + n, { accountId, title: pulumi.interpolate\`more-\${n}-\${kv.title}\` }));
`);
    for (const last of [1, 3]) {
      const child = startUp(project);
      let posts = 0;
      // The thing is made, and the one who wanted it does not live to hear of it.
      api.fault = (method) => {
        if (method === "POST" && ++posts === last) child.kill("SIGKILL");
        return undefined;
      };
      await once(child, "exit");
      expect([child.signalCode, locks().length]).toEqual(["SIGKILL", 1]);
    }
    api.fault = () => undefined;
    expect((await up(project.options)).outcome).toBe("succeeded");
    expect(notices().join()).toContain("which is not running any more");
    const expected = ["kv-0", "kv-1", "kv-2", "more-0-kv-0", "more-1-kv-1", "more-2-kv-2"];
    expect(titles()).toEqual(expected);
    expect(checkpoint().pending_operations ?? []).toEqual([]);
    const kept = (await listResources(project.options)).flatMap(({ id, type }) => (type === KV ? [String(id)] : []));
    expect(kept.sort()).toEqual(
      api
        .items("storage/kv/namespaces")
        .map(({ id }) => String(id))
        .sort(),
    );
    expect(locks()).toEqual([]);
  });

  it("because the bucket went away keeps the newest state in a file, which is put back", {
    timeout: 60_000,
  }, async () => {
    const failed = await upWith(project, async (register) => {
      await register(kv("a"));
      api.fault = (method) => {
        if (method === "POST") void s3.close();
        return undefined;
      };
      await register(kv("b"));
    }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(UnsavedStateError);
    const { path } = failed as UnsavedStateError; // checked above
    expect(String(failed)).toContain(`tenner state import ${path} -s dev`);
    expect(notices().join()).toContain("could not be removed");
    api.fault = () => undefined;
    expect(titles()).toEqual(["lab-a", "lab-b"]);

    await s3.open();
    expect((await names()).length).toBeLessThanOrEqual(4);
    // What a person does: the lock is of this very process here, and so not stale.
    await cancel(project.options);
    await importState({ ...project.options, passphrase: PASSPHRASE }, readFileSync(path, "utf8"));
    expect(existsSync(path)).toBe(false);
    await upWith(project, (register) => Promise.all([register(kv("a")), register(kv("b"))]));
    expect(steps(project.events)).toEqual([]);
    expect(titles()).toEqual(["lab-a", "lab-b"]);
  });

  it("because the bucket takes nothing any more goes on without that file, too: nothing is made twice", async () => {
    const failed = upWith(project, async (register) => {
      api.fault = (method) => {
        if (method === "POST") s3.fault = () => ({ status: 403, code: "AccessDenied" });
        return undefined;
      };
      await register(kv("a"));
    });
    await expect(failed).rejects.toThrow("could not be saved");
    [api.fault, s3.fault] = [() => undefined, () => undefined];
    await cancel(project.options);
    await upWith(project, (register) => register(kv("a")));
    expect(titles()).toEqual(["lab-a"]);
    expect(notices().join()).toContain("the state is saved; the older one in");
  });

  it("does nothing when the bucket does not take what is about to be done", async () => {
    const failed = upWith(project, async (register) => {
      await register(kv("a"));
      s3.fault = (method) => (method === "PUT" ? { status: 403, code: "AccessDenied" } : undefined);
      await register(kv("b"));
    });
    await expect(failed).rejects.toThrow("needs to read, write, list and delete");
    expect(titles()).toEqual(["lab-a"]);
  });
});
