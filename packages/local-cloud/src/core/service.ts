import type { IncomingMessage, ServerResponse } from "node:http";
import type { Hono } from "hono";
import type { ActivityLog } from "./activity.ts";
import type { Clock } from "./clock.ts";
import type { Ids } from "./ids.ts";
import type { ResourceSummary } from "./overview.ts";
import type { PlanLimits } from "./plan.ts";
import type { Store } from "./store.ts";
import type { CountUsage } from "./usage.ts";

/** What every service gets. Time and ids come from here and nowhere else. */
export interface ServiceContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly activity: ActivityLog;
  /** The cloud's folder, absolute. A service writes below `<directory>/<its name>` only. */
  readonly directory: string;
  /** The limits of an account's plan. */
  limits(accountId: string): PlanLimits;
  /** Counts what Cloudflare would bill. @default nothing is counted: a service alone, without a cloud */
  readonly countUsage?: CountUsage;
}

/** One emulated Cloudflare product. Each folder in services/ exports one factory that makes it. */
export interface Service {
  readonly name: string;
  /** Control plane: REST routes below /client/v4/accounts/:account_id. Mounted there; read the id with {@link accountOf}. */
  readonly routes?: Hono;
  /** Routes below /client/v4 that belong to no account, e.g. `/user/tokens/verify`. */
  readonly globalRoutes?: Hono;
  /**
   * Data plane: what an uploaded binding becomes at run time, by Cloudflare binding type.
   * Throws an ApiError when the binding names something that does not exist in the account.
   */
  readonly bindings?: Readonly<Record<string, (accountId: string, binding: Binding) => RuntimeBinding>>;
  /**
   * Data-plane calls for products that the runtime does not simulate. Reached by Workers through workerd's own
   * binding code, at the path the product's binding uses; the headers `x-local-account`, `x-local-script` and
   * those of {@link RuntimeBinding} `backend` name the caller.
   */
  readonly backend?: Hono;
  /**
   * Routes at `/_signed/<name>` that want neither token nor cookie: the address itself is the secret, short-lived and
   * unguessable. What is a presigned R2 URL at Cloudflare (wrangler's D1 import and export use it without a token).
   */
  readonly signedRoutes?: Hono;
  /** Everything of this product that exists in the account, so that REST reaches data no Worker is bound to. */
  readonly resources?: (accountId: string) => DataResource[];
  /** What of this product uses a Worker, e.g. `queue jobs`: the Worker is not deleted while there is any. */
  readonly dependents?: (accountId: string, script: string) => string[];
  /** What of this product exists in the account, for people: the console lists it. */
  readonly summaries?: (accountId: string) => ResourceSummary[];
  /** Routes below `/_local/<name>`, behind the same guard as all of `/_local`: what people want to see of the product. */
  readonly localRoutes?: Hono;
  /** The account was emptied in the store: drops what is in memory of it. */
  readonly forget?: (accountId: string) => Promise<void> | void;
  /** Public host names, e.g. `gateway.ai.cloudflare.com`, whose requests from Workers this service answers. */
  readonly hosts?: Readonly<Record<string, HostListener>>;
  /** Ends timers and workers of the service. */
  readonly close?: () => Promise<void> | void;
}

/** Answers whole requests to one public host. */
export type HostListener = (request: IncomingMessage, response: ServerResponse) => void;

/** A binding as uploaded: Cloudflare's wire names. */
export interface Binding {
  readonly type: string;
  readonly name: string;
  readonly [field: string]: unknown;
}

