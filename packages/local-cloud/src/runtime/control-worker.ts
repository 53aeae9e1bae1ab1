import { USAGE_CHANNEL } from "./usage-modules.ts";

/** Name of the hidden Worker that every account has. No script can have it: script names have no underscore in front. */
export const CONTROL_WORKER = "__control";

/**
 * Code of the hidden Worker. It is bound to all data of the account, so that the control plane reaches it
 * ({@link file://./data-client.ts}), and it is the tail of every Worker: it sends what they log to us, and counts what
 * they use until we ask ({@link file://../core/usage.ts}).
 */
export const CONTROL_WORKER_CODE = `
import { WorkerEntrypoint } from "cloudflare:workers";

const USAGE_CHANNEL = ${JSON.stringify(USAGE_CHANNEL)};

/** Scripts somebody tails now: all their events are sent, not only those with something to read. */
let tailed = new Set();

/** Events that wait, by script: those that come while some are on their way leave together with the next. */
let waiting = new Map();
/** When a request of ours left, in ms; 0: none is on its way. */
let sending = 0;
/** A sender that was ended does not say so. */
const LOST_AFTER_MS = 5000;

/** What was used since we were last asked, by script and meter. The API's own use has no script. */
let usage = {};

function count(script, amounts) {
  const counts = (usage[script] ??= {});
  for (const meter in amounts) counts[meter] = (counts[meter] ?? 0) + amounts[meter];
}

/** Every call of a Worker or a Durable Object ends with one event. */
function countCall(script, { executionModel, event, eventTimestamp, logs, exceptions, diagnosticsChannelEvents }) {
  const amounts = { "workers_logs.events": 1 + logs.length + exceptions.length };
  if (executionModel === "durableObject") {
    const message = event !== null && "getWebSocketEvent" in event && event.getWebSocketEvent.webSocketEventType === "message";
    amounts["durable_objects.requests"] = message ? 1 / 20 : 1;
    amounts["durable_objects.duration_ms"] = Math.max(0, Date.now() - eventTimestamp);
  } else if (isRequest(event)) amounts["workers.requests"] = 1;
  count(script, amounts);
  for (const { channel, message } of diagnosticsChannelEvents) if (channel === USAGE_CHANNEL) count(script, message);
}

/** From outside, a cron or a queue: calls of other Workers are free. */
const isRequest = (event) =>
  event !== null && ("cron" in event || "queue" in event || event.request?.headers["cf-connecting-ip"] !== undefined);

const withoutCounts = (event) => ({
  ...event,
  diagnosticsChannelEvents: event.diagnosticsChannelEvents.filter(({ channel }) => channel !== USAGE_CHANNEL),
});

export class Tail extends WorkerEntrypoint {
  async tail(events) {
    const { script } = this.ctx.props;
    for (const event of events) {
      countCall(script, event);
      const { logs, exceptions } = event;
      if (!tailed.has(script) && logs.length === 0 && exceptions.length === 0) continue;
      if (!waiting.has(script)) waiting.set(script, []);
      waiting.get(script).push(tailed.has(script) ? withoutCounts(event) : { outcome: event.outcome, logs, exceptions, eventTimestamp: event.eventTimestamp, event: onlyQueue(event.event) });
    }
    if (Date.now() - sending > LOST_AFTER_MS) await send(this.env);
  }
}

/** What nobody tails is read for its logs, and for the batch that it belongs to: a request's headers are not worth their way. */
const onlyQueue = (event) => (event !== null && "queue" in event ? event : null);

async function send(env) {
  while (waiting.size > 0) {
    const scripts = waiting;
    waiting = new Map();
    sending = Date.now();
    for (const [script, events] of scripts) {
      const headers = { "x-local-script": script };
      await env.SINK.fetch("http://local/tail", { method: "POST", headers, body: JSON.stringify(events) }).catch(() => {});
    }
  }
  sending = 0;
}

export default {
  async fetch(request, env) {
    if (request.headers.get("x-local-secret") !== env.SECRET) return new Response("not for you", { status: 403 });
    const url = new URL(request.url);
    const [, product, id] = url.pathname.split("/").map(decodeURIComponent);
    try {
      if (product === "queue") return await deliver(env["queue:" + id], await request.arrayBuffer());
      if (product === "scheduled") return await fire(env["queue:" + id], await request.json());
      if (product === "usage") { const used = usage; usage = {}; return Response.json(used); }
      if (product === "tailed") { tailed = new Set(await request.json()); return new Response(null, { status: 204 }); }
      const binding = env[product + ":" + id];
      if (binding === undefined) return new Response("no such resource", { status: 410 });
      if (product === "kv") return await kv(binding, request, url);
      if (product === "d1") return await d1(binding, await request.json());
      return await r2(binding, request, url);
    } catch (error) {
      return Response.json({ error: String(error?.message ?? error) }, { status: 500 });
    }
  },
};

async function deliver(consumer, data) {
  if (consumer === undefined) return new Response("the Worker does not run", { status: 410 });
  const length = new DataView(data).getUint32(0, true);
  const { queue, backlog, messages } = JSON.parse(text(data.slice(4, 4 + length)));
  let start = 4 + length;
  const batch = messages.map(({ id, sentAt, attempts, contentType, bytes }) => {
    const body = data.slice(start, (start += bytes));
    return { id, timestamp: new Date(sentAt), attempts, ...decode(contentType, body) };
  });
  const { count: backlogCount, bytes: backlogBytes, oldest } = backlog;
  const metrics = { backlogCount, backlogBytes, ...(oldest > 0 && { oldestMessageTimestamp: new Date(oldest) }) };
  const { outcome, ackAll, retryBatch, explicitAcks, retryMessages } = await consumer.queue(queue, batch, { metrics });
  return Response.json({ outcome, ackAll, retryBatch, explicitAcks, retryMessages });
}

async function fire(worker, { cron, scheduledTime }) {
  if (worker === undefined) return new Response("the Worker does not run", { status: 410 });
  const { outcome } = await worker.scheduled({ cron, scheduledTime: new Date(scheduledTime) });
  return new Response(outcome);
}

const text = (bytes) => new TextDecoder().decode(bytes);

function decode(contentType, body) {
  switch (contentType) {
    case "json": return { body: JSON.parse(text(body)) };
    case "text": return { body: text(body) };
    case "bytes": return { body };
    default: return { serializedBody: body };
  }
}

const KV_METERS = { GET: "kv.reads", PUT: "kv.writes" };

async function kv(namespace, request, url) {
  const key = url.searchParams.get("key");
  const options = JSON.parse(url.searchParams.get("options") ?? "{}");
  count("", key === null ? { "kv.lists": 1 } : { [KV_METERS[request.method] ?? "kv.deletes"]: 1 });
  if (key === null) return Response.json(await namespace.list(options));
  switch (request.method) {
    case "GET": {
      const { value, metadata } = await namespace.getWithMetadata(key, "stream");
      return new Response(value, { status: value === null ? 204 : 200, headers: { "x-metadata": encodeURIComponent(JSON.stringify(metadata)) } });
    }
    case "PUT": await namespace.put(key, await request.arrayBuffer(), options); return new Response(null, { status: 204 });
    default: await namespace.delete(key); return new Response(null, { status: 204 });
  }
}

async function d1(database, call) {
  const prepare = ({ sql, parameters }) => parameters.length ? database.prepare(sql).bind(...parameters) : database.prepare(sql);
  switch (call.method) {
    case "exec": return Response.json(await database.exec(call.sql));
    case "raw": return Response.json(await prepare(call.statements[0]).raw({ columnNames: true }));
    case "all": return countRows(await prepare(call.statements[0]).all());
    default: return countRows(await database.batch(call.statements.map(prepare)));
  }
}

function countRows(answer) {
  for (const { meta } of [answer].flat()) count("", { "d1.rows_read": meta.rows_read, "d1.rows_written": meta.rows_written });
  return Response.json(answer);
}

async function r2(bucket, request, url) {
  const key = url.searchParams.get("key");
  const options = JSON.parse(url.searchParams.get("options") ?? "{}");
  if (options.httpMetadata?.cacheExpiry) options.httpMetadata.cacheExpiry = new Date(options.httpMetadata.cacheExpiry);
  if (key === null) {
    if (request.method === "DELETE") { await bucket.delete(await request.json()); return new Response(null, { status: 204 }); }
    count("", { "r2.class_a": 1 });
    const found = await bucket.list({ include: ["httpMetadata", "customMetadata"], ...options });
    return Response.json({ ...found, objects: found.objects.map(describe) });
  }
  count("", request.method === "PUT" ? { "r2.class_a": 1 } : { "r2.class_b": 1 });
  switch (request.method) {
    case "HEAD": return object(await bucket.head(key));
    case "GET": { const found = await bucket.get(key, options); return object(found, found?.body); }
    default: return object(await bucket.put(key, await request.arrayBuffer(), options));
  }
}

const object = (found, body = null) =>
  new Response(body, { status: found === null ? 204 : 200, headers: found === null ? {} : { "x-object": encodeURIComponent(JSON.stringify(describe(found))) } });

const describe = ({ key, size, etag, httpEtag, uploaded, httpMetadata, customMetadata, storageClass, version, checksums, range }) =>
  ({ key, size, etag, httpEtag, uploaded, httpMetadata, customMetadata, storageClass, version, range, md5: checksums?.toJSON?.().md5 });
`;
