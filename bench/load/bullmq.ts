import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";

const VERSION = "6.7.0";

/** What the bench uses of BullMQ. */
interface BullMq {
  Queue: new (
    name: string,
    options: object,
  ) => {
    addBulk(jobs: object[]): Promise<unknown>;
    add(name: string, data: object, options?: object): Promise<unknown>;
    close(): Promise<void>;
  };
  Worker: new (
    name: string,
    work: (job: { data: { one?: string } }) => Promise<void>,
    options: object,
  ) => { close(): Promise<void>; waitUntilReady(): Promise<unknown> };
}

/** BullMQ in front of a Redis of its own, durable as far as Redis is by default with its log on: once a second. */
export interface BullMqPeer {
  readonly bullmq: BullMq;
  readonly connection: { readonly host: string; readonly port: number };
  end(): void;
}

/**
 * Starts Debian's Redis with its append-only log, and loads BullMQ, which is installed beside the checkout at the first
 * use. Undefined where there is no `redis-server`.
 */
export async function startBullMq(port: number): Promise<BullMqPeer | undefined> {
  if (!hasRedis()) return undefined;
  const folder = path.join(tmpdir(), `bench-bullmq-${VERSION}`);
  if (!existsSync(path.join(folder, "node_modules/bullmq"))) {
    const options = ["--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"];
    execFileSync("npm", ["install", ...options, `bullmq@${VERSION}`, "ioredis@5"], { stdio: "ignore" });
  }
  const data = mkdtempSync(path.join(tmpdir(), "bench-redis-"));
  const redis = spawn("redis-server", ["--port", String(port), "--dir", data, "--appendonly", "yes", "--save", ""], {
    stdio: "ignore",
  });
  await listening(redis, port);
  const bullmq = createRequire(path.join(folder, "package.json"))("bullmq") as BullMq;
  return {
    bullmq,
    connection: { host: "127.0.0.1", port },
    end() {
      redis.kill("SIGKILL");
      rmSync(data, { recursive: true, force: true });
    },
  };
}

function hasRedis(): boolean {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function listening(redis: ChildProcess, port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      execFileSync("redis-cli", ["-p", String(port), "ping"], { stdio: "ignore" });
      return;
    } catch {
      if (redis.exitCode !== null) throw new Error(`redis-server ended with ${redis.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error("redis-server did not answer in 5 s");
}
