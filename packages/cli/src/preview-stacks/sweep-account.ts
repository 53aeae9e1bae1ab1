import * as z from "zod";
import type { AccountApi } from "../account-api.ts";
import { type Existing, inTurns, listAccount } from "../customers/account-inventory.ts";
import { UserError } from "../user-error.ts";
import { pullRequestOfResource } from "./preview-name.ts";

/** What is deleted, in this order: what uses something goes before it. Classes of Durable Objects go with their Worker. */
const ORDER = ["Worker", "queue", "Vectorize index", "AI gateway", "R2 bucket", "KV namespace", "D1 database"] as const;
type Product = (typeof ORDER)[number];

const Consumers = z.array(z.looseObject({ consumer_id: z.string() }));
const Objects = z.array(z.looseObject({ key: z.string() }));
const Scripts = z.array(z.looseObject({ id: z.string(), modified_on: z.string().optional() }));
/** Calls at the same moment. */
const AT_ONCE = 4;

/** What an account has of the previews of pull requests, by their numbers. */
export async function listPreviews(api: AccountApi): Promise<Map<number, Existing[]>> {
  const previews = new Map<number, Existing[]>();
  for (const one of await listAccount(api)) {
    const pullRequest = pullRequestOfResource(one.name);
    if (pullRequest !== undefined) previews.set(pullRequest, [...(previews.get(pullRequest) ?? []), one]);
  }
  return previews;
}

/** When a Worker of each preview was last uploaded, in ms of the epoch. A preview without a Worker is left out. */
export async function lastDeployments(api: AccountApi): Promise<Map<number, number>> {
  const last = new Map<number, number>();
  for (const { id, modified_on } of Scripts.parse((await api.call("GET", "/workers/scripts")) ?? [])) {
    const pullRequest = pullRequestOfResource(id);
    const time = Date.parse(modified_on ?? "");
    if (pullRequest !== undefined && !Number.isNaN(time)) {
      last.set(pullRequest, Math.max(time, last.get(pullRequest) ?? 0));
    }
  }
  return last;
}

/**
 * Deletes everything that the preview of a pull request has in an account, by its names alone: no state is needed, so it
 * works after a crash, on another machine, and for what nobody remembers. Nothing of any other name is touched.
 *
 * @returns what was deleted
 * @throws UserError with what is still there
 */
export async function sweepPreview(api: AccountApi, pullRequest: number): Promise<readonly Existing[]> {
  const own = (await listPreviews(api)).get(pullRequest) ?? [];
  for (const { id } of own.filter(({ product }) => product === "queue")) await releaseQueue(api, id);
  for (const product of ORDER) {
    const some = own.filter((one) => one.product === product);
    await inTurns(some, AT_ONCE, (one) => remove(api, product, one.id));
  }
  const left = (await listPreviews(api)).get(pullRequest) ?? [];
  if (left.length === 0) return own;
  const names = left.map(({ product, name }) => `  ${product} ${name}`).join("\n");
  throw new UserError(`Of the preview of pull request ${pullRequest} this is left:\n${names}\nRun the command again.`);
}

/** A Worker that takes from a queue cannot be deleted. */
async function releaseQueue(api: AccountApi, queueId: string): Promise<void> {
  const path = `/queues/${queueId}/consumers`;
  const consumers = Consumers.safeParse(await api.call("GET", path));
  for (const { consumer_id } of consumers.data ?? []) await api.call("DELETE", `${path}/${consumer_id}`);
}

async function remove(api: AccountApi, product: Product, id: string): Promise<void> {
  if (product === "R2 bucket") await emptyBucket(api, id);
  await api.call("DELETE", PATHS[product](encodeURIComponent(id)));
}

const PATHS: Readonly<Record<Product, (id: string) => string>> = {
  Worker: (id) => `/workers/scripts/${id}?force=true`,
  queue: (id) => `/queues/${id}`,
  "Vectorize index": (id) => `/vectorize/v2/indexes/${id}`,
  "AI gateway": (id) => `/ai-gateway/gateways/${id}`,
  "R2 bucket": (id) => `/r2/buckets/${id}`,
  "KV namespace": (id) => `/storage/kv/namespaces/${id}`,
  "D1 database": (id) => `/d1/database/${id}`,
};

/** Cloudflare deletes only an empty bucket. */
async function emptyBucket(api: AccountApi, bucket: string): Promise<void> {
  const path = `/r2/buckets/${bucket}/objects`;
  for (let before: string | undefined; ; ) {
    const page = Objects.parse((await api.call("GET", `${path}?per_page=1000`)) ?? []);
    const first = page[0]?.key;
    if (first === undefined) return;
    if (first === before) throw new UserError(`The object ${first} of bucket ${bucket} does not go.`);
    before = first;
    await inTurns(page, AT_ONCE, ({ key }) =>
      api.call("DELETE", `${path}/${key.split("/").map(encodeURIComponent).join("/")}`),
    );
  }
}
