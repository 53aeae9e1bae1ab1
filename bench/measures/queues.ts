import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Cloud, createCloud } from "@tenner/local-cloud";
import { Miniflare } from "miniflare";
import { type BullMqPeer, startBullMq } from "../load/bullmq.ts";
import { freePort } from "../load/free-port.ts";
import type { Measure } from "../run.ts";
import { perSecond } from "../statistics.ts";

const ROUNDS = 3;
/** Messages of one round. */
const MESSAGES = 10_000;
/** Messages whose way is timed one by one. */
const SINGLES = 200;
/** Messages that wait while the next ones are sent and delivered. */
const DEPTHS = [1_000, 100_000, 1_000_000];
/** Messages sent and delivered at each depth. */
const SAMPLE = 5_000;
const COMPATIBILITY_DATE = "2026-11-01";
const CODE = readFileSync(path.join(import.meta.dirname, "../load/queue-worker.js"), "utf8");
/** The same for all: as many messages at once, no waiting for a batch to fill, one consumer. */
const CONSUMER = { batch_size: 100, max_wait_time_ms: 0, max_retries: 3, max_concurrency: 1 };

/** A broker under test. */
interface Broker {
  /** Sends so many messages, a hundred at a time. */
  send(messages: number): Promise<unknown>;
  sendOne(text: string): Promise<unknown>;
  /** Messages that arrived so far. */
  arrived(): Promise<number>;
}

/**
 * The local cloud's queues, on disk before a send is acknowledged, beside Miniflare's broker, which keeps messages in
 * memory, and BullMQ on a Redis whose log is written out once a second.
 */
