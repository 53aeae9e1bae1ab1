import { createHmac, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type CloudAccess, waitFor } from "@tenner/cli/testing";

/** A customer as `customer add --json` says it, with what `outputs --show-secrets` adds. */
export interface CrossedCustomer {
  readonly name: string;
  readonly accountId: string;
  readonly templates: Readonly<Record<string, Door>>;
}

/** A template of a customer's. */
interface Door {
  readonly url: string;
  readonly apiKey: string;
  /** With which others sign events for it. */
  readonly webhookSecret?: string;
}

/** What somebody has put into a customer's stack, and what names it there. */
export interface Planted extends CrossedCustomer {
  /** Is nowhere else in the world. */
  readonly word: string;
  /** Paths of what was made, by template: who has the key may read them. */
  readonly paths: Readonly<Record<string, readonly string[]>>;
  /** Of a browser that has asked the valuation app for something; empty without that template. */
  readonly cookie: string;
  /** What exists in its account, and the path by which the API reads each. */
  readonly resources: readonly { readonly product: string; readonly id: string; readonly path: string }[];
}

/** A way into another's stack that was tried. */
export interface Try {
  readonly from: string;
  readonly to: string;
  readonly what: string;
  /** Why it counts as a crossing; left out when it was refused, as it should be. */
  readonly crossed?: string;
}

/** What only keys of the stack's own open. */
const KEYED = ["/v1/keys", "/v1/usage"];

/**
 * Puts a job, a batch, a question and a valuation into a customer's stack, whatever of these it has, and makes sure that
 * each way in leads there for whom it is made: what is tried afterwards would find something.
 */
export async function plant(cloud: CloudAccess, customer: CrossedCustomer): Promise<Planted> {
  const word = `secret${randomBytes(8).toString("hex")}`;
  const { templates, name } = customer;
  const paths = {
    "event-agent": await plantJob(templates["event-agent"], word),
    "async-pipeline": await plantBatch(templates["async-pipeline"], word),
  };
  await plantQuestion(templates["edge-cache"], word);
  const cookie = await plantValuation(templates["valuation-app"], word);
  for (const [template, door] of Object.entries(templates)) {
    for (const keyed of KEYED) {
      must(`${name}: ${template} ${keyed}`, (await call(door, "GET", keyed)).status, 200);
    }
  }
  const resources = await listResources(cloud, customer.accountId);
  for (const { product, path: one } of resources) {
    must(`${name}: ${product}`, (await readApi(cloud, customer.accountId, one)).status, 200);
  }
  return { ...customer, word, paths, cookie, resources };
}

/** Tries every way that is known from one customer's stack into another's, with all that the first one has. */
export async function tryToCross(cloud: CloudAccess, from: Planted, to: Planted): Promise<Try[]> {
  const tries: Try[] = [];
  const tried = (what: string, crossed: string | undefined) =>
    tries.push({ from: from.name, to: to.name, what, ...(crossed !== undefined && { crossed }) });
  for (const [template, door] of Object.entries(to.templates)) {
    for (const { apiKey } of Object.values(from.templates)) {
      for (const one of [...KEYED, ...(to.paths[template] ?? [])]) {
        tried(`${template}: a key of another`, found(await call({ url: door.url, apiKey }, "GET", one), to.word));
      }
    }
    const own = from.templates[template];
    for (const one of own ? (to.paths[template] ?? []) : []) {
      if (own) tried(`${template}: another's id in one's own stack`, found(await call(own, "GET", one), to.word));
    }
  }
  const [cache, asked] = [from.templates["edge-cache"], to.templates["edge-cache"]];
  if (cache && asked) {
    const same = await ask(cache, questionOf(to.word), "only-if-cached");
    tried("edge-cache: another's question", same === "none" ? undefined : same);
    const alike = await ask(cache, alikeOf(to.word), "only-if-cached");
    tried("edge-cache: what means the same as another's question", alike === "none" ? undefined : alike);
  }
  const app = to.templates["valuation-app"];
  if (app && from.cookie !== "") {
    const history = await historyOf(app, from.cookie);
    tried(
      "valuation-app: another's cookie",
      [from.word, to.word].find((word) => history.includes(word)),
    );
  }
  const [agent, signer] = [to.templates["event-agent"], from.templates["event-agent"]];
  if (agent && signer?.webhookSecret !== undefined) {
    const status = await sendEvent(agent, signer.webhookSecret);
    tried("event-agent: an event signed with another's secret", status === 401 ? undefined : `HTTP ${status}`);
  }
  for (const { product, path: one } of to.resources) {
    tried(`${product}: another's in one's own account`, found(await readApi(cloud, from.accountId, one), to.word));
  }
  return tries;
}

