import { createHash, createHmac, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { ActivityLog } from "../core/activity.ts";
import type { Clock } from "../core/clock.ts";
import { CutByReloadError, NotDeliveredError, type QueueBatch, type QueueOutcome } from "../core/queue-batch.ts";
import type { DataPlane, DataResource } from "../core/service.ts";
import type { TraceEvent } from "../core/trace-event.ts";
import type { Amounts } from "../core/usage.ts";
import { VersionFigures } from "../core/version-figures.ts";
import type { AccountSource } from "../core/worker-definition.ts";
import { AccountRuntime, resourceKey } from "./account-runtime.ts";
import { type AnalyticsPoint, readAnalyticsEvents } from "./analytics.ts";
import { type ControlCall, d1Data, kvData, r2Data } from "./data-client.ts";
import { checkRoom } from "./disk-room.ts";
import { FrontDoor, INNER_HEADER } from "./front-door.ts";
import { type InnerServer, startInnerServer } from "./inner-server.ts";
import { OWNER_VARIABLE } from "./orphans.ts";
import { outbound } from "./outbound.ts";
import { deliverBatch } from "./queue-delivery.ts";
import { callScheduled } from "./scheduled-call.ts";
import { Validator } from "./validator.ts";

/** How services answer calls that come out of Workers. */
interface RuntimeHandlers {
  /** A call through a binding whose product is a service of ours. The path is the product's own. */
  backend(service: string, request: IncomingMessage, response: ServerResponse): void;
  /** Data points of Analytics Engine. */
  analytics(accountId: string, points: readonly AnalyticsPoint[]): void;
  /** Calls of Workers that were traced. */
  trace(accountId: string, script: string, events: readonly TraceEvent[]): void;
  /** What a Worker used. @param script empty: the API */
  used(accountId: string, script: string, amounts: Amounts): void;
  /** Answers in place of a public host. */
  host(hostname: string): ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
}

export interface RuntimeOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly activity: ActivityLog;
  readonly idleAfter: number;
  /** ms that uploaded code may take to start. */
  readonly startupTimeout: number;
  readonly source: AccountSource;
  readonly handlers: RuntimeHandlers;
  /** `host:port` that Workers may call besides the internet and each other. */
  readonly allowOutbound: readonly string[];
}

/** All accounts' workerds, and the doors to their Workers. */
export class Runtime implements DataPlane {
  readonly validator: Validator;
  readonly #options: RuntimeOptions;
  readonly #inner: InnerServer;
  readonly #closeOutbound: () => void;
  readonly #accounts = new Map<string, AccountRuntime>();
  readonly #doors = new Map<string, { door: FrontDoor; port: number; figures: VersionFigures }>();
  readonly #tailed = new Map<string, Set<string>>();
  readonly #stopListening: () => void;

  private constructor(options: RuntimeOptions, inner: InnerServer, closeOutbound: () => void) {
    this.#options = options;
    this.#inner = inner;
    this.#closeOutbound = closeOutbound;
    this.validator = new Validator(this.#environment, options.idleAfter, options.startupTimeout);
    this.#stopListening = options.clock.onMove(() => {
      for (const account of this.#accounts.values()) account.change();
    });
  }

