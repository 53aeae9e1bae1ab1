import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { startTestCloud, uploadForm } from "../cloud-fixture.ts";
import { createCloud, FolderInUseError, PortInUseError, StoreError } from "../index.ts";
import { OWNER_VARIABLE } from "./orphans.ts";

const COUNTER = `import { DurableObject } from "cloudflare:workers";
export class Counter extends DurableObject {
  async next() { const n = ((await this.ctx.storage.get("n")) ?? 0) + 1; await this.ctx.storage.put("n", n); return n; }
  async wake(ms) { await this.ctx.storage.setAlarm(Date.now() + ms); }
  async alarm() { await this.ctx.storage.put("woken", true); }
  async woken() { return (await this.ctx.storage.get("woken")) ?? false; }
}
export default { async fetch(request, env) {
  const { pathname, searchParams } = new URL(request.url);
  const counter = env.COUNTER.get(env.COUNTER.idFromName("one"));
  if (pathname === "/wake") { await counter.wake(Number(searchParams.get("ms"))); return new Response("set"); }
  if (pathname === "/woken") return Response.json(await counter.woken());
  return Response.json(await counter.next());
} };`;
const METADATA = {
  bindings: [{ type: "durable_object_namespace", name: "COUNTER", class_name: "Counter" }],
  migrations: { new_tag: "v1", new_sqlite_classes: ["Counter"] },
};