/**
 * What two customers both have: ids of resources, and words of one among the other's data on the disk.
 *
 * @param folder the local cloud's
 */
export function findShared(customers: readonly Planted[], folder: string): string[] {
  const shared: string[] = [];
  const owners = new Map<string, string>();
  for (const { name, resources } of customers) {
    for (const { product, id } of resources) {
      const owner = owners.get(`${product} ${id}`);
      if (owner !== undefined) shared.push(`${product} ${id} is of ${owner} and ${name}`);
      owners.set(`${product} ${id}`, name);
    }
  }
  for (const { name, accountId, word } of customers) {
    const there = wordsOf(folder, accountId);
    must(`${name}: its own word on the disk`, there.has(word), true);
    const others = customers.filter((one) => one.name !== name && there.has(one.word));
    for (const other of others) shared.push(`${name} has the word of ${other.name}`);
  }
  return shared;
}

/** All planted words in an account's files: databases, objects, pairs, Durable Objects, messages, vectors. */
function wordsOf(folder: string, accountId: string): ReadonlySet<string> {
  const files = ["accounts", "queues", "vectorize"]
    .map((place) => path.join(folder, place))
    .filter((place) => existsSync(place))
    .flatMap((place) =>
      readdirSync(place, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))
        .filter((file) => path.relative(place, file).startsWith(accountId)),
    );
  return new Set(files.flatMap((file) => readFileSync(file, "latin1").match(/secret[0-9a-f]{16}/g) ?? []));
}

async function plantJob(agent: Door | undefined, word: string): Promise<string[]> {
  if (!agent) return [];
  const text = `The ${word} lamp gives light.`;
  const { id } = await json(agent, "POST", "/v1/jobs", { task: "summarize", input: { text } });
  await waitFor(async () => (await json(agent, "GET", `/v1/jobs/${id}`)).status === "done", 60_000);
  const { webhookSecret } = agent;
  if (webhookSecret !== undefined) must("its own event", await sendEvent(agent, webhookSecret), 202);
  return [`/v1/jobs/${id}`, `/v1/jobs/${id}/result`];
}

async function plantBatch(pipeline: Door | undefined, word: string): Promise<string[]> {
  if (!pipeline) return [];
  const batch = { pipeline: "classify-and-tag", items: [{ text: `The ${word} lamp is lovely.` }] };
  const { id } = await json(pipeline, "POST", "/v1/batches", batch);
  await waitFor(async () => (await json(pipeline, "GET", `/v1/batches/${id}`)).status === "done", 60_000);
  return [`/v1/batches/${id}`, `/v1/batches/${id}/results`, `/v1/batches/${id}/items/0`];
}

async function plantQuestion(cache: Door | undefined, word: string): Promise<void> {
  if (!cache) return;
  must("its own question", await ask(cache, questionOf(word)), "miss");
  must("its own question again", await ask(cache, questionOf(word), "only-if-cached"), "hit-exact");
  // Its vector is there after a moment.
  await waitFor(async () => (await ask(cache, alikeOf(word), "only-if-cached")) === "hit-semantic", 30_000);
}

/** Answers the visitor's cookie. */
async function plantValuation(app: Door | undefined, word: string): Promise<string> {
  if (!app) return "";
  const body = new URLSearchParams({ description: `A lamp of ${word}`, category: "furniture" });
  const form = await fetch(app.url, { method: "POST", body, redirect: "manual" });
  const cookie = form.headers
    .getSetCookie()
    .map((one) => one.split(";")[0])
    .join("; ");
  must("a visitor's own history", (await historyOf(app, cookie)).includes(word), true);
  return cookie;
}

function questionOf(word: string): string {
  return `What is the price of the ${word} lamp?`;
}

/** In other words. */
function alikeOf(word: string): string {
  return `what's the price of the ${word} lamp`;
}

