import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

type Item = Record<string, unknown>;

/** One request the stub has answered. */
interface StubCall {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** What a test may do to the next requests: an answer in place of the real one, before or after it had its effect. */
type StubFault = (
  method: string,
  path: string,
) => { status: number; code?: number; message?: string; effect?: boolean } | undefined;

/** A small account over HTTP: KV namespaces, queues and consumers, D1 databases, gateways with routes. */
export interface StubApi {
  readonly url: string;
  readonly calls: StubCall[];
  /** By collection path below the account, then by id. */
  readonly collections: Map<string, Map<string, Item>>;
  /** Before an answer is sent, in ms. */
  latency: () => number;
  fault: StubFault;
  items(collection: string): Item[];
  /** Messages that wait in a queue, by its name. */
  readonly backlogs: Map<string, number>;
  /** Rows by table, by the database's name. */
  readonly tables: Map<string, Readonly<Record<string, number>>>;
  /** Keys in a namespace, by its title. */
  readonly keys: Map<string, number>;
  close(): Promise<void>;
}

interface Collection {
  readonly id: string;
  readonly natural: string;
  complete(item: Item): Item;
}

const now = () => new Date().toISOString();
const hex = () => randomBytes(16).toString("hex");

const COLLECTIONS: readonly [RegExp, Collection][] = [
  [
    /^storage\/kv\/namespaces$/,
    { id: "id", natural: "title", complete: (item) => ({ id: hex(), supports_url_encoding: true, ...item }) },
  ],
  [
    /^queues$/,
    {
      id: "queue_id",
      natural: "queue_name",
      complete: ({ settings, ...item }) => ({
        queue_id: hex(),
        created_on: now(),
        modified_on: now(),
        producers: [],
        consumers: [],
        producers_total_count: 0,
        consumers_total_count: 0,
        ...item,
        settings: {
          delivery_delay: 0,
          delivery_paused: false,
          message_retention_period: 345_600,
          ...(typeof settings === "object" ? settings : {}),
        },
      }),
    },
  ],
  [
    /^d1\/database$/,
    {
      id: "uuid",
      natural: "name",
      complete: (item) => ({
        uuid: crypto.randomUUID(),
        created_at: now(),
        file_size: 0,
        num_tables: 0,
        version: "production",
        read_replication: { mode: "disabled" },
        ...item,
      }),
    },
  ],
  [
    /^ai-gateway\/gateways$/,
    {
      id: "id",
      natural: "id",
      complete: (item) => ({ created_at: now(), modified_at: now(), is_default: false, ...item }),
    },
  ],
  [
    /^ai-gateway\/gateways\/[^/]+\/routes$/,
    {
      id: "id",
      natural: "name",
      complete: (item) => ({ id: hex(), created_at: now(), modified_at: now(), deployment: {}, version: {}, ...item }),
    },
  ],
];

/** Starts the stub on a free port. */
export async function startStubApi(): Promise<StubApi> {
  const calls: StubCall[] = [];
  const collections = new Map<string, Map<string, Item>>();
  const backlogs = new Map<string, number>();
  const tables = new Map<string, Readonly<Record<string, number>>>();
  const keys = new Map<string, number>();
  const server = createServer((request, response) => {
    void (async () => {
      const url = new URL(request.url ?? "/", "http://stub");
      const method = request.method ?? "GET";
      const path = url.pathname.replace(/^\/client\/v4/, "");
      const body = await readBody(request);
      const fault = api.fault(method, path);
      let answer =
        fault && !fault.effect
          ? undefined
          : (metrics(collections, backlogs, path) ??
            keyList(collections, keys, url) ??
            queryAnswer(collections, tables, path, body) ??
            handle(collections, method, path, body));
      if (fault) answer = refusal(fault.status, fault.code ?? 1000, fault.message ?? "made to fail");
      const { status, envelope } = answer ?? refusal(500, 1000, "no answer");
      // The effect is there before the answer, as with a real server: a client killed now never learns of it.
      await sleep(api.latency());
      calls.push({ method, path, status });
      response.writeHead(status, {
        "content-type": "application/json",
        connection: "close",
        ...(status === 500 && { "x-should-retry": "false" }),
      });
      response.end(JSON.stringify(envelope));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const api: StubApi = {
    url: `http://127.0.0.1:${port}/client/v4`,
    calls,
    collections,
    backlogs,
    tables,
    keys,
    latency: () => 0,
    fault: () => undefined,
    items: (collection) => [...(collections.get(collection)?.values() ?? [])],
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return api;
}

interface Answer {
  readonly status: number;
  readonly envelope: Item;
}

function handle(collections: Map<string, Map<string, Item>>, method: string, path: string, body: Item): Answer {
  const below = /^\/accounts\/[^/]+\/?(.*)$/.exec(path)?.[1];
  if (below === undefined) return refusal(404, 7003, `no route ${path}`);
  if (below === "") return ok({ id: "account", name: "stub" });
  const [collection, kind] = definition(below) ?? [];
  if (collection !== undefined && kind) return onCollection(items(collections, collection), kind, method, body);
  const parent = below.slice(0, below.lastIndexOf("/"));
  const [parentPath, parentKind] = definition(parent) ?? [];
  if (parentPath === undefined || !parentKind) return refusal(404, 7003, `no route ${path}`);
  return onItem(items(collections, parentPath), decodeURIComponent(below.slice(parent.length + 1)), method, body);
}

/** Of a queue. */
function metrics(
  collections: Map<string, Map<string, Item>>,
  backlogs: ReadonlyMap<string, number>,
  path: string,
): Answer | undefined {
  const id = /\/queues\/([^/]+)\/metrics$/.exec(path)?.[1];
  const queue = id === undefined ? undefined : collections.get("queues")?.get(id);
  if (!queue) return undefined;
  const count = backlogs.get(String(queue["queue_name"])) ?? 0;
  return ok({ backlog_count: count, backlog_bytes: 10 * count, oldest_message_timestamp_ms: 0 });
}

/** Of a namespace, 1,000 a page. */
function keyList(
  collections: Map<string, Map<string, Item>>,
  keys: ReadonlyMap<string, number>,
  url: URL,
): Answer | undefined {
  const id = /\/namespaces\/([^/]+)\/keys$/.exec(url.pathname)?.[1];
  const namespace = id === undefined ? undefined : collections.get("storage/kv/namespaces")?.get(id);
  if (!namespace) return undefined;
  const first = Number(url.searchParams.get("cursor") ?? 0);
  const last = Math.min(keys.get(String(namespace["title"])) ?? 0, first + 1_000);
  const result = Array.from({ length: last - first }, (_, index) => ({ name: `key-${first + index}` }));
  const cursor = result.length === 1_000 ? String(last) : "";
  const envelope = { success: true, errors: [], messages: [], result, result_info: { count: result.length, cursor } };
  return { status: 200, envelope };
}

/** Of a database: its tables, or the number of rows in each that is asked for. */
function queryAnswer(
  collections: Map<string, Map<string, Item>>,
  tables: ReadonlyMap<string, Readonly<Record<string, number>>>,
  path: string,
  { sql }: Item,
): Answer | undefined {
  const id = /\/d1\/database\/([^/]+)\/query$/.exec(path)?.[1];
  const database = id === undefined ? undefined : collections.get("d1/database")?.get(id);
  if (!database) return undefined;
  const rows = tables.get(String(database["name"])) ?? {};
  const counted = [...String(sql).matchAll(/FROM "([^"]+)"\) AS (t\d+)/g)];
  const results = String(sql).includes("sqlite_master")
    ? Object.keys(rows).map((name) => ({ name }))
    : [Object.fromEntries(counted.map(([, table = "", column = ""]) => [column, rows[table] ?? 0]))];
  return ok([{ results, success: true, meta: {} }]);
}

function definition(path: string): [string, Collection] | undefined {
  const found = COLLECTIONS.find(([pattern]) => pattern.test(path));
  return found && [path, found[1]];
}

function items(collections: Map<string, Map<string, Item>>, path: string): Map<string, Item> {
  const known = collections.get(path) ?? new Map<string, Item>();
  collections.set(path, known);
  return known;
}

function onCollection(all: Map<string, Item>, kind: Collection, method: string, body: Item): Answer {
  if (method === "GET") {
    const result = [...all.values()];
    return {
      status: 200,
      envelope: {
        success: true,
        errors: [],
        messages: [],
        result,
        result_info: { page: 1, per_page: 1000, count: result.length, total_count: result.length, total_pages: 1 },
      },
    };
  }
  if ([...all.values()].some((item) => item[kind.natural] === body[kind.natural]))
    return refusal(400, 10_014, "already exists");
  const item = kind.complete(body);
  all.set(String(item[kind.id]), item);
  return ok(item);
}

function onItem(all: Map<string, Item>, id: string, method: string, body: Item): Answer {
  const item = all.get(id);
  if (!item) return refusal(404, 10_013, "not found");
  if (method === "DELETE") {
    all.delete(id);
    return ok({});
  }
  if (method === "GET") return ok(item);
  const changed = { ...item, ...body };
  all.set(id, changed);
  return { status: 200, envelope: { success: true, errors: [], messages: [], result: changed, ...changed } };
}

function ok(result: unknown): Answer {
  return { status: 200, envelope: { success: true, errors: [], messages: [], result } };
}

function refusal(status: number, code: number, message: string): Answer {
  return { status, envelope: { success: false, errors: [{ code, message }], messages: [], result: null } };
}

async function readBody(request: IncomingMessage): Promise<Item> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
