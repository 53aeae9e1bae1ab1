import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import Cloudflare from "cloudflare";
import { uploadForm } from "../../cloud-fixture.ts";
import { type Cloud, type CloudOptions, createCloud } from "../../index.ts";
import { endServers, listen } from "../../testing/small-server.ts";

/** A message as the consumer saw it. `type` is what `typeof` and the constructor say of its body. */
interface SeenMessage {
  id: string;
  body: unknown;
  type: string;
  attempts: number;
  timestamp: number;
}

export interface SeenBatch {
  queue: string;
  messages: SeenMessage[];
  backlog: number;
}

/** What the consumer shall do with a batch. Nothing: it returns, which acknowledges all. */
interface Orders {
  ack?: string[];
  retry?: { id: string; delaySeconds?: number }[];
  ackAll?: boolean;
  retryAll?: { delaySeconds?: number };
  throws?: boolean;
  hangs?: boolean;
}

/** Sends what it is told, and asks the test what to do with each batch. */
export const WORKER = `
const bodies = {
  bytes: () => new Uint8Array([0, 1, 254, 255]),
  v8: () => new Map([["date", new Date(0)], ["big", 12n]]),
};
export default {
  async fetch(request, env) {
    const { messages, delaySeconds } = await request.json();
    const made = messages.map(({ made, body, ...rest }) => ({ ...rest, body: made ? bodies[made]() : body }));
    try {
      const answer = made.length === 1
        ? await env.JOBS.send(made[0].body, { contentType: made[0].contentType, delaySeconds: made[0].delaySeconds })
        : await env.JOBS.sendBatch(made, { delaySeconds });
      return Response.json(answer?.metadata?.metrics ?? null);
    } catch (error) {
      return new Response(error.message, { status: 500 });
    }
  },
  async queue(batch, env) {
    const messages = batch.messages.map(({ id, body, attempts, timestamp }) => ({
      id, attempts, timestamp: timestamp.getTime(), type: body?.constructor?.name ?? typeof body,
      body: body instanceof ArrayBuffer ? [...new Uint8Array(body)] : body instanceof Map ? [...body].map(([key, value]) => [key, String(value.getTime?.() ?? value)]) : body,
    }));
    const backlog = batch.metadata?.metrics?.backlogCount ?? -1;
    const answer = await fetch(env.TEST, { method: "POST", body: JSON.stringify({ queue: batch.queue, messages, backlog }) });
    const orders = await answer.json();
    if (orders.hangs) await new Promise((resolve) => setTimeout(resolve, 3_600_000));
    for (const message of batch.messages) {
      if (orders.ack?.includes(message.id)) message.ack();
      const retry = orders.retry?.find(({ id }) => id === message.id);
      if (retry) message.retry({ delaySeconds: retry.delaySeconds });
    }
    if (orders.ackAll) batch.ackAll();
    if (orders.retryAll) batch.retryAll(orders.retryAll);
    if (orders.throws) throw new Error("the consumer failed");
  },
};`;

/** A cloud with a Worker \`w\` that produces for and consumes the queue \`jobs\`. */
export interface QueueFixture {
  readonly cloud: Cloud;
  readonly directory: string;
  readonly accountId: string;
  readonly client: Cloudflare;
  readonly queueId: string;
  readonly batches: SeenBatch[];
  /** All messages that consumers saw. */
  seen(): SeenMessage[];
  /** What consumers do from now on. */
  order(orders: (batch: SeenBatch) => Orders | Promise<Orders>): void;
  /** Sends through the Worker's binding. @returns what it answered. */
  send(...messages: Record<string, unknown>[]): Promise<{ status: number; text: string }>;
  api<Result = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; result: Result; errors: { code: number; message: string }[] }>;
  local<Result>(method: string, path: string, body?: unknown): Promise<Result>;
  upload(code?: string): Promise<Response>;
  close(): Promise<void>;
}

/** @param consumer settings of the consumer of `jobs`; null for none. */
export async function startQueueCloud(
  consumer: Record<string, unknown> | null,
  options: Partial<CloudOptions> & { deadLetterQueue?: string } = {},
): Promise<QueueFixture> {
  const { deadLetterQueue, ...cloudOptions } = options;
  const batches: SeenBatch[] = [];
  let orders: (batch: SeenBatch) => Orders | Promise<Orders> = () => ({});
  const server = createServer((request, response) => {
    void text(request).then(async (body) => {
      const batch = JSON.parse(body) as SeenBatch;
      batches.push(batch);
      response.end(JSON.stringify(await orders(batch)));
    });
  });
  const { host: address } = new URL(await listen(server));
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), "local-cloud-"));
  const cloud = await createCloud({ port: 0, allowOutbound: [address], ...cloudOptions, directory });
  const accountId = cloud.account({ name: "test", plan: "paid" }).id;
  const authorization = { authorization: `Bearer ${cloud.token}` };
  const client = new Cloudflare({ apiToken: cloud.token, baseURL: cloud.apiUrl, maxRetries: 0 });
  const call = async (url: string, method: string, body?: unknown) =>
    fetch(url, { method, headers: authorization, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const fixture: Omit<QueueFixture, "queueId"> = {
    cloud,
    directory,
    accountId,
    client,
    batches,
    seen: () => batches.flatMap(({ messages }) => messages),
    order(next) {
      orders = next;
    },
    async send(...messages) {
      const url = String(cloud.workerUrl(accountId, "w"));
      const response = await fetch(url, { method: "POST", body: JSON.stringify({ messages }) });
      return { status: response.status, text: await response.text() };
    },
    async api<Result>(method: string, path: string, body?: unknown) {
      const response = await call(`${cloud.apiUrl}/accounts/${accountId}${path}`, method, body);
      const answer = (await response.json()) as { result: Result; errors: { code: number; message: string }[] };
      return { status: response.status, ...answer };
    },
    async local<Result>(method: string, path: string, body?: unknown) {
      const response = await call(`${cloud.url}/_local${path}`, method, body);
      if (!response.ok) throw new Error(await response.text());
      return (await response.json()) as Result;
    },
    upload(code = WORKER) {
      const bindings = [
        { type: "queue", name: "JOBS", queue_name: "jobs" },
        { type: "plain_text", name: "TEST", text: `http://${address}` },
      ];
      const body = uploadForm(code, { bindings });
      const url = `${cloud.apiUrl}/accounts/${accountId}/workers/scripts/w`;
      return fetch(url, { method: "PUT", headers: authorization, body });
    },
    async close() {
      await cloud.close();
      endServers(server);
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
  const known = await fixture.api<{ queue_id: string }[]>("GET", "/queues?name=jobs");
  let queueId = known.result[0]?.queue_id;
  if (queueId === undefined) {
    queueId = String((await client.queues.create({ account_id: accountId, queue_name: "jobs" })).queue_id);
    const uploaded = await fixture.upload();
    if (!uploaded.ok) throw new Error(await uploaded.text());
    if (consumer !== null) {
      const settings = { max_wait_time_ms: 0, ...consumer };
      const body = { type: "worker", script_name: "w", settings, dead_letter_queue: deadLetterQueue };
      const added = await fixture.api("POST", `/queues/${queueId}/consumers`, body);
      if (added.status !== 200) throw new Error(JSON.stringify(added));
    }
  }
  return { ...fixture, queueId };
}
