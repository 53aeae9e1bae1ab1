import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HttpOptions_Style, type MiniflareOptions, type WorkerOptions } from "miniflare";
import type { DataResource, RuntimeBinding } from "../core/service.ts";
import type { AccountDefinition, WorkerAssets, WorkerDefinition } from "../core/worker-definition.ts";
import { PLUGIN_NAME, type PluginOptions } from "./bindings-plugin.ts";
import { CONTROL_WORKER, CONTROL_WORKER_CODE } from "./control-worker.ts";
import { withCountedObjects } from "./counted-objects.ts";

/** What an account's options need besides its definition. */
export interface Surroundings {
  readonly accountId: string;
  /** Folder of the account's data. */
  readonly directory: string;
  /** `127.0.0.1:port` of the inner server, and the secret it wants. */
  readonly inner: { readonly address: string; readonly secret: string };
  /** Added to each Worker as `LOCAL_CLOCK_OFFSET` when not 0. */
  readonly clockOffset: number;
}

const PLUGIN = { package: fileURLToPath(new URL("bindings-plugin.ts", import.meta.url)), name: PLUGIN_NAME };
const DIRECT_SOCKET = [{ host: "127.0.0.1", port: 0 }];

/** Miniflare's options for everything that runs in an account. */
export function accountOptions(definition: AccountDefinition, surroundings: Surroundings): MiniflareOptions {
  return {
    host: "127.0.0.1",
    port: 0,
    cf: false,
    defaultPersistRoot: surroundings.directory,
    workers: [
      controlWorker(definition, surroundings),
      ...definition.workers.map((worker) => workerOptions(worker, definition, surroundings)),
      ...definition.workers.flatMap((worker) => (hasDoorPastAssets(worker) ? [pastAssets(worker, definition)] : [])),
    ],
  };
}

/**
 * The name of a version in the runtime. The one with the Durable Objects has the script's own name, so that others
 * bind to it: the one with the largest share, of two equal ones the older.
 */
export function runtimeName(worker: WorkerDefinition, workers: readonly WorkerDefinition[]): string {
  const versions = workers.filter(({ script }) => script === worker.script);
  const first = versions.reduce((best, version) => (version.percentage > best.percentage ? version : best));
  return first.versionId === worker.versionId ? worker.script : `${worker.script}@${worker.versionId}`;
}

/** Whether a Worker has a second socket, which leads past its assets. */
export function hasDoorPastAssets({ assets, mainModule }: WorkerDefinition): boolean {
  return assets !== undefined && mainModule !== undefined;
}

/** The name under which that socket is known. */
export function pastAssetsName(name: string): string {
  return `${name}@past-assets`;
}

/** Holds the socket only: Miniflare leads a socket of a Worker with assets to its router, but one of another to the Worker. */
function pastAssets(worker: WorkerDefinition, { workers }: AccountDefinition): WorkerOptions {
  const serviceName = runtimeName(worker, workers);
  return {
    name: pastAssetsName(serviceName),
    modules: [{ type: "ESModule", path: "/past-assets/index.js", contents: "export default {};" }],
    modulesRoot: "/past-assets",
    compatibilityDate: "2026-01-01",
    unsafeDirectSockets: DIRECT_SOCKET.map((socket) => ({ ...socket, serviceName })),
  };
}

function controlWorker({ workers, resources }: AccountDefinition, surroundings: Surroundings): WorkerOptions {
  const named = <Type extends DataResource["type"]>(
    type: Type,
    id: (resource: DataResource & { type: Type }) => string,
  ) =>
    Object.fromEntries(
      resources
        .filter((resource): resource is DataResource & { type: Type } => resource.type === type)
        .map((resource) => [`${type}:${id(resource)}`, id(resource)]),
    );
  return {
    name: CONTROL_WORKER,
    modules: [{ type: "ESModule", path: "/control/index.js", contents: CONTROL_WORKER_CODE }],
    modulesRoot: "/control",
    compatibilityDate: "2026-01-01",
    compatibilityFlags: ["service_binding_extra_handlers"],
    kvNamespaces: named("kv", ({ namespaceId }) => namespaceId),
    d1Databases: named("d1", ({ databaseId }) => databaseId),
    r2Buckets: named("r2", ({ bucketName }) => bucketName),
    bindings: { SECRET: surroundings.inner.secret },
    serviceBindings: {
      SINK: {
        external: {
          address: surroundings.inner.address,
          http: injected(innerHeaders(surroundings, "tail", CONTROL_WORKER)),
        },
      },
    },
    unsafeDirectSockets: DIRECT_SOCKET,
    unsafeBindings: [
      ...consumers(workers),
      ...workers.flatMap((worker) =>
        worker.assets === undefined ? [] : [siteBinding(runtimeName(worker, workers), worker.assets)],
      ),
    ],
  };
}