/** What a binding is for the runtime. */
export type RuntimeBinding =
  /** Before each write the runtime asks the backend of the service, `POST /late` with `headers`, how many ms later reads see it. */
  | { type: "kv"; namespaceId: string; service: string; headers: Readonly<Record<string, string>> }
  | { type: "d1"; databaseId: string }
  | { type: "r2"; bucketName: string }
  | { type: "text"; value: string }
  | { type: "json"; value: unknown }
  /** `script` when the class belongs to another Worker; `namespaceId` names its storage. */
  | { type: "durable_object"; className: string; script?: string; namespaceId: string; sqlite: boolean }
  | { type: "service"; script: string; entrypoint?: string }
  | { type: "ratelimit"; namespaceId: string; limit: number; period: 10 | 60 }
  | { type: "version_metadata" }
  | { type: "assets" }
  /** Writes go to the backend of the named service as `POST /points`, one JSON data point each. */
  | { type: "analytics"; dataset: string }
  /**
   * A producer of workerd's own `queue` kind: messages reach the backend of the service as
   * `POST /message` (headers `x-msg-fmt`, `x-msg-delay-secs`) and `POST /batch` (bodies in base64), with `headers`.
   * workerd wants the answer `{metadata: {metrics: {backlogCount, backlogBytes, oldestMessageTimestamp}}}`; the test
   * beside the runtime shows all of it.
   */
  | { type: "queue"; service: string; headers: Readonly<Record<string, string>> }
  /** workerd's own binding code (`ai`, `vectorize`) in front of the backend of the service. */
  | {
      type: "backend";
      module: "ai" | "vectorize";
      service: string;
      headers: Readonly<Record<string, string>>;
      indexName?: string;
    };

/** A resource whose data lives in the runtime. */
export type DataResource =
  | { type: "kv"; namespaceId: string }
  | { type: "d1"; databaseId: string }
  | { type: "r2"; bucketName: string };

/**
 * The account's data, reached from the control plane. Calls start a sleeping account. Structural types: a subset of
 * the bindings of `@cloudflare/workers-types` as Miniflare's Node-side proxies give them.
 */
export interface DataPlane {
  kv(accountId: string, namespaceId: string): Promise<KvData>;
  d1(accountId: string, databaseId: string): Promise<D1Data>;
  r2(accountId: string, bucketName: string): Promise<R2Data>;
  /** Removes the data of a deleted resource from the disk. */
  remove(accountId: string, resource: DataResource): Promise<void>;
  /** A resource appeared or vanished: the next data call or request sees it. Cheap; reloads are batched. */
  changed(accountId: string): void;
}

/** Workers KV, as the REST values API needs it. */
export interface KvData {
  getWithMetadata(key: string, type: "arrayBuffer"): Promise<{ value: ArrayBuffer | null; metadata: unknown }>;
  put(
    key: string,
    value: ArrayBuffer | Uint8Array | string,
    options?: { expiration?: number; expirationTtl?: number; metadata?: unknown },
  ): Promise<void>;
  delete(key: string): Promise<void>;
  list(options: { prefix?: string; limit?: number; cursor?: string }): Promise<{
    keys: { name: string; expiration?: number; metadata?: unknown }[];
    list_complete: boolean;
    cursor?: string;
  }>;
}

/** D1, as the REST query API needs it: the wire protocol of workerd's own D1 binding. */
export interface D1Data {
  prepare(sql: string): D1Statement;
  batch(statements: D1Statement[]): Promise<D1Answer[]>;
  exec(sql: string): Promise<{ count: number; duration: number }>;
  dump?(): Promise<ArrayBuffer>;
}

export interface D1Statement {
  bind(...values: unknown[]): D1Statement;
  all(): Promise<D1Answer>;
  raw(options: { columnNames: true }): Promise<unknown[][]>;
}

export interface D1Answer {
  success: boolean;
  results: Record<string, unknown>[];
  meta: Record<string, unknown>;
}

/** R2, as the REST objects API needs it. */
export interface R2Data {
  head(key: string): Promise<R2ObjectData | null>;
  get(
    key: string,
  ): Promise<(R2ObjectData & { body: ReadableStream<Uint8Array>; arrayBuffer(): Promise<ArrayBuffer> }) | null>;
  put(
    key: string,
    value: ArrayBuffer | Uint8Array | ReadableStream,
    options?: Record<string, unknown>,
  ): Promise<R2ObjectData>;
  delete(keys: string | string[]): Promise<void>;
  list(options: { prefix?: string; limit?: number; cursor?: string; delimiter?: string }): Promise<{
    objects: R2ObjectData[];
    truncated: boolean;
    cursor?: string;
    delimitedPrefixes: string[];
  }>;
}

export interface R2ObjectData {
  key: string;
  size: number;
  etag: string;
  httpEtag: string;
  uploaded: Date;
  httpMetadata?: Record<string, unknown>;
  customMetadata?: Record<string, string>;
  storageClass?: string;
}