export async function queues(): Promise<Measure[]> {
  const arrivals = new Map<string, () => void>();
  const receiver = createServer((request, response) => {
    arrivals.get((request.url ?? "").slice(1))?.();
    response.end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const receiverHost = `127.0.0.1:${(receiver.address() as AddressInfo).port}`; // it listens on a port
  const directory = mkdtempSync(path.join(tmpdir(), "tenner-bench-"));
  const cloud = await createCloud({ directory, port: 0, allowOutbound: [receiverHost] });
  const memory = new Miniflare({
    name: "queue-worker",
    cf: false,
    compatibilityDate: COMPATIBILITY_DATE,
    modules: [{ type: "ESModule", path: "index.js", contents: CODE }],
    modulesRoot: "/",
    bindings: { RECEIVER: `http://${receiverHost}/` },
    queueProducers: { QUEUE: "bench" },
    queueConsumers: { bench: { maxBatchSize: 100, maxBatchTimeout: 0, maxRetries: 3 } },
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  });
  const redis = await startBullMq(await freePort());
  const bull = redis && bullBroker(redis, arrivals);
  try {
    const account = cloud.account({ name: "bench", plan: "paid" });
    const api = cloudApi(cloud, account.id);
    const queueId = await api.deploy(`http://${receiverHost}/`);
    const ours = workerBroker(cloud.workerUrl(account.id, "queue-worker") ?? "");
    await memory.ready;
    const peers: [string, Broker][] = [
      ["Miniflare's, in memory,", workerBroker((await memory.unsafeGetDirectURL("queue-worker")).href)],
    ];
    if (bull) peers.push(["BullMQ on Redis", bull.broker]);
    const brokers: [string, Broker][] = [["ours", ours], ...peers];
    const rates = new Map(brokers.map(([name]) => [name, [] as number[]]));
    const latencies = new Map(brokers.map(([name]) => [name, [] as number[]]));
    for (const [, broker] of brokers) await throughput(broker, 2000);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, broker] of brokers) rates.get(name)?.push(await throughput(broker, MESSAGES));
      for (const [name, broker] of brokers) latencies.get(name)?.push(...(await ways(broker, arrivals, SINGLES)));
    }
    const beside = (text: (name: string) => string) => {
      const all = peers.map(([name]) => `${name} ${text(name)}`);
      return [...all, ...(bull ? [] : ["BullMQ not measured: no redis-server here"])].join("; ");
    };
    const rate = (name: string) => perSecond(rates.get(name) ?? []);
    const latency = (name: string) => percentiles(latencies.get(name) ?? []);
    const rows: Measure[] = [
      {
        what: "queue, messages a second sent and delivered, a hundred a batch, one consumer",
        figure: rate("ours"),
        against: beside(rate),
      },
      { what: "queue, one message from its send to its arrival", figure: latency("ours"), against: beside(latency) },
    ];
    const depths = [];
    await api.pause(queueId, true);
    let waiting = 0;
    for (const depth of DEPTHS) {
      while (waiting < depth) {
        const more = Math.min(10_000, depth - waiting);
        await ours.send(more);
        waiting += more;
      }
      const began = performance.now();
      await ours.send(SAMPLE);
      const sent = (SAMPLE / (performance.now() - began)) * 1000;
      const before = await ours.arrived();
      await api.pause(queueId, false);
      const resumed = performance.now();
      await until(async () => (await ours.arrived()) - before >= SAMPLE);
      const delivered = (((await ours.arrived()) - before) / (performance.now() - resumed)) * 1000;
      await api.pause(queueId, true);
      await sleep(500);
      waiting += SAMPLE + before - (await ours.arrived());
      depths.push(`${depth.toLocaleString("en")}: ${Math.round(sent)} and ${Math.round(delivered)}`);
    }
    rows.push({
      what: `queue, messages a second sent and delivered while so many wait`,
      figure: depths.join("; "),
      against: "the first figure: it must not fall with depth",
    });
    return rows;
  } finally {
    await bull?.close();
    redis?.end();
    await memory.dispose();
    await cloud.close();
    receiver.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Messages a second from the first send to the last arrival. */
async function throughput(broker: Broker, messages: number): Promise<number> {
  const before = await broker.arrived();
  const began = performance.now();
  await broker.send(messages);
  await until(async () => (await broker.arrived()) - before >= messages);
  return (messages / (performance.now() - began)) * 1000;
}

/** Milliseconds from each send to its arrival, one after another. */
async function ways(broker: Broker, arrivals: Map<string, () => void>, count: number): Promise<number[]> {
  const found = [];
  for (let number = 0; number < count; number++) {
    const text = crypto.randomUUID();
    const arrival = new Promise<void>((resolve) => arrivals.set(text, resolve));
    const began = performance.now();
    await broker.sendOne(text);
    await arrival;
    found.push(performance.now() - began);
    arrivals.delete(text);
  }
  return found;
}

/** A broker behind {@link CODE} at an address. */
function workerBroker(address: string): Broker {
  const ask = async (path: string) => {
    const response = await fetch(new URL(path, address));
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.text();
  };
  return {
    send: (messages) => ask(`/?send=${messages}`),
    sendOne: (text) => ask(`/?one=${text}`),
    arrived: async () => Number(await ask("/count")),
  };
}

/** BullMQ in this process, as its users run it: jobs of no work, as many at once as a batch has messages. */
function bullBroker({ bullmq, connection }: BullMqPeer, arrivals: Map<string, () => void>) {
  let arrived = 0;
  const queue = new bullmq.Queue("bench", { connection });
  const worker = new bullmq.Worker(
    "bench",
    async ({ data }) => {
      arrived += 1;
      if (data.one !== undefined) arrivals.get(data.one)?.();
    },
    { connection, concurrency: 100, removeOnComplete: { count: 0 } },
  );
  const job = { name: "message", data: { number: 1, text: "a message of a usual length" } };
  const broker: Broker = {
    async send(messages) {
      for (let sent = 0; sent < messages; sent += 1000)
        await Promise.all(Array.from({ length: 10 }, () => queue.addBulk(Array.from({ length: 100 }, () => job))));
    },
    sendOne: (text) => queue.add("message", { one: text }),
    arrived: () => Promise.resolve(arrived),
  };
  return {
    broker,
    async close() {
      await worker.close();
      await queue.close();
    },
  };
}

/** What the bench asks of the cloud's API. */
function cloudApi(cloud: Cloud, accountId: string) {
  const call = async (path: string, method: string, body: FormData | string) => {
    const response = await fetch(`${cloud.apiUrl}/accounts/${accountId}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${cloud.token}`,
        ...(typeof body === "string" && { "content-type": "application/json" }),
      },
      body,
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { result: { queue_id: string } }).result; // Cloudflare's envelope
  };
  return {
    /** Makes the queue with its Worker. Answers the queue's id. */
    async deploy(receiver: string): Promise<string> {
      const { queue_id } = await call("/queues", "POST", JSON.stringify({ queue_name: "bench" }));
      const form = new FormData();
      const metadata = {
        main_module: "index.js",
        compatibility_date: COMPATIBILITY_DATE,
        bindings: [
          { type: "queue", name: "QUEUE", queue_name: "bench" },
          { type: "plain_text", name: "RECEIVER", text: receiver },
        ],
      };
      form.append("metadata", new Blob([JSON.stringify(metadata)], { type: "application/json" }));
      form.append("index.js", new Blob([CODE], { type: "application/javascript+module" }), "index.js");
      await call("/workers/scripts/queue-worker", "PUT", form);
      const consumer = { type: "worker", script_name: "queue-worker", settings: CONSUMER };
      await call(`/queues/${queue_id}/consumers`, "POST", JSON.stringify(consumer));
      return queue_id;
    },
    pause: (queueId: string, delivery_paused: boolean) =>
      call(`/queues/${queueId}`, "PATCH", JSON.stringify({ settings: { delivery_paused } })),
  };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error("the messages did not arrive in two minutes");
    await sleep(5);
  }
}

function percentiles(figures: readonly number[]): string {
  const sorted = figures.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}
