import { createHmac, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type CloudAccess, waitFor } from "@tenner/cli/testing";
import {
  askDatabase,
  listResources,
  type PlantedVector,
  type Resource,
  readVectors,
  tryResources,
  tryVectors,
} from "./customers-accounts.ts";
import {
  ask,
  type CrossedCustomer,
  call,
  type Door,
  found,
  must,
  type Read,
  type Tried,
  told,
} from "./customers-doors.ts";
import type { TestIssuers } from "./customers-issuers.ts";
import { canHaveMembers, type PlantedMembers, plantMembers, tryTokens } from "./customers-members.ts";
import { type PlantedPages, plantPages, tryPages } from "./customers-pages.ts";

export type { CrossedCustomer } from "./customers-doors.ts";

/** What somebody has put into a customer's stack, and what names it there. */
export interface Planted extends CrossedCustomer {
  /** Is nowhere else in the world. */
  readonly word: string;
  /** Paths of what was made, by template: who has the key may read them. */
  readonly paths: Readonly<Record<string, readonly string[]>>;
  /** How the edge cache answered what every customer asks in the same words: `miss`, unless somebody else's was kept. */
  readonly same: string | undefined;
  /** At the valuation app. */
  readonly pages: PlantedPages | undefined;
  /** Where tokens are taken. */
  readonly members: PlantedMembers | undefined;
  readonly resources: readonly Resource[];
  readonly vectors: readonly PlantedVector[];
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
/** Each customer's first job, batch and question come with the same idempotency key, or in the same words. */
const SAME_KEY = { "idempotency-key": "of-every-customer" };
const SAME_QUESTION = "How many lamps does everybody have?";

/**
 * Puts jobs, batches, questions and valuations into a customer's stack, whatever of these it has, of its key's owner and
 * of members, and makes sure that each way in leads there for whom it is made: what is tried afterwards would find
 * something. Where tokens are taken, the customer's setting `access` has to be `issuers.accessOf(name)`.
 */
export async function plant(cloud: CloudAccess, customer: CrossedCustomer, issuers: TestIssuers): Promise<Planted> {
  const word = `secret${randomBytes(8).toString("hex")}`;
  const { templates, name, accountId } = customer;
  const paths = {
    "event-agent": await plantJob(templates["event-agent"], word),
    "async-pipeline": await plantBatch(templates["async-pipeline"], word),
  };
  const { "edge-cache": cache, "valuation-app": app } = templates;
  if (cache) await plantQuestion(cache, word);
  const members = canHaveMembers(customer) ? await plantMembers(cloud, { ...customer, word }, issuers) : undefined;
  const vectors = await readVectors(cloud, accountId);
  const same = cache && (await ask(cache, SAME_QUESTION));
  const pages = app && (await plantPages(app, word));
  for (const [template, door] of Object.entries(templates)) {
    for (const keyed of KEYED) {
      must(`${name}: ${template} ${keyed}`, (await call(door, "GET", keyed)).status, 200);
    }
  }
  const resources = await listResources(cloud, accountId);
  return { ...customer, word, paths, same, pages, members, resources, vectors };
}

/** Tries every way that is known from one customer's stack into another's, with all that the first one has. */
export async function tryToCross(cloud: CloudAccess, from: Planted, to: Planted, issuers: TestIssuers): Promise<Try[]> {
  const tries: Try[] = [];
  const tried: Tried = (what, crossed) =>
    tries.push({ from: from.name, to: to.name, what, ...(crossed !== undefined && { crossed }) });
  await tryKeys(from, to, tried);
  await tryQuestions(from, to, tried);
  await tryEvents(from, to, tried);
  await tryJobNames(cloud, from, to, tried);
  if (from.pages && to.pages) await tryPages(from.pages, to.pages, to.word, tried);
  if (from.members && to.members) {
    const [sender, receiver] = [
      { ...from, members: from.members },
      { ...to, members: to.members },
    ];
    await tryTokens(cloud, sender, receiver, issuers, tried);
  }
  await tryResources(cloud, from.accountId, to, tried);
  await tryVectors(cloud, from.accountId, to, tried);
  return tries;
}

async function tryKeys(from: Planted, to: Planted, tried: Tried): Promise<void> {
  for (const [template, { url }] of Object.entries(to.templates)) {
    const paths = to.paths[template] ?? [];
    for (const { apiKey } of Object.values(from.templates)) {
      for (const one of [...KEYED, ...paths]) {
        tried(`${template}: a key of another`, found(await call({ url, apiKey }, "GET", one), to.word));
      }
    }
    const own = from.templates[template];
    for (const one of own ? paths : []) {
      if (own) tried(`${template}: another's id in one's own stack`, found(await call(own, "GET", one), to.word));
    }
  }
}

async function tryQuestions(from: Planted, to: Planted, tried: Tried): Promise<void> {
  const cache = from.templates["edge-cache"];
  if (!cache || !to.templates["edge-cache"]) return;
  const same = await ask(cache, questionOf(to.word), "only-if-cached");
  tried("edge-cache: another's question", same === "none" ? undefined : same);
  const alike = await ask(cache, alikeOf(to.word), "only-if-cached");
  tried("edge-cache: what means the same as another's question", alike === "none" ? undefined : alike);
  tried("edge-cache: what everybody asks in the same words", from.same === "miss" ? undefined : from.same);
}

async function tryEvents(from: Planted, to: Planted, tried: Tried): Promise<void> {
  const [agent, signer] = [to.templates["event-agent"], from.templates["event-agent"]];
  if (!agent || signer?.webhookSecret === undefined) return;
  const status = await sendEvent(agent, signer.webhookSecret);
  tried("event-agent: an event signed with another's secret", status === 401 ? undefined : `HTTP ${status}`);
}

/** Gives a job of one's own the id of another's: its Durable Object then has the name of the other's. */
async function tryJobNames(cloud: CloudAccess, from: Planted, to: Planted, tried: Tried): Promise<void> {
  const agent = from.templates["event-agent"];
  const [own, theirs] = [from, to].map(({ paths }) => paths["event-agent"]?.[0]?.split("/").at(-1));
  if (!agent || own === undefined || theirs === undefined) return;
  const database = [cloud, from.accountId, "-event-agent"] as const;
  const [row] = await askDatabase(...database, "SELECT * FROM jobs WHERE id = ?1", [own]);
  if (!row) throw new Error(`${from.name}: the job ${own} is not in its database`);
  // The same key for both would be one job.
  const twin = Object.entries({ ...row, id: theirs, idempotency_key: null });
  const names = twin.map(([column]) => column).join(", ");
  const marks = twin.map((_, place) => `?${place + 1}`).join(", ");
  await askDatabase(
    ...database,
    `INSERT INTO jobs (${names}) VALUES (${marks})`,
    twin.map(([, value]) => value),
  );
  must(`${from.name}: a job with another's id`, (await call(agent, "GET", `/v1/jobs/${theirs}`)).status, 200);
  const answers = [await eventsOf(agent, theirs), await call(agent, "GET", `/v1/jobs/${theirs}/result`)];
  for (const answer of answers) {
    tried("event-agent: a Durable Object with the name of another's", told(answer, to.word));
  }
  await askDatabase(...database, "DELETE FROM jobs WHERE id = ?1", [theirs]);
}

/** What a job's Durable Object has to say at once. Nobody has told this one that the job is done: its stream stays open. */
async function eventsOf(agent: Door, id: string): Promise<Read> {
  const leaving = new AbortController();
  const headers = { authorization: `Bearer ${agent.apiKey}` };
  const { status, body } = await fetch(`${agent.url}/v1/jobs/${id}/events`, { headers, signal: leaving.signal });
  let text = "";
  const reading = (async () => {
    for await (const chunk of body ?? []) text += Buffer.from(chunk).toString("latin1");
  })().catch(() => {});
  // The same object answers this after whatever it has sent.
  must("a done job, cancelled", (await call(agent, "DELETE", `/v1/jobs/${id}`)).status, 409);
  leaving.abort();
  await reading;
  return { status, text };
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
  const { id } = await json(agent, "POST", "/v1/jobs", { task: "summarize", input: { text } }, SAME_KEY);
  await waitFor(async () => (await json(agent, "GET", `/v1/jobs/${id}`)).status === "done", 60_000);
  must("its own events", (await call(agent, "GET", `/v1/jobs/${id}/events`)).text.includes(id), true);
  const { webhookSecret } = agent;
  if (webhookSecret !== undefined) must("its own event", await sendEvent(agent, webhookSecret), 202);
  return ["", "/result", "/events"].map((part) => `/v1/jobs/${id}${part}`);
}

async function plantBatch(pipeline: Door | undefined, word: string): Promise<string[]> {
  if (!pipeline) return [];
  const batch = { pipeline: "classify-and-tag", items: [{ text: `The ${word} lamp is lovely.` }] };
  const { id } = await json(pipeline, "POST", "/v1/batches", batch, SAME_KEY);
  await waitFor(async () => (await json(pipeline, "GET", `/v1/batches/${id}`)).status === "done", 60_000);
  return [`/v1/batches/${id}`, `/v1/batches/${id}/results`, `/v1/batches/${id}/items/0`];
}

async function plantQuestion(cache: Door, word: string): Promise<void> {
  must("its own question", await ask(cache, questionOf(word)), "miss");
  must("its own question again", await ask(cache, questionOf(word), "only-if-cached"), "hit-exact");
  // Its vector is there after a moment.
  await waitFor(async () => (await ask(cache, alikeOf(word), "only-if-cached")) === "hit-semantic", 30_000);
}

function questionOf(word: string): string {
  return `What is the price of the ${word} lamp?`;
}

/** In other words. */
function alikeOf(word: string): string {
  return `what's the price of the ${word} lamp`;
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

/** A job or a batch: the template's own JSON. */
interface Made {
  readonly id: string;
  readonly status: string;
}

async function json(door: Door, method: string, where: string, body?: object, headers?: object): Promise<Made> {
  const { status, text } = await call(door, method, where, body, headers);
  if (status >= 400) throw new Error(`${method} ${where}: ${status} ${text}`);
  return JSON.parse(text) as Made;
}
