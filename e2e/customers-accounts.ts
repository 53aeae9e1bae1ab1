import type { CloudAccess } from "@tenner/cli/testing";
import { found, must, type Read, type Tried, told } from "./customers-doors.ts";

/** Something that exists in an account, and what the API can do with it. */
export interface Resource {
  readonly product: string;
  readonly id: string;
  /** As people call it. */
  readonly name: string;
  readonly ways: readonly Way[];
}

/** A call of the account's API. */
interface Way {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly type?: string;
  /** Changes something, so only strangers try it, in vain. */
  readonly writes?: true;
}

/** A vector of a customer's index, where it lies. */
export interface PlantedVector {
  readonly id: string;
  readonly namespace?: string;
  readonly values: readonly number[];
}

const read = (path: string): Way => ({ method: "GET", path });
const post = (path: string, body: object): Way => ({ method: "POST", path, body: JSON.stringify(body) });
const write = (method: string, path: string, body: object | string, type?: string): Way => ({
  method,
  path,
  body: typeof body === "string" ? body : JSON.stringify(body),
  ...(type && { type }),
  writes: true,
});

interface Product {
  readonly product: string;
  /** Where the account's are listed. */
  readonly list: string;
  /** The field that names one in addresses. */
  readonly key: string;
  readonly ways: (id: string) => readonly Way[];
  /** What lies inside of one: where it is listed, the field with its name, and where one of it is read. */
  readonly inside?: { readonly list: string; readonly key: string; readonly read: (name: string) => string };
}

const PRODUCTS: readonly Product[] = [
  {
    product: "D1 database",
    list: "/d1/database",
    key: "uuid",
    ways: (id) => [
      read(`/d1/database/${id}`),
      post(`/d1/database/${id}/query`, { sql: "SELECT sql FROM sqlite_master" }),
      post(`/d1/database/${id}/raw`, { sql: "SELECT sql FROM sqlite_master" }),
      write("POST", `/d1/database/${id}/export`, { output_format: "polling" }),
    ],
  },
  {
    product: "KV",
    list: "/storage/kv/namespaces",
    key: "id",
    ways: (id) => [
      read(`/storage/kv/namespaces/${id}/keys`),
      write("PUT", `/storage/kv/namespaces/${id}/bulk`, [{ key: "crossing", value: "crossing" }]),
    ],
    inside: { list: "/keys", key: "name", read: (key) => `/values/${key}` },
  },
  {
    product: "R2 bucket",
    list: "/r2/buckets",
    key: "name",
    ways: (id) => [
      read(`/r2/buckets/${id}`),
      read(`/r2/buckets/${id}/objects`),
      write("PUT", `/r2/buckets/${id}/objects/crossing`, "crossing", "text/plain"),
    ],
    inside: { list: "/objects", key: "key", read: (key) => `/objects/${key}` },
  },
  {
    product: "queue",
    list: "/queues",
    key: "queue_id",
    ways: (id) => [
      read(`/queues/${id}`),
      read(`/queues/${id}/metrics`),
      post(`/queues/${id}/messages/peek`, {}),
      write("POST", `/queues/${id}/messages`, { body: "crossing", content_type: "text" }),
      write("POST", `/queues/${id}/messages/batch`, { messages: [{ body: "crossing", content_type: "text" }] }),
      write("POST", `/queues/${id}/messages/pull`, {}),
      write("POST", `/queues/${id}/purge`, { delete_messages_permanently: true }),
    ],
  },
  {
    product: "gateway",
    list: "/ai-gateway/gateways",
    key: "id",
    ways: (id) => [
      read(`/ai-gateway/gateways/${id}`),
      read(`/ai-gateway/gateways/${id}/logs`),
      read(`/ai-gateway/gateways/${id}/routes`),
    ],
    inside: { list: "/logs", key: "id", read: (id) => `/logs/${id}/request` },
  },
  {
    product: "index",
    list: "/vectorize/v2/indexes",
    key: "name",
    ways: (id) => [
      read(`/vectorize/v2/indexes/${id}/info`),
      read(`/vectorize/v2/indexes/${id}/list`),
      write("POST", `/vectorize/v2/indexes/${id}/delete_by_ids`, { ids: ["crossing"] }),
    ],
  },
  {
    product: "Worker",
    list: "/workers/scripts",
    key: "id",
    ways: (id) => [
      read(`/workers/scripts/${id}/settings`),
      read(`/workers/scripts/${id}/secrets`),
      read(`/workers/scripts/${id}/deployments`),
      read(`/workers/scripts/${id}/content/v2`),
      write("PUT", `/workers/scripts/${id}/secrets`, { name: "API_KEY", text: "crossing", type: "secret_text" }),
    ],
  },
  {
    product: "Durable Objects",
    list: "/workers/durable_objects/namespaces",
    key: "id",
    ways: (id) => [read(`/workers/durable_objects/namespaces/${id}/objects`)],
  },
];
/** So many things inside of a resource are tried. */
const INSIDE = 3;