/** Every Worker with code, so that batches of messages and crons can be given to it. */
function consumers(workers: readonly WorkerDefinition[]) {
  const scripts = new Set(workers.filter(({ mainModule }) => mainModule !== undefined).map(({ script }) => script));
  return [...scripts].map((script) => ({
    name: `queue:${script}`,
    type: "consumer",
    plugin: PLUGIN,
    options: asJson({ worker: script }),
  }));
}

function workerOptions(
  worker: WorkerDefinition,
  definition: AccountDefinition,
  surroundings: Surroundings,
): WorkerOptions {
  const { script } = worker;
  const name = runtimeName(worker, definition.workers);
  const root = `/${script}`;
  const options: WorkerOptions = {
    name,
    modules:
      worker.mainModule === undefined
        ? [{ type: "ESModule", path: `${root}/assets-only.js`, contents: ASSETS_ONLY }]
        : withCountedObjects(worker).map((module) => ({
            type: module.type,
            path: `${root}/${module.name}`,
            contents:
              module.type === "Data" || module.type === "CompiledWasm"
                ? module.contents
                : new TextDecoder().decode(module.contents),
          })),
    modulesRoot: root,
    compatibilityDate: worker.compatibilityDate,
    compatibilityFlags: [...worker.compatibilityFlags],
    bindings: surroundings.clockOffset === 0 ? {} : { LOCAL_CLOCK_OFFSET: String(surroundings.clockOffset) },
    unsafeDirectSockets: DIRECT_SOCKET,
    tails: [{ name: CONTROL_WORKER, entrypoint: "Tail", props: { script } }],
    outboundService: {
      external: {
        address: surroundings.inner.address,
        http: { style: HttpOptions_Style.PROXY, ...injected(innerHeaders(surroundings, "outbound", script)) },
      },
    },
  };
  const version = { id: worker.versionId, tag: worker.versionTag, timestamp: worker.versionCreated };
  const binder = new Binder(options, name, definition, surroundings, script, version);
  for (const [bindingName, binding] of Object.entries(worker.bindings)) binder.bind(bindingName, binding);
  binder.addClasses(worker, name === script);
  if (worker.assets !== undefined) options.assets = assetsOptions(worker, worker.assets, name, binder.assetsBinding);
  return options;
}

const ASSETS_ONLY = `export default { fetch: () => new Response(null, { status: 404 }) };`;

/** The namespaces in which a Worker counts calls, each once. */
function limitsOf({ bindings }: WorkerDefinition): string[] {
  const limits = Object.values(bindings).flatMap((each) => (each.type === "ratelimit" ? [each.namespaceId] : []));
  return [...new Set(limits)];
}

/** Adds bindings to the options of one Worker. */
class Binder {
  assetsBinding: string | undefined;
  readonly #options: WorkerOptions;
  readonly #name: string;
  readonly #known: ReadonlySet<string>;
  readonly #surroundings: Surroundings;
  readonly #script: string;
  readonly #version: { id: string; tag: string; timestamp: string };
  readonly #boundClasses = new Set<string>();
  readonly #limits: readonly string[];

  constructor(
    options: WorkerOptions,
    name: string,
    { workers }: AccountDefinition,
    surroundings: Surroundings,
    script: string,
    version: { id: string; tag: string; timestamp: string },
  ) {
    this.#version = version;
    this.#options = options;
    this.#name = name;
    this.#known = new Set(workers.map((worker) => worker.script));
    this.#limits = workers.flatMap(limitsOf);
    this.#surroundings = surroundings;
    this.#script = script;
  }

