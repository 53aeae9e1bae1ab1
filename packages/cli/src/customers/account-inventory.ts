import * as z from "zod";
import type { AccountApi } from "../account-api.ts";
import { type Counts, none } from "./account-needs.ts";

/** Something that exists in an account. */
export interface Existing {
  /** As people call it, e.g. `D1 database`. */
  readonly product: string;
  /** What the product's API wants to name it. */
  readonly id: string;
  /** Derived from the stack's name. */
  readonly name: string;
  /** What it counts as against the account's limits. */
  readonly counts?: keyof Counts;
}

const Row = z.looseObject({
  id: z.string().optional(),
  uuid: z.string().optional(),
  name: z.string().optional(),
  title: z.string().optional(),
  queue_id: z.string().optional(),
  queue_name: z.string().optional(),
  script: z.string().optional(),
  service: z.string().optional(),
  hostname: z.string().optional(),
});
type Row = z.infer<typeof Row>;
const Buckets = z.looseObject({ buckets: z.array(z.looseObject({ name: z.string() })) });
const Schedules = z.looseObject({ schedules: z.array(z.looseObject({ cron: z.string() })) });

/** Calls to an account's API at the same moment. */
const AT_ONCE = 6;

/**
 * Everything in an account that a stack can make, product by product.
 *
 * @throws AccountApiError when a product cannot be listed: what was not looked at must not count as empty
 */
export async function listAccount(api: AccountApi): Promise<Existing[]> {
  const listed = await Promise.all([
    rows("Worker", "/workers/scripts", ({ id }) => [id, id], "scripts"),
    paged("D1 database", "/d1/database", 100, ({ uuid, name }) => [uuid, name], "d1Databases"),
    paged("KV namespace", "/storage/kv/namespaces", 100, ({ id, title }) => [id, title], "kvNamespaces"),
    buckets(),
    paged("queue", "/queues", 100, ({ queue_id, queue_name }) => [queue_id, queue_name], "queues"),
    paged("AI gateway", "/ai-gateway/gateways", 50, ({ id }) => [id, id], "aiGateways"),
    rows("Vectorize index", "/vectorize/v2/indexes", ({ name }) => [name, name], "vectorizeIndexes"),
    paged("Durable Object class", "/workers/durable_objects/namespaces", 100, ({ id, script }) => [id, script]),
    // Its name is the Worker's that it leads to, which is derived from the stack's.
    rows("custom domain", "/workers/domains", ({ hostname, service }) => [hostname, service]),
  ]);
  return listed.flat();

  async function rows(
    product: string,
    path: string,
    name: (row: Row) => [id: string | undefined, name: string | undefined],
    counts?: keyof Counts,
  ): Promise<Existing[]> {
    return z
      .array(Row)
      .parse((await api.call("GET", path)) ?? [])
      .map((row) => {
        const [id = "", title = id] = name(row);
        return { product, id, name: title, ...(counts && { counts }) };
      });
  }

  async function paged(
    product: string,
    path: string,
    size: number,
    name: (row: Row) => [id: string | undefined, name: string | undefined],
    counts?: keyof Counts,
  ): Promise<Existing[]> {
    const all: Existing[] = [];
    for (let page = 1; ; page++) {
      const found = await rows(product, `${path}?page=${page}&per_page=${size}`, name, counts);
      all.push(...found);
      if (found.length < size) return all;
    }
  }

  async function buckets(): Promise<Existing[]> {
    const all: Existing[] = [];
    for (let after = ""; ; ) {
      const query = new URLSearchParams({ per_page: "1000", ...(after && { start_after: after }) });
      const { buckets: found } = Buckets.parse(await api.call("GET", `/r2/buckets?${query}`));
      all.push(...found.map(({ name }) => ({ product: "R2 bucket", id: name, name, counts: "r2Buckets" as const })));
      const last = found.at(-1)?.name;
      if (found.length < 1000 || last === undefined) return all;
      after = last;
    }
  }
}

/** What an account has of what is limited. Cron triggers are asked for Worker by Worker. */
export async function countAccount(api: AccountApi): Promise<Counts> {
  const existing = await listAccount(api);
  const counts: Record<keyof Counts, number> = { ...none() };
  for (const { counts: as } of existing) if (as) counts[as]++;
  const scripts = existing.filter(({ product }) => product === "Worker").map(({ name }) => name);
  await inTurns(scripts, AT_ONCE, async (script) => {
    const found = Schedules.safeParse(
      await api.call("GET", `/workers/scripts/${encodeURIComponent(script)}/schedules`),
    );
    counts.cronTriggers += found.success ? found.data.schedules.length : 0;
  });
  return counts;
}

/** Works on all items, a number at a time; answers in the items' order. */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