/** Everything in a customer's account, each way of whose it has been seen to lead there. */
export async function listResources(cloud: CloudAccess, accountId: string): Promise<Resource[]> {
  const lists = await Promise.all(
    PRODUCTS.map(async ({ list, key, product, ways, inside }) => {
      const rows = await rowsOf(cloud, accountId, list);
      return Promise.all(
        rows.map(async (row) => {
          const id = row[key] ?? "";
          const names = inside ? await rowsOf(cloud, accountId, `${list}/${id}${inside.list}`) : [];
          const within = names
            .slice(0, INSIDE)
            .map((one) => read(`${list}/${id}${inside?.read(encodeURIComponent(one[inside.key] ?? ""))}`));
          return { product, id, name: row["name"] ?? id, ways: [...ways(id), ...within] };
        }),
      );
    }),
  );
  const resources = lists.flat();
  for (const way of resources.flatMap(({ ways }) => ways)) {
    if (!way.writes) must(`${way.method} ${way.path}`, (await callApi(cloud, accountId, way)).status, 200);
  }
  return resources;
}

/** Asks for another's resources through one's own account: to read them, and to change them. */
export async function tryResources(
  cloud: CloudAccess,
  accountId: string,
  { resources, word }: { readonly resources: readonly Resource[]; readonly word: string },
  tried: Tried,
): Promise<void> {
  for (const { product, ways } of resources) {
    for (const way of ways) {
      const answer = await callApi(cloud, accountId, way);
      if (answer.status === 501) throw new Error(`${way.method} ${way.path}: ${answer.text}`);
      tried(`${product}: another's, ${way.writes ? "changed" : "read"} in one's own account`, found(answer, word));
    }
  }
}

/** The vectors of all indexes of an account, as far as one page goes. */
export async function readVectors(cloud: CloudAccess, accountId: string): Promise<PlantedVector[]> {
  const vectors = await Promise.all(
    (await indexesOf(cloud, accountId)).map(async (index) => {
      const { text } = await callApi(cloud, accountId, read(`${index}/list`));
      const { result } = JSON.parse(text) as { result: { vectors: { id: string }[] } }; // Cloudflare's envelope
      const ids = result.vectors.slice(0, 20).map(({ id }) => id);
      if (ids.length === 0) return [];
      const found = await callApi(cloud, accountId, post(`${index}/get_by_ids`, { ids }));
      return (JSON.parse(found.text) as { result: PlantedVector[] }).result;
    }),
  );
  return vectors.flat();
}

/** Asks one's own indexes for another's vectors: by their ids, and by their very numbers in their namespaces. */
export async function tryVectors(
  cloud: CloudAccess,
  accountId: string,
  { vectors, word }: { readonly vectors: readonly PlantedVector[]; readonly word: string },
  tried: Tried,
): Promise<void> {
  for (const index of await indexesOf(cloud, accountId)) {
    for (const { id, namespace, values } of vectors) {
      const query = { vector: values, topK: 20, returnMetadata: "all", ...(namespace && { namespace }) };
      for (const way of [post(`${index}/get_by_ids`, { ids: [id] }), post(`${index}/query`, query)]) {
        const answer = await callApi(cloud, accountId, way);
        must(way.path, answer.status, 200);
        tried("index: another's vectors in one's own", answer.text.includes(id) ? id : told(answer, word));
      }
    }
  }
}

async function indexesOf(cloud: CloudAccess, accountId: string): Promise<string[]> {
  const rows = await rowsOf(cloud, accountId, "/vectorize/v2/indexes");
  return rows.map(({ name }) => `/vectorize/v2/indexes/${name}`);
}

/** Asks a database of an account's, by the end of its name. Answers its rows. */
export async function askDatabase(
  cloud: CloudAccess,
  accountId: string,
  name: string,
  sql: string,
  params: readonly (string | number | null)[] = [],
): Promise<Record<string, string | number | null>[]> {
  const database = (await rowsOf(cloud, accountId, "/d1/database")).find((row) => row["name"]?.endsWith(name));
  const way = post(`/d1/database/${database?.["uuid"]}/query`, { sql, params });
  const { status, text } = await callApi(cloud, accountId, way);
  must(`${sql}: ${text}`, status, 200);
  const { result } = JSON.parse(text) as { result: { results: Record<string, string | number | null>[] }[] };
  return result[0]?.results ?? [];
}

type Row = Readonly<Record<string, string>>;

async function rowsOf(cloud: CloudAccess, accountId: string, list: string): Promise<Row[]> {
  const { status, text } = await callApi(cloud, accountId, read(list));
  must(`${list}: ${text}`, status, 200);
  const { result } = JSON.parse(text) as { result: Row[] | { buckets: Row[] } }; // Cloudflare's envelope
  return Array.isArray(result) ? result : result.buckets;
}

async function callApi({ url, apiToken }: CloudAccess, accountId: string, way: Way): Promise<Read> {
  const { method, path, body, type = "application/json" } = way;
  const response = await fetch(`${url}/client/v4/accounts/${accountId}${path}`, {
    method,
    headers: { authorization: `Bearer ${apiToken}`, ...(body !== undefined && { "content-type": type }) },
    ...(body !== undefined && { body }),
  });
  return { status: response.status, text: await response.text() };
}
