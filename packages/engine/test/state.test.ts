import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { goTime } from "../src/checkpoint.ts";
import { writeDurably } from "../src/durable-file.ts";
import {
  CorruptStateError,
  cancel,
  outputs,
  refresh,
  restoreBackup,
  StackLockedError,
  WrongPassphraseError,
} from "../src/index.ts";
import { createProject, steps, type TestProject } from "./project.ts";
import { KV, kv, queue, upWith, urnOf } from "./run-goals.ts";
import { type StubApi, startStubApi } from "./stub-api.ts";

let api: StubApi;
let project: TestProject;
let locks: string;

beforeEach(async () => {
  api = await startStubApi();
  project = await createProject("", api.url);
  locks = join(project.directory, "state/.pulumi/locks/organization/lab/dev");
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

async function lockBy(pid: number, timestamp = goTime(new Date())): Promise<string> {
  await mkdir(locks, { recursive: true });
  const path = join(locks, `${crypto.randomUUID()}.json`);
  await writeFile(path, JSON.stringify({ pid, username: "ada", hostname: hostname(), timestamp }));
  return path;
}

const notices = () => project.events.flatMap((event) => (event.type === "notice" ? [event.message] : []));

describe("the lock", () => {
  it("names who holds it, and is given back after an operation", async () => {
    await lockBy(process.ppid);
    const refused = upWith(project, (register) => register(kv("a")));
    await expect(refused).rejects.toThrow(StackLockedError);
    await expect(refused).rejects.toThrow(`process ${process.ppid} (ada on ${hostname()}) since`);
    expect(api.calls).toEqual([]);
    const holders = await cancel(project.options);
    expect(holders).toMatchObject([{ pid: process.ppid, username: "ada" }]);
    await upWith(project, (register) => register(kv("a")));
    expect(await readdir(locks)).toEqual([]);
  });

  it("lets a second run wait, and says for whom", async () => {
    api.latency = () => 300;
    const first = upWith(project, (register) => register(kv("a")));
    await expect.poll(() => api.calls.length + titles().length, { timeout: 30_000 }).toBeGreaterThan(0);
    const other: TestProject = { ...project, options: { ...project.options, waitForLock: 10_000 } };
    await Promise.all([first, upWith(other, (register) => register(kv("a")))]);
    expect(titles()).toEqual(["lab-a"]);
    expect(notices().join()).toContain(`waiting for the stack, which is locked by process ${process.pid}`);
  });

  it("lets only one of many in at a time", async () => {
    let inside = 0;
    const program = async () => {
      expect(++inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 30));
      inside--;
    };
    const waiting: TestProject = { ...project, options: { ...project.options, waitForLock: 20_000 } };
    await Promise.all(Array.from({ length: 4 }, () => upWith(waiting, program)));
  });

  it("is taken over from a process that is gone", async () => {
    const gone = spawn("true");
    await once(gone, "exit");
    const path = await lockBy(gone.pid ?? 0);
    await writeFile(`${path}.attrs`, "{}"); // as the CLI does
    await upWith(project, (register) => register(kv("a")));
    expect(notices().join()).toContain("not running any more");
    expect(await readdir(locks)).toEqual([]);
  });

  it.runIf(process.platform === "linux")("is taken over when another process has the number now", async () => {
    await lockBy(process.pid, "2020-01-01T00:00:00Z");
    expect((await upWith(project, (register) => register(kv("a")))).outcome).toBe("succeeded");
  });
});

describe("the state file", () => {
  it("stands in the layout of a file backend, with history and backups", async () => {
    await upWith(project, (register) => register(kv("a")));
    const root = join(project.directory, "state/.pulumi");
    expect(await readFile(join(root, "meta.yaml"), "utf8")).toBe("version: 1\n");
    expect(await readdir(join(root, "stacks/lab"))).toEqual(["dev.json", "dev.json.bak"]);
    const history = await readdir(join(root, "history/lab/dev"));
    expect(history.map((name) => name.replace(/\d{19}/, "N"))).toEqual(["dev-N.checkpoint.json", "dev-N.history.json"]);
    const entry: unknown = JSON.parse(await readFile(join(root, "history/lab/dev", history[1] ?? ""), "utf8"));
    expect(entry).toMatchObject({ kind: "update", result: "succeeded", resourceChanges: { create: 2 } });
    expect((await readdir(join(root, "backups/lab/dev")))[0]).toMatch(/^dev\.\d{19}\.json$/);
    expect(await readFile(join(project.directory, "Pulumi.dev.yaml"), "utf8")).toMatch(/^encryptionsalt: v1:.{12}:v1:/);
  });

  it("is not touched when it is cut off, and the one before can be put back", async () => {
    await upWith(project, async (register) => {
      await register(kv("a"));
      await register(kv("b"));
    });
    await truncate(project.stateFile, 500);
    const broken = await readFile(project.stateFile, "utf8");
    const failed = upWith(project, (register) => register(kv("a")));
    await expect(failed).rejects.toThrow(CorruptStateError);
    await expect(failed).rejects.toThrow(`${project.stateFile}.bak`);
    expect(await readFile(project.stateFile, "utf8")).toBe(broken);

    await restoreBackup(project.options);
    expect(await readFile(`${project.stateFile}.corrupt`, "utf8")).toBe(broken);
    await refresh(project.options);
    await upWith(project, async (register) => {
      await register(kv("a"));
      await register(kv("b"));
    });
    expect(titles()).toEqual(["lab-a", "lab-b"]);
  });

  it.runIf(process.getuid?.() !== 0)("is as before when it cannot be written", async () => {
    await upWith(project, (register) => register(kv("a")));
    const before = await readFile(project.stateFile, "utf8");
    const folder = join(project.stateFile, "..");
    await chmod(folder, 0o500);
    const result = await upWith(project, (register) => register(kv("b"))).catch((error: unknown) => error);
    await chmod(folder, 0o700);
    expect(JSON.stringify(result)).toContain("could not write");
    expect(await readFile(project.stateFile, "utf8")).toBe(before);
  });

  it.runIf(process.getuid?.() === 0 && process.platform === "linux")("is as before when the disk is full", async () => {
    const disk = join(project.directory, "tiny-disk");
    await mkdir(disk);
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]).status !== 0) return; // not allowed here
    try {
      const options = { ...project.options, backend: disk };
      await upWith({ ...project, options }, (register) => register(kv("a")));
      const path = join(disk, ".pulumi/stacks/lab/dev.json");
      const before = await readFile(path, "utf8");
      await writeFile(join(disk, "filler"), Buffer.alloc(60_000)).catch(() => {});
      const full = upWith({ ...project, options }, (register) => register(kv("b")));
      await expect(full).rejects.toThrow("the disk is full (ENOSPC)");
      await expect(writeDurably(path, "x".repeat(60_000))).rejects.toThrow("the disk is full (ENOSPC)");
      expect(await readFile(path, "utf8")).toBe(before);
      expect(titles()).toEqual(["lab-a"]);
      await rm(join(disk, "filler"));
      await upWith({ ...project, options }, (register) => register(kv("b")));
      expect(titles()).toEqual(["lab-b"]);
    } finally {
      spawnSync("umount", [disk]);
    }
  });

  it("is not opened with another passphrase", async () => {
    await upWith(project, (register) => register(kv("a")));
    const other: TestProject = { ...project, options: { ...project.options, passphrase: "wrong" } };
    await expect(upWith(other, (register) => register(kv("a")))).rejects.toThrow(WrongPassphraseError);
    await expect(outputs(other.options)).rejects.toThrow(WrongPassphraseError);
  });

  it("has the pending operation in it before the API is called", async () => {
    const pending: unknown[] = [];
    api.latency = () => 60;
    const reads: Promise<unknown>[] = [];
    api.fault = (method) => {
      if (method !== "GET")
        reads.push(
          project.state().then((state) => pending.push(...state.pending.map((operation) => operation["type"]))),
        );
      return undefined;
    };
    await upWith(project, (register) => register(kv("a")));
    await upWith(project, (register) => register(kv("a", {}, "renamed")));
    await upWith(project, async () => {});
    await Promise.all(reads);
    expect(pending).toEqual(["creating", "updating", "deleting"]);
  });
});