  static async start(options: RuntimeOptions): Promise<Runtime> {
    const { handlers } = options;
    const allowed = new Set(options.allowOutbound);
    const doors: { ports: () => Iterable<number> } = { ports: () => [] };
    const out = outbound({
      allowed: (host, port) => allowed.has(`${host}:${port}`),
      isDoor: (host, port) => (host === "127.0.0.1" || host === "localhost") && has(doors.ports(), port),
      doorHeaders: { [INNER_HEADER]: INNER_KEY },
      local: (hostname) => handlers.host(hostname),
    });
    const inner = await startInnerServer({
      outbound: out,
      backend: {
        request: (_call, request, response) =>
          handlers.backend(String(request.headers["x-local-service"]), request, response),
      },
      analytics: {
        request: (call, request, response) => {
          const dataset = String(request.headers["x-local-dataset"]);
          text(request)
            .then((body) => handlers.analytics(call.accountId, readAnalyticsEvents(dataset, JSON.parse(body))))
            .then(
              () => response.end(),
              (error: Error) => response.writeHead(500).end(error.message),
            );
        },
      },
      tail: {
        request: (call, request, response) => {
          text(request).then(
            (body) => {
              handlers.trace(call.accountId, call.script, JSON.parse(body) as TraceEvent[]);
              response.end();
            },
            () => response.destroy(),
          );
        },
      },
    });
    const runtime = new Runtime(options, inner, () => out.close());
    doors.ports = () => [...runtime.#doors.values()].map(({ port }) => port);
    return runtime;
  }

  /** The account's runtime, which may sleep. */
  account(accountId: string): AccountRuntime {
    const known = this.#accounts.get(accountId);
    if (known) return known;
    const { activity, idleAfter, clock, source } = this.#options;
    const account = new AccountRuntime({
      definition: () => source(accountId),
      surroundings: () => ({
        accountId,
        directory: this.folder(accountId),
        inner: this.#inner,
        clockOffset: clock.offset,
      }),
      environment: this.#environment,
      activity,
      idleAfter,
      collectUsage: async (controlUrl, cpuMs) => {
        this.#options.handlers.used(accountId, "", { "workers.cpu_ms": cpuMs });
        const headers = { "x-local-secret": this.#inner.secret };
        const response = await fetch(`${controlUrl}/usage`, { headers, signal: AbortSignal.timeout(USAGE_PATIENCE) });
        // Our own Worker's answer.
        const used = (await response.json()) as Record<string, Amounts>;
        for (const [script, amounts] of Object.entries(used)) this.#options.handlers.used(accountId, script, amounts);
      },
      onReady: () => {
        if ((this.#tailed.get(accountId)?.size ?? 0) > 0) this.#pushTailed(accountId);
      },
    });
    this.#accounts.set(accountId, account);
    return account;
  }

  /** Opens the stable address of a Worker. @throws `EADDRINUSE` when the port is taken. */
  async openDoor(accountId: string, script: string, port: number): Promise<void> {
    const { activity } = this.#options;
    const figures = new VersionFigures();
    const account = this.account(accountId);
    const door = new FrontDoor({ accountId, script, account, activity, figures, innerKey: INNER_KEY });
    await door.listen(port);
    this.#doors.set(`${accountId}/${script}`, { door, port, figures });
  }

  /** What came in at a Worker's address since its last deployment, by version. Undefined when it has no address. */
  figures(accountId: string, script: string): VersionFigures | undefined {
    return this.#doors.get(`${accountId}/${script}`)?.figures;
  }

  /** The door of a Worker, for requests that come in by another way. */
  door(accountId: string, script: string): FrontDoor | undefined {
    return this.#doors.get(`${accountId}/${script}`)?.door;
  }

  async closeDoor(accountId: string, script: string): Promise<void> {
    const key = `${accountId}/${script}`;
    const known = this.#doors.get(key);
    this.#doors.delete(key);
    await known?.door.close();
  }

  /** Whether the account has a workerd at the moment. */
  awake(accountId: string): boolean {
    return this.#accounts.get(accountId)?.awake ?? false;
  }

  /** Runs the `scheduled` handler of a Worker. An account is not kept awake by it. @param scheduledTime ms since 1970. */
  async scheduled(accountId: string, script: string, cron: string, scheduledTime: number): Promise<string> {
    const account = this.account(accountId);
    const base = await account.control();
    return account.traffic.during(
      () => callScheduled(base, this.#inner.secret, script, { cron, scheduledTime }),
      false,
    );
  }

  /** Gives a batch of messages to the `queue` handler of a Worker, after a reload that is due. See `DeliverBatch`. */
  async queue(accountId: string, script: string, batch: QueueBatch, signal: AbortSignal): Promise<QueueOutcome> {
    const account = this.account(accountId);
    const base = await account.control().catch((cause: Error) => {
      throw new NotDeliveredError(cause.message, { cause });
    });
    if (account.targets(script).length === 0)
      throw new NotDeliveredError(account.brokenBecause(script)?.message ?? `Worker ${script} does not run`);
    const { interruptions, generation } = account;
    try {
      return await account.traffic.during(() => deliverBatch(base, this.#inner.secret, script, batch, signal));
    } catch (cause) {
      // The call fails before the reload that cuts it is over, and counted before that.
      if (account.interruptions !== interruptions) throw new CutByReloadError("a reload ended the call", { cause });
      if (signal.aborted || cause instanceof NotDeliveredError) throw cause;
      // Somebody killed workerd: whoever comes next waits until it is back.
      await account.recover(generation).catch(() => {});
      if ((cause as NodeJS.ErrnoException).code !== "ECONNREFUSED") throw cause;
      throw new NotDeliveredError("the runtime was not there", { cause });
    }
  }

  /** What has been used until now is told when this resolves. Wakes nobody. */
  async collectUsage(accountId: string): Promise<void> {
    await this.#accounts.get(accountId)?.collectUsage();
  }

  /** Asks for all events of a script from now on, or only for those with something to read. */
  tail(accountId: string, script: string, on: boolean): void {
    const tailed = this.#tailed.get(accountId) ?? new Set();
    this.#tailed.set(accountId, tailed);
    if (on) tailed.add(script);
    else tailed.delete(script);
    if (this.account(accountId).awake) this.#pushTailed(accountId);
  }

  async kv(accountId: string, namespaceId: string) {
    return kvData(this.#caller(accountId, { type: "kv", namespaceId }), namespaceId);
  }

  async d1(accountId: string, databaseId: string) {
    return d1Data(this.#caller(accountId, { type: "d1", databaseId }), databaseId);
  }

  async r2(accountId: string, bucketName: string) {
    return r2Data(this.#caller(accountId, { type: "r2", bucketName }), bucketName);
  }

  async remove(accountId: string, resource: DataResource): Promise<void> {
    const account = this.account(accountId);
    await Promise.all(dataPaths(resource).map((path) => account.deleteLater(join(this.folder(accountId), path))));
  }

  /** Deletes the data of a Durable Object class. */
  async removeObjects(accountId: string, namespaceId: string): Promise<void> {
    await this.account(accountId).deleteLater(join(this.folder(accountId), "do", namespaceId));
  }

  /** workerd keeps a file for each. */
  async storedObjects(accountId: string, namespaceId: string): Promise<readonly string[]> {
    const folder = join(this.folder(accountId), "do", namespaceId);
    const files = existsSync(folder) ? await readdir(folder) : [];
    return files.flatMap((file) => /^([0-9a-f]{64})\.sqlite$/.exec(file)?.[1] ?? []).sort();
  }

  /** Stops an account's workerd and forgets about it: its folder is going to be deleted. */
  async forget(accountId: string): Promise<void> {
    const account = this.#accounts.get(accountId);
    this.#accounts.delete(accountId);
    await account?.close();
  }

  changed(accountId: string): void {
    this.account(accountId).change();
  }

  async close(): Promise<void> {
    this.#stopListening();
    await Promise.all([...this.#doors.values()].map(({ door }) => door.close()));
    await Promise.all([...this.#accounts.values()].map((account) => account.close()));
    await this.validator.close();
    this.#closeOutbound();
    await this.#inner.close();
  }

  get #environment(): Record<string, string> {
    return { [OWNER_VARIABLE]: this.#options.directory };
  }

  /** Where the data of an account is. */
  folder(accountId: string): string {
    return join(this.#options.directory, "accounts", accountId);
  }

  #caller(accountId: string, resource: DataResource): ControlCall {
    return (path, query, init = {}) => this.#control(accountId, path, query, init, resourceKey(resource));
  }

  async #control(
    accountId: string,
    path: string,
    query: Record<string, string>,
    init: RequestInit,
    resource?: string,
  ): Promise<Response> {
    const account = this.account(accountId);
    // What comes as bytes is written; D1's statements come as text, and it says itself when it is full.
    if (init.method === "PUT") checkRoom(this.#options.directory, sizeOf(init.body));
    const base = await account.control(resource);
    const headers = { "x-local-secret": this.#inner.secret };
    return account.traffic.during(async () => {
      const response = await fetch(`${base}/${path}?${new URLSearchParams(query)}`, { ...init, headers });
      if (response.status < 400) return response;
      const body = await response.text();
      let message = body;
      try {
        message = (JSON.parse(body) as { error?: string }).error ?? body;
      } catch {
        // Not ours: the text itself says what happened.
      }
      throw new Error(message);
    });
  }

  #pushTailed(accountId: string): void {
    const body = JSON.stringify([...(this.#tailed.get(accountId) ?? [])]);
    this.#control(accountId, "tailed", {}, { method: "POST", body }).catch(() => {});
  }
}

/** ms that the hidden Worker may take to say what was used. */
const USAGE_PATIENCE = 2000;
const INNER_KEY = randomUUID();

/** Where Miniflare keeps a resource, below the account's folder. */
function dataPaths(resource: DataResource): string[] {
  switch (resource.type) {
    case "kv":
      return [
        join("kv", resource.namespaceId),
        ...objectPaths("kv", "miniflare-KVNamespaceObject", resource.namespaceId),
      ];
    case "d1":
      return objectPaths("d1", "miniflare-D1DatabaseObject", resource.databaseId);
    case "r2":
      return [join("r2", resource.bucketName), ...objectPaths("r2", "miniflare-R2BucketObject", resource.bucketName)];
  }
}

/** The files of the Durable Object that workerd makes for a name: its id is a keyed hash of it. */
function objectPaths(folder: string, uniqueKey: string, name: string): string[] {
  const sha = createHash("sha256").update(uniqueKey).digest();
  const hmac = (data: string | Buffer) => createHmac("sha256", sha).update(data).digest().subarray(0, 16);
  const start = hmac(name);
  const id = Buffer.concat([start, hmac(start)]).toString("hex");
  return ["", "-wal", "-shm"].map((suffix) => join(folder, uniqueKey, `${id}.sqlite${suffix}`));
}

function sizeOf(body: RequestInit["body"]): number {
  if (typeof body === "string") return Buffer.byteLength(body);
  return body instanceof ArrayBuffer || ArrayBuffer.isView(body) ? body.byteLength : 0;
}

function has(ports: Iterable<number>, wanted: number): boolean {
  for (const port of ports) if (port === wanted) return true;
  return false;
}