/** Process ids of the workerds that work in a folder. */
function workerds(directory: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`${OWNER_VARIABLE}=${directory}\0`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

function temporaryFolder(): string {
  const directory = mkdtempSync(join(tmpdir(), "local-cloud-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A cloud in a process of its own, which can be killed. */
async function spawnCloud(
  directory: string,
): Promise<{ child: ChildProcess; apiUrl: string; token: string; accountId: string }> {
  const source = `import { createCloud } from ${JSON.stringify(new URL("../cloud.ts", import.meta.url).href)};
    const cloud = await createCloud({ directory: ${JSON.stringify(directory)}, port: 0 });
    const account = cloud.account({ name: "test", plan: "paid" });
    console.log(JSON.stringify({ apiUrl: cloud.apiUrl, token: cloud.token, accountId: account.id }));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  return { child, ...(JSON.parse(line.toString()) as { apiUrl: string; token: string; accountId: string }) };
}

describe.skipIf(process.platform !== "linux")("processes", () => {
  it("leaves none behind when it is closed", async () => {
    const directory = temporaryFolder();
    const { cloud, upload, fetch } = await startTestCloud({ directory });
    await upload("w", COUNTER, METADATA);
    await (await fetch("w")).text();
    expect(workerds(directory).length).toBeGreaterThan(0);
    await cloud.close();
    expect(workerds(directory)).toEqual([]);
  });

  it("answers again after its workerd was killed", async () => {
    const { upload, fetch, directory } = await startTestCloud();
    await upload("w", COUNTER, METADATA);
    await expect((await fetch("w")).json()).resolves.toBe(1);
    for (const pid of workerds(directory)) process.kill(pid, "SIGKILL");
    const answers = await Promise.all(Array.from({ length: 5 }, () => fetch("w")));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const numbers = (await Promise.all(answers.map((answer) => answer.json()))) as number[];
    expect(numbers.sort((left, right) => left - right)).toEqual([2, 3, 4, 5, 6]);
  });

  it("finds everything as it was after it was killed, and ends the orphans", { timeout: 120_000 }, async () => {
    const directory = temporaryFolder();
    const first = await spawnCloud(directory);
    const upload = await fetch(`${first.apiUrl}/accounts/${first.accountId}/workers/scripts/w`, {
      method: "PUT",
      headers: { authorization: `Bearer ${first.token}` },
      body: uploadForm(COUNTER, METADATA),
    });
    expect(upload.status).toBe(200);
    const secret = await fetch(`${first.apiUrl}/accounts/${first.accountId}/workers/scripts/w/secrets`, {
      method: "PUT",
      headers: { authorization: `Bearer ${first.token}` },
      body: JSON.stringify({ name: "S", text: "value", type: "secret_text" }),
    });
    expect(secret.status).toBe(200);
    const { workers } = (await (
      await fetch(`${first.apiUrl.replace("/client/v4", "")}/_local/workers`, {
        headers: { authorization: `Bearer ${first.token}` },
      })
    ).json()) as { workers: { url: string }[] };
    const address = workers[0]?.url ?? "";
    await expect((await fetch(address)).json()).resolves.toBe(1);
    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    const orphans = workerds(directory);
    expect(orphans.length).toBeGreaterThan(0);
    const second = await startTestCloud({ directory });
    expect(workerds(directory).filter((pid) => orphans.includes(pid))).toEqual([]);
    expect(second.cloud.token).toBe(first.token);
    expect(second.cloud.workerUrl(second.accountId, "w")).toBe(address);
    await expect((await fetch(address)).json()).resolves.toBe(2);
  });

  it("sleeps when idle, and wakes for an alarm", async () => {
    const { upload, fetch, directory, cloud } = await startTestCloud({ idleAfter: 200 });
    await upload("w", COUNTER, METADATA);
    await (await fetch("w", "/wake?ms=1500")).text();
    const states = () => cloud.activity.recent().flatMap((one) => (one.type === "runtime" ? [one.state] : []));
    await vi.waitFor(() => expect(states()).toEqual(["started", "stopped"]), 30_000);
    expect(workerds(directory)).toEqual([]);
    await vi.waitFor(() => expect(states()).toEqual(["started", "stopped", "started"]), 30_000);
    await vi.waitFor(async () => expect(await (await fetch("w", "/woken")).json()).toBe(true), 30_000);
  });
});

/** A small disk of the test's own, or undefined where none may be mounted. */
function mountSmallDisk(): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), "local-cloud-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=12m", "tmpfs", directory], { stdio: "ignore" });
  } catch {
    rmSync(directory, { recursive: true });
    return undefined;
  }
  onTestFinished(() => {
    execFileSync("umount", [directory]);
    rmSync(directory, { recursive: true });
  });
  return directory;
}

describe("a full disk", () => {
  it("is named, and nothing that was there is lost", { timeout: 120_000 }, async ({ skip }) => {
    const disk = mountSmallDisk();
    if (disk === undefined) return skip("only root can mount a small disk");
    const directory = join(disk, "cloud");
    const { api, upload, fetch, cloud, accountId, client } = await startTestCloud({ directory });
    const { id: kv } = await client.kv.namespaces.create({ account_id: accountId, title: "k" });
    const write = async (path: string, body: string) => {
      const headers = { authorization: `Bearer ${cloud.token}` };
      const url = `${cloud.apiUrl}/accounts/${accountId}${path}`;
      return (await globalThis.fetch(url, { method: "PUT", headers, body })).status;
    };
    const pair = `/storage/kv/namespaces/${kv}/values/key`;
    const object = "/r2/buckets/bucket/objects/key";
    await client.r2.buckets.create({ account_id: accountId, name: "bucket" });
    expect([await write(pair, "old"), await write(object, "old")]).toEqual([200, 200]);
    await upload("w", `export default { fetch: () => new Response("old") };`);
    expect(await (await fetch("w")).text()).toBe("old");
    fill(disk);

    // More than what SQLite has set aside on the disk already (its WAL keeps up to 4 MB).
    const large = "x".repeat(6_000_000);
    const refused = await upload("w", `export default { fetch: () => new Response("new") }; // ${large}`);
    expect([refused.status, refused.errors[0]?.message]).toEqual([507, expect.stringContaining("disk")]);
    expect([await write(pair, large), await write(object, large)]).toEqual([507, 507]);
    expect(await (await fetch("w")).text()).toBe("old");
    rmSync(join(disk, "filler"));

    expect((await api("GET", pair)).body).toBe("old");
    expect((await api("GET", object)).body).toBe("old");
    expect((await upload("w", `export default { fetch: () => new Response("new") };`)).status).toBe(200);
    await vi.waitFor(async () => expect(await (await fetch("w")).text()).toBe("new"), { timeout: 30_000 });
  });
});

/** Writes until nothing more fits. */
function fill(disk: string): void {
  const filler = openSync(join(disk, "filler"), "w");
  try {
    for (;;) writeSync(filler, Buffer.alloc(4096));
  } catch {
    closeSync(filler);
  }
}

describe("ownership", () => {
  it("refuses a second owner of a folder, and names the first", async () => {
    const { directory, cloud } = await startTestCloud();
    const second = createCloud({ directory, port: 0 });
    await expect(second).rejects.toThrow(FolderInUseError);
    await expect(createCloud({ directory, port: 0 })).rejects.toThrow(`process ${process.pid}`);
    await expect(createCloud({ directory, port: 0 })).rejects.toThrow(cloud.url);
  });

  it("says which port is taken", async () => {
    const { cloud } = await startTestCloud();
    const port = Number(new URL(cloud.url).port);
    const other = createCloud({ directory: temporaryFolder(), port });
    await expect(other).rejects.toThrow(PortInUseError);
    await expect(other).rejects.toThrow(String(port));
  });

  it("says whose address another program took", async () => {
    const directory = temporaryFolder();
    const first = await startTestCloud({ directory });
    await first.upload("w", COUNTER, METADATA);
    const port = Number(new URL(first.cloud.workerUrl(first.accountId, "w") ?? "").port);
    await first.cloud.close();
    const thief = createServer().listen(port, "127.0.0.1");
    await once(thief, "listening");
    onTestFinished(() => void thief.close());
    await expect(createCloud({ directory, port: 0 })).rejects.toThrow(`port ${port} is the address of Worker w`);
  });

  it("refuses a damaged store and leaves it", async () => {
    const directory = temporaryFolder();
    execFileSync("sh", ["-c", `head -c 8192 /dev/urandom > ${directory}/cloud.sqlite`]);
    const before = readFileSync(`${directory}/cloud.sqlite`);
    await expect(createCloud({ directory, port: 0 })).rejects.toThrow(StoreError);
    expect(readFileSync(`${directory}/cloud.sqlite`).equals(before)).toBe(true);
  });
});