  bind(name: string, binding: RuntimeBinding): void {
    const options = this.#options;
    switch (binding.type) {
      case "kv": {
        const { namespaceId, service, headers } = binding;
        this.#bindInner(name, "kv", "backend", { "x-local-service": service, ...headers }, { namespaceId });
        return;
      }
      case "d1":
        this.#bindPlugin(name, "d1", { databaseId: binding.databaseId });
        return;
      case "r2":
        this.#bindPlugin(name, "r2", { bucketName: binding.bucketName });
        return;
      case "text":
        options.bindings = { ...options.bindings, [name]: binding.value };
        return;
      case "json":
        // Parsed from JSON at the upload, so it is JSON.
        options.bindings = { ...options.bindings, [name]: binding.value as string };
        return;
      case "durable_object":
        this.#bindClass(name, binding);
        return;
      case "service":
        this.#bindService(name, binding);
        return;
      case "ratelimit": {
        const { namespaceId, limit, period } = binding;
        const shared = this.#limits.filter((id) => id === namespaceId).length > 1;
        this.#bindPlugin(name, "ratelimit", { namespaceId, limit, period, shared });
        return;
      }
      case "version_metadata":
        // Miniflare's own would make up an id.
        options.bindings = { ...options.bindings, [name]: this.#version };
        return;
      case "assets":
        this.assetsBinding = name;
        return;
      case "analytics":
        this.#bindInner(name, "analytics", "analytics", { "x-local-dataset": binding.dataset });
        return;
      case "queue":
        this.#bindInner(name, "queue", "backend", { "x-local-service": binding.service, ...binding.headers });
        return;
      case "backend": {
        const headers = { "x-local-service": binding.service, ...binding.headers };
        const { indexName } = binding;
        this.#bindInner(name, binding.module, "backend", headers, indexName === undefined ? {} : { indexName });
        return;
      }
    }
  }

  /** Gives the classes of the Worker their storage, also those that no binding of its own names. */
  addClasses(worker: WorkerDefinition, holdsObjects: boolean): void {
    if (!holdsObjects) return;
    this.#options.additionalUnboundDurableObjects = worker.durableObjects
      .filter(({ className }) => !this.#boundClasses.has(className))
      .map(({ className, namespaceId, sqlite }) => ({ className, unsafeUniqueKey: namespaceId, useSQLite: sqlite }));
  }

  #bindClass(name: string, binding: RuntimeBinding & { type: "durable_object" }): void {
    const script = binding.script ?? this.#script;
    if (!this.#known.has(script)) return;
    const own = script === this.#name;
    if (own) this.#boundClasses.add(binding.className);
    this.#options.durableObjects = {
      ...this.#options.durableObjects,
      [name]: {
        className: binding.className,
        ...(!own && { scriptName: script }),
        unsafeUniqueKey: binding.namespaceId,
        useSQLite: binding.sqlite,
      },
    };
  }

  #bindService(name: string, { script, entrypoint }: RuntimeBinding & { type: "service" }): void {
    const target = this.#known.has(script) ? { name: script, ...(entrypoint && { entrypoint }) } : undefined;
    if (target === undefined) return;
    this.#options.serviceBindings = { ...this.#options.serviceBindings, [name]: target };
  }

  #bindInner(
    name: string,
    type: string,
    kind: InnerKind,
    headers: Readonly<Record<string, string>>,
    more: PluginOptions = {},
  ): void {
    this.#bindPlugin(name, type, {
      address: this.#surroundings.inner.address,
      headers: { ...innerHeaders(this.#surroundings, kind, this.#script), ...headers },
      ...more,
    });
  }

  #bindPlugin(name: string, type: string, options: PluginOptions): void {
    this.#options.unsafeBindings = [
      ...(this.#options.unsafeBindings ?? []),
      { name, type, plugin: PLUGIN, options: asJson(options) },
    ];
  }
}

/** What a call to the inner server is about. */
type InnerKind = "backend" | "analytics" | "outbound" | "tail";

function innerHeaders({ accountId, inner }: Surroundings, kind: InnerKind, script: string): Record<string, string> {
  return {
    "x-local-secret": inner.secret,
    "x-local-kind": kind,
    "x-local-account": accountId,
    ...(kind !== "tail" && { "x-local-script": script }),
  };
}

function injected(headers: Record<string, string>) {
  return { injectRequestHeaders: Object.entries(headers).map(([name, value]) => ({ name, value })) };
}

function assetsOptions(
  worker: WorkerDefinition,
  assets: WorkerAssets,
  name: string,
  binding: string | undefined,
): NonNullable<WorkerOptions["assets"]> {
  const first = assets.runWorkerFirst;
  const rules = Array.isArray(first) ? (first as readonly string[]) : undefined;
  return {
    directory: assets.directory,
    workerName: name,
    ...(binding !== undefined && { binding }),
    routerConfig: {
      has_user_worker: worker.mainModule !== undefined,
      ...(first === true && { invoke_user_worker_ahead_of_assets: true }),
      ...(rules && {
        static_routing: {
          user_worker: rules.filter((rule) => !rule.startsWith("!")),
          asset_worker: rules.filter((rule) => rule.startsWith("!")).map((rule) => rule.slice(1)),
        },
      }),
    },
    assetConfig: {
      ...(assets.htmlHandling && { html_handling: assets.htmlHandling }),
      ...(assets.notFoundHandling && { not_found_handling: assets.notFoundHandling }),
      ...(rules && { has_static_routing: true }),
    },
  };
}

/** The file store of a Worker's assets, by the content hashes that Miniflare computes: of path and change time. */
function siteBinding(worker: string, { directory, contentTypes }: WorkerAssets) {
  const files: Record<string, { path: string; contentType: string }> = {};
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const path = file.slice(directory.length).replaceAll("\\", "/");
    const hash = createHash("sha256").update(file + statSync(file).mtimeMs.toString());
    files[hash.digest("hex").slice(0, 32)] = { path, contentType: contentTypes[path] ?? "application/octet-stream" };
  }
  return { name: `site:${worker}`, type: "assets", plugin: PLUGIN, options: asJson({ worker, directory, files }) };
}

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Plugin options are JSON by construction; their interface has no index signature, which Miniflare's type wants. */
function asJson(options: PluginOptions): Record<string, Json> {
  return options as Record<string, Json>;
}
