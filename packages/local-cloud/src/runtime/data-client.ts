import type { D1Answer, D1Data, D1Statement, KvData, R2Data, R2ObjectData } from "../core/service.ts";

/** Calls the hidden Worker of an account: `path` names the resource, `query` and `body` the operation. */
export type ControlCall = (path: string, query: Record<string, string>, init?: RequestInit) => Promise<Response>;

/** Workers KV through the hidden Worker. */
export function kvData(call: ControlCall, namespaceId: string): KvData {
  const path = `kv/${encodeURIComponent(namespaceId)}`;
  return {
    async getWithMetadata(key) {
      const response = await call(path, { key });
      const metadata: unknown = JSON.parse(decodeURIComponent(response.headers.get("x-metadata") ?? "null"));
      return { value: response.status === 204 ? null : await response.arrayBuffer(), metadata };
    },
    async put(key, value, options = {}) {
      await call(path, { key, options: JSON.stringify(options) }, { method: "PUT", body: value as BodyInit });
    },
    async delete(key) {
      await call(path, { key }, { method: "DELETE" });
    },
    async list(options) {
      return json(await call(path, { options: JSON.stringify(options) }));
    },
  };
}

interface Prepared {
  sql: string;
  parameters: readonly unknown[];
}

/** D1 through the hidden Worker. Its failures are thrown with the message of the database. */
export function d1Data(call: ControlCall, databaseId: string): D1Data {
  const post = async <Answer>(body: object): Promise<Answer> =>
    json(await call(`d1/${encodeURIComponent(databaseId)}`, {}, { method: "POST", body: JSON.stringify(body) }));
  const statement = (prepared: Prepared): D1Statement & { prepared: Prepared } => ({
    prepared,
    bind: (...parameters) => statement({ ...prepared, parameters }),
    all: () => post<D1Answer>({ method: "all", statements: [prepared] }),
    raw: () => post<unknown[][]>({ method: "raw", statements: [prepared] }),
  });
  return {
    prepare: (sql) => statement({ sql, parameters: [] }),
    // Only statements of `prepare` above arrive here.
    batch: (statements) =>
      post<D1Answer[]>({
        method: "batch",
        statements: (statements as ReturnType<typeof statement>[]).map(({ prepared }) => prepared),
      }),
    exec: (sql) => post({ method: "exec", sql }),
  };
}

/** R2 through the hidden Worker. */
export function r2Data(call: ControlCall, bucketName: string): R2Data {
  const path = `r2/${encodeURIComponent(bucketName)}`;
  return {
    head: async (key) => objectOf(await call(path, { key }, { method: "HEAD" })),
    async get(key) {
      const response = await call(path, { key });
      const object = objectOf(response);
      if (object === null || response.body === null) return null;
      return { ...object, body: response.body, arrayBuffer: () => response.arrayBuffer() };
    },
    async put(key, value, options = {}) {
      const body = value instanceof ReadableStream ? await new Response(value).arrayBuffer() : value;
      const query = { key, options: JSON.stringify(options) };
      const object = objectOf(await call(path, query, { method: "PUT", body: body as BodyInit }));
      if (object === null) throw new Error("the precondition of the put failed");
      return object;
    },
    async delete(keys) {
      await call(path, {}, { method: "DELETE", body: JSON.stringify([keys].flat()) });
    },
    async list(options) {
      const found = await json<Awaited<ReturnType<R2Data["list"]>>>(
        await call(path, { options: JSON.stringify(options) }),
      );
      return { ...found, objects: found.objects.map(withDate) };
    },
  };
}

function objectOf(response: Response): R2ObjectData | null {
  const described = response.headers.get("x-object");
  return described === null ? null : withDate(JSON.parse(decodeURIComponent(described)) as R2ObjectData);
}

const withDate = (object: R2ObjectData): R2ObjectData => ({ ...object, uploaded: new Date(object.uploaded) });

async function json<Value>(response: Response): Promise<Value> {
  return (await response.json()) as Value;
}
