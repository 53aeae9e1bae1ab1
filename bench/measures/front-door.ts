import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createCloud } from "@tenner/local-cloud";
import autocannon from "autocannon";
import { Miniflare } from "miniflare";
import type { Measure } from "../run.ts";
import { spread } from "../statistics.ts";

const CODE = 'export default { fetch() { return new Response("hello"); } };';
const COMPATIBILITY_DATE = "2026-11-01";
const ROUNDS = 5;

/** Requests a second through the cloud's front door, beside the same Worker on workerd's own socket. */
export async function frontDoor(): Promise<Measure[]> {
  const directory = mkdtempSync(path.join(tmpdir(), "tenner-bench-"));
  const cloud = await createCloud({ directory, port: 0 });
  const raw = new Miniflare({
    name: "hello",
    cf: false,
    compatibilityDate: COMPATIBILITY_DATE,
    modules: [{ type: "ESModule", path: "index.js", contents: CODE }],
    modulesRoot: "/",
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  });
  try {
    const account = cloud.account({ name: "bench", plan: "paid" });
    await upload(cloud.apiUrl, cloud.token, account.id);
    const door = cloud.workerUrl(account.id, "hello");
    if (!door) throw new Error("the Worker has no address");
    await raw.ready;
    const socket = (await raw.unsafeGetDirectURL("hello")).href;
    const figures = { door: [] as number[], socket: [] as number[], latency: [] as number[] };
    await load(door, 2);
    await load(socket, 2);
    for (let round = 0; round < ROUNDS; round++) {
      figures.socket.push((await load(socket, 4)).requestsPerSecond);
      const through = await load(door, 4);
      figures.door.push(through.requestsPerSecond);
      figures.latency.push(through.p99);
    }
    const [through, direct] = [spread(figures.door), spread(figures.socket)];
    const text = (each: { median: number; min: number; max: number }) =>
      `${Math.round(each.median)} req/s (${Math.round(each.min)}–${Math.round(each.max)})`;
    return [
      {
        what: "front door, trivial Worker, 50 connections",
        figure: `${text(through)}, ${Math.round((100 * through.median) / direct.median)} % of raw; p99 ${spread(figures.latency).median} ms`,
        against: `raw workerd socket ${text(direct)}`,
      },
    ];
  } finally {
    await raw.dispose();
    await cloud.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function upload(apiUrl: string, token: string, accountId: string): Promise<void> {
  const form = new FormData();
  form.append(
    "metadata",
    new Blob([JSON.stringify({ main_module: "index.js", compatibility_date: COMPATIBILITY_DATE, bindings: [] })], {
      type: "application/json",
    }),
  );
  form.append("index.js", new Blob([CODE], { type: "application/javascript+module" }), "index.js");
  const response = await fetch(`${apiUrl}/accounts/${accountId}/workers/scripts/hello`, {
    method: "PUT",
    headers: { authorization: `Bearer ${token}` },
    body: form,
  });
  if (!response.ok) throw new Error(`upload: ${response.status} ${await response.text()}`);
}

/** The load comes from a thread of its own: the cloud runs on this one. */
async function load(url: string, duration: number): Promise<{ requestsPerSecond: number; p99: number }> {
  const result = await autocannon({ url, connections: 50, duration, workers: 1 });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} refused, ${result.errors} failed`);
  return { requestsPerSecond: result.requests.average, p99: result.latency.p99 };
}
