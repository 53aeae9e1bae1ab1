import { createHash } from "node:crypto";
import { createWriteStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as z from "zod";
import type { AccountApi } from "../account-api.ts";
import type { Project } from "../project.ts";
import { stackNames } from "../stack-names.ts";
import { UserError } from "../user-error.ts";
import { type Existing, listAccount } from "./account-inventory.ts";
import type { Customer } from "./customer.ts";
import { ownerOf } from "./customer-name.ts";
import { type LocalCloud, openCustomerApi } from "./customers-cloud.ts";
import { dumpDatabase } from "./dump-database.ts";
import { EXPORT_FORMAT } from "./export-format.ts";
import { packFolder } from "./tar.ts";

/** What was written. */
export interface Exported {
  /** The archive, or the folder. */
  readonly file: string;
  /** How many of each were taken, by the names of the format. */
  readonly counts: Readonly<Record<string, number>>;
}

const Page = z.looseObject({
  result: z.unknown(),
  result_info: z.looseObject({ cursor: z.string().optional() }).nullish(),
});
const Keys = z.array(
  z.looseObject({ name: z.string(), expiration: z.number().optional(), metadata: z.unknown().optional() }),
);
const Objects = z.array(z.looseObject({ key: z.string(), size: z.number() }));
const Rows = z.array(z.looseObject({ results: z.array(z.record(z.string(), z.unknown())) })).min(1);
const Backlog = z.looseObject({ backlog_count: z.number() });
const VectorPage = z.looseObject({
  vectors: z.array(z.looseObject({ id: z.string() })),
  nextCursor: z.string().nullish(),
});
/** Vectors that Cloudflare gives at once. */
const VECTORS = 20;
const LOGS = 50;

/**
 * Writes everything of a customer's that the account's API can read: see `EXPORT_FORMAT`. A customer with traffic goes on
 * working meanwhile, so each product is as it was when it was read.
 *
 * @param target a file that ends in `.tar.gz` or `.tgz`, or a folder to be made
 * @throws UserError when the target is there already; AccountApiError. Then there is no target
 */
export async function exportCustomer(
  project: Project,
  customer: Customer,
  cloud: LocalCloud,
  target: string,
): Promise<Exported> {
  const file = path.resolve(target);
  if (existsSync(file)) throw new UserError(`${file} is there already: nothing was overwritten. Name another file.`);
  await mkdir(path.dirname(file), { recursive: true });
  const folder = await mkdtemp(path.join(path.dirname(file), `.${customer.name}-export-`));
  try {
    const api = await openCustomerApi(project, customer, cloud);
    const stacks = stackNames(project);
    const own = (await listAccount(api)).filter(({ name }) => ownerOf(name, stacks) === customer.name);
    const counts = await writeAll(api, own, folder);
    const { name, accountId, since, settings } = customer;
    await writeJson(path.join(folder, "settings.json"), settings);
    const files = await describeFiles(folder);
    const exportedAt = new Date().toISOString();
    await writeJson(path.join(folder, "manifest.json"), {
      format: 1,
      name,
      accountId,
      since,
      exportedAt,
      counts,
      files,
    });
    await writeFile(path.join(folder, "README.md"), EXPORT_FORMAT);
    if (/\.(tar\.gz|tgz)$/.test(file)) await packFolder(folder, customer.name, file);
    else await rename(folder, file);
    return { file, counts };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeAll(api: AccountApi, own: readonly Existing[], folder: string): Promise<Record<string, number>> {
  const counts = { databases: 0, objects: 0, pairs: 0, vectors: 0, gateway_logs: 0, messages_not_exported: 0 };
  const of = (product: string) => own.filter((one) => one.product === product);
  for (const { id, name } of of("D1 database")) {
    await writeLines(
      path.join(folder, "d1", `${name}.sql`),
      dumpDatabase((sql, params) => query(api, id, sql, params)),
    );
    counts.databases++;
  }
  for (const { name } of of("R2 bucket")) counts.objects += await writeBucket(api, name, path.join(folder, "r2", name));
  for (const { id, name } of of("KV namespace")) {
    await writeLines(
      path.join(folder, "kv", `${name}.jsonl`),
      counted(pairsOf(api, id), () => counts.pairs++),
    );
  }
  for (const { name } of of("Vectorize index")) {
    await writeLines(
      path.join(folder, "vectorize", `${name}.jsonl`),
      counted(vectorsOf(api, name), () => counts.vectors++),
    );
  }
  for (const { id } of of("AI gateway")) {
    await writeLines(
      path.join(folder, "ai-gateway", `${id}.jsonl`),
      counted(logsOf(api, id), () => counts.gateway_logs++),
    );
  }
  for (const { id } of of("queue")) {
    const metrics = Backlog.safeParse(await api.call("GET", `/queues/${id}/metrics`));
    counts.messages_not_exported += metrics.data?.backlog_count ?? 0;
  }
  return counts;
}

async function query(api: AccountApi, database: string, sql: string, params: readonly unknown[]) {
  const answer = Rows.parse(await api.call("POST", `/d1/database/${database}/query`, { sql, params }));
  return answer[0]?.results ?? [];
}

/** Objects by numbers, because a key may be anything, also a path out of the folder. @returns how many */
async function writeBucket(api: AccountApi, bucket: string, folder: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  let count = 0;
  await writeLines(
    path.join(folder, "index.jsonl"),
    (async function* () {
      for await (const page of pagesOf(api, `/r2/buckets/${bucket}/objects?per_page=1000`)) {
        for (const object of Objects.parse(page)) {
          const response = await api.read(`/r2/buckets/${bucket}/objects/${encodeURIComponent(object.key)}`);
          if (!response) continue; // deleted since it was listed
          const file = String(++count).padStart(8, "0");
          await save(response, path.join(folder, file));
          yield JSON.stringify({ file, ...object });
        }
      }
    })(),
  );
  return count;
}

async function* pairsOf(api: AccountApi, namespace: string): AsyncGenerator<string> {
  const base = `/storage/kv/namespaces/${namespace}`;
  for await (const page of pagesOf(api, `${base}/keys?limit=1000`)) {
    for (const { name, expiration, metadata } of Keys.parse(page)) {
      const response = await api.read(`${base}/values/${encodeURIComponent(name)}`);
      if (!response) continue; // expired since it was listed
      const value = Buffer.from(await response.arrayBuffer()).toString("base64");
      yield JSON.stringify({
        key: name,
        value_base64: value,
        ...(expiration !== undefined && { expiration }),
        ...(metadata !== undefined && metadata !== null && { metadata }),
      });
    }
  }
}

async function* vectorsOf(api: AccountApi, index: string): AsyncGenerator<string> {
  const base = `/vectorize/v2/indexes/${index}`;
  for (let cursor: string | undefined; ; ) {
    const after: string = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page = VectorPage.parse(await api.call("GET", `${base}/list?count=1000${after}`));
    const ids = page.vectors.map(({ id }) => id);
    for (let start = 0; start < ids.length; start += VECTORS) {
      const found = await api.call("POST", `${base}/get_by_ids`, { ids: ids.slice(start, start + VECTORS) });
      for (const vector of z.array(z.unknown()).parse(found)) yield JSON.stringify(vector);
    }
    if (!page.nextCursor) return;
    cursor = page.nextCursor;
  }
}

async function* logsOf(api: AccountApi, gateway: string): AsyncGenerator<string> {
  for (let page = 1; ; page++) {
    const found = await api.call("GET", `/ai-gateway/gateways/${gateway}/logs?page=${page}&per_page=${LOGS}`);
    const logs = z.array(z.unknown()).parse(found ?? []);
    for (const log of logs) yield JSON.stringify(log);
    if (logs.length < LOGS) return;
  }
}

/** The results of a list with cursors. */
async function* pagesOf(api: AccountApi, first: string): AsyncGenerator<unknown> {
  for (let path = first; ; ) {
    const response = await api.read(path);
    if (!response) return;
    const page = Page.parse(await response.json());
    yield page.result;
    const cursor = page.result_info?.cursor;
    if (!cursor) return;
    path = `${first}&cursor=${encodeURIComponent(cursor)}`;
  }
}

async function writeLines(file: string, lines: AsyncIterable<string>): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  async function* ended() {
    for await (const line of lines) yield `${line}\n`;
  }
  await pipeline(Readable.from(ended()), createWriteStream(file, { mode: 0o600 }));
}

async function* counted(lines: AsyncIterable<string>, count: () => void): AsyncGenerator<string> {
  for await (const line of lines) {
    count();
    yield line;
  }
}

async function save(response: Response, file: string): Promise<void> {
  const chunks = response.body ?? new Blob([]).stream();
  await pipeline(chunks, createWriteStream(file, { mode: 0o600 }));
}

/** Size and SHA-256 of each file, by its path in the archive. */
async function describeFiles(folder: string): Promise<Record<string, { bytes: number; sha256: string }>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const described: [string, { bytes: number; sha256: string }][] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const sha256 = createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
    described.push([path.relative(folder, file).split(path.sep).join("/"), { bytes: (await stat(file)).size, sha256 }]);
  }
  return Object.fromEntries(described.sort(([one], [other]) => (one < other ? -1 : 1)));
}

async function writeJson(file: string, content: object): Promise<void> {
  await writeFile(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
}