describe("after a crash", () => {
  /** Leaves the state as a crash in the middle of a step does. */
  async function crashedDuring(
    type: string,
    name: string,
    change: (resource: Record<string, unknown>) => Record<string, unknown>,
    /** What the state has of it beside the interrupted create, as after a run of the CLI. */
    { keep }: { keep?: typeof change } = {},
  ): Promise<void> {
    const text: { checkpoint: { latest: { resources: Record<string, unknown>[]; pending_operations?: unknown[] } } } =
      JSON.parse(await readFile(project.stateFile, "utf8"));
    const { latest } = text.checkpoint;
    const index = latest.resources.findIndex((state) => String(state["urn"]).endsWith(`::${name}`));
    const [resource] = latest.resources.slice(index, index + 1);
    latest.pending_operations = [{ type, resource: change({ ...resource }) }];
    if (type === "creating") latest.resources.splice(index, 1, ...(keep ? [keep({ ...resource })] : []));
    await writeFile(project.stateFile, JSON.stringify(text));
  }

  const withoutResult = ({ id: _id, outputs: _outputs, ...resource }: Record<string, unknown>) => resource;

  it("adopts what an interrupted create has made, and brings it to what is wanted now", async () => {
    await upWith(project, (register) => register(queue("q")));
    await crashedDuring("creating", "q", withoutResult);
    const result = await upWith(project, (register) => register(queue("q", {}, { settings: { deliveryDelay: 7 } })));
    expect(result.outcome).toBe("succeeded");
    expect(api.items("queues")).toMatchObject([{ settings: { delivery_delay: 7 } }]);
    expect((await project.resource("q"))?.["id"]).toBe(api.items("queues")[0]?.["queue_id"]);
    expect((await project.state()).pending).toEqual([]);
  });

  it("makes it when the create had no effect", async () => {
    await upWith(project, (register) => register(kv("a")));
    await crashedDuring("creating", "a", withoutResult);
    api.collections.clear();
    await upWith(project, (register) => register(kv("a")));
    expect(titles()).toEqual(["lab-a"]);
  });

  it("deletes what an interrupted create has made when the program does not want it any more", async () => {
    await upWith(project, (register) => register(kv("a")));
    await crashedDuring("creating", "a", withoutResult);
    await upWith(project, async () => {});
    expect(titles()).toEqual([]);
    expect((await project.state()).pending).toEqual([]);
  });

  it("deletes nothing that the state has under another id, as the real provider gives some", async () => {
    await upWith(project, (register) => register(kv("a")));
    await crashedDuring("creating", "a", withoutResult, { keep: (resource) => ({ ...resource, id: "missing ID" }) });
    await upWith(project, (register) => register(kv("a")));
    expect(titles()).toEqual(["lab-a"]);
    expect((await project.state()).pending).toEqual([]);
  });

  it("updates again after an interrupted update, even when the program went back", async () => {
    await upWith(project, (register) => register(kv("a", {}, "one")));
    await crashedDuring("updating", "a", (resource) => resource);
    await upWith(project, (register) => register(kv("a", {}, "one")));
    expect(steps(project.events)).toEqual(["update a"]);
  });

  it("takes an interrupted delete for done when the thing is gone, and makes it again when it is wanted", async () => {
    await upWith(project, (register) => register(kv("a")));
    await crashedDuring("deleting", "a", (resource) => resource);
    api.collections.clear();
    await upWith(project, (register) => register(kv("a")));
    expect(titles()).toEqual(["lab-a"]);
    expect((await project.state()).resources.filter((state) => state["urn"] === urnOf(KV, "a"))).toHaveLength(1);

    await crashedDuring("deleting", "a", (resource) => resource);
    api.collections.clear();
    expect((await upWith(project, async () => {})).outcome).toBe("succeeded");
    expect(await project.resource("a")).toBeUndefined();
  });

  it("takes what was made into the state at a refresh", async () => {
    await upWith(project, (register) => register(kv("a")));
    await crashedDuring("creating", "a", withoutResult);
    await refresh(project.options);
    expect(await project.resource("a")).toBeDefined();
    expect((await project.state()).pending).toEqual([]);
  });
});