/** How the edge cache has answered; `none` when it was only asked for what it has kept, and it has kept nothing. */
async function ask({ url, apiKey }: Door, content: string, control?: "only-if-cached"): Promise<string> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${apiKey}`,
      "content-type": "application/json",
      ...(control && { "cache-control": control }),
    },
    body: JSON.stringify({ model: "auto", messages: [{ role: "user", content }] }),
  });
  const text = await response.text();
  if (response.status === 504) return "none";
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return response.headers.get("x-cache") ?? "?";
}

/** Sends a signed event. @see https://www.standardwebhooks.com */
async function sendEvent({ url }: Door, webhookSecret: string): Promise<number> {
  const id = randomBytes(8).toString("hex");
  const at = String(Math.floor(Date.now() / 1000));
  const body = JSON.stringify({
    type: "crossing",
    data: { task: "summarize", input: { text: "A lamp gives light." } },
  });
  const secret = Buffer.from(webhookSecret.replace("whsec_", ""), "base64");
  const signature = createHmac("sha256", secret).update(`${id}.${at}.${body}`).digest("base64");
  const headers = { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": `v1,${signature}` };
  const response = await fetch(`${url}/v1/hooks/crossing`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body,
  });
  await response.arrayBuffer();
  return response.status;
}

async function historyOf({ url }: Door, cookie: string): Promise<string> {
  return (await fetch(`${url}/history`, { headers: { cookie } })).text();
}

interface Read {
  readonly status: number;
  readonly text: string;
}

/** Whether an answer is one that a stranger must not get. */
function found({ status, text }: Read, word: string): string | undefined {
  if (text.includes(word)) return `HTTP ${status} with the other's word`;
  return status < 400 ? `HTTP ${status}` : undefined;
}

async function call({ url, apiKey }: Door, method: string, where: string, body?: object): Promise<Read> {
  const response = await fetch(url + where, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

/** A job or a batch: the template's own JSON. */
interface Made {
  readonly id: string;
  readonly status: string;
}

async function json(door: Door, method: string, where: string, body?: object): Promise<Made> {
  const { status, text } = await call(door, method, where, body);
  if (status >= 400) throw new Error(`${method} ${where}: ${status} ${text}`);
  return JSON.parse(text) as Made;
}

/** Products of an account: where they are listed, what names one there, and where one is read. */
const PRODUCTS: readonly { product: string; list: string; key: string; read: (id: string) => string }[] = [
  { product: "D1 database", list: "/d1/database", key: "uuid", read: (id) => `/d1/database/${id}` },
  { product: "KV", list: "/storage/kv/namespaces", key: "id", read: (id) => `/storage/kv/namespaces/${id}/keys` },
  { product: "R2 bucket", list: "/r2/buckets", key: "name", read: (id) => `/r2/buckets/${id}/objects` },
  { product: "queue", list: "/queues", key: "queue_id", read: (id) => `/queues/${id}` },
  { product: "gateway", list: "/ai-gateway/gateways", key: "id", read: (id) => `/ai-gateway/gateways/${id}/logs` },
  { product: "index", list: "/vectorize/v2/indexes", key: "name", read: (id) => `/vectorize/v2/indexes/${id}/info` },
  { product: "Worker", list: "/workers/scripts", key: "id", read: (id) => `/workers/scripts/${id}/settings` },
];

async function listResources(cloud: CloudAccess, accountId: string): Promise<Planted["resources"]> {
  const lists = await Promise.all(
    PRODUCTS.map(async ({ product, list, key, read }) => {
      const { status, text } = await readApi(cloud, accountId, list);
      must(`list of ${product}`, status, 200);
      const { result } = JSON.parse(text) as { result: Listed[] | { buckets: Listed[] } }; // Cloudflare's envelope
      const rows = Array.isArray(result) ? result : result.buckets;
      return rows.map((row) => ({ product, id: row[key] ?? "", path: read(row[key] ?? "") }));
    }),
  );
  return lists.flat();
}

type Listed = Readonly<Record<string, string>>;

async function readApi({ url, apiToken }: CloudAccess, accountId: string, where: string): Promise<Read> {
  const headers = { authorization: `Bearer ${apiToken}` };
  const response = await fetch(`${url}/client/v4/accounts/${accountId}${where}`, { headers });
  return { status: response.status, text: await response.text() };
}

function must(what: string, got: unknown, wanted: unknown): void {
  if (got !== wanted) throw new Error(`${what}: ${String(got)}, not ${String(wanted)}`);
}
