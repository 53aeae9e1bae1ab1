import { createHash } from "node:crypto";
import { ANALYTICS_WORKER_CODE } from "./analytics-worker.ts";
import { COUNTED_OBJECTS_EXTENSION } from "./counted-objects.ts";
import { KV_WORKER_CODE } from "./kv-worker.ts";
import {
  RATE_LIMIT_MODULE,
  RATE_LIMIT_MODULE_CODE,
  RATE_LIMIT_SERVICE,
  RATE_LIMIT_WORKER_CODE,
} from "./rate-limit-worker.ts";
import {
  COUNTED_D1_MODULE,
  COUNTED_KV_MODULE,
  COUNTED_POINTS_MODULE,
  COUNTED_R2_MODULE,
  USAGE_MODULES,
} from "./usage-modules.ts";

/**
 * The Miniflare plugin for what Miniflare lacks: workerd's own binding code in front of our server, static assets of
 * more than one Worker, and consumers that have assets. Miniflare imports this file by its path.
 */

interface PluginBinding {
  readonly name: string;
  readonly type: string;
  readonly options: PluginOptions;
}

/** What a binding of this plugin needs to reach us. */
export interface PluginOptions {
  /** `127.0.0.1:port` of the inner server. */
  readonly address?: string;
  /** Sent with every call: names the caller, and holds the secret that proves it. */
  readonly headers?: Record<string, string>;
  readonly indexName?: string;
  /** Of KV, or of rate limits. */
  readonly namespaceId?: string;
  readonly databaseId?: string;
  readonly bucketName?: string;
  /** Calls in `period` seconds. */
  readonly limit?: number;
  readonly period?: number;
  /** Other Workers count in the same namespace. */
  readonly shared?: boolean;
  /** Type `consumer`: the Worker. Type `assets`: the Worker, its folder, and what each content hash stands for. */
  readonly worker?: string;
  readonly directory?: string;
  readonly files?: Record<string, { path: string; contentType: string }>;
}

export const PLUGIN_NAME = "local-cloud";

export const plugins = {
  [PLUGIN_NAME]: {
    bindingTypeDescription: "Local cloud",
    async getBindings(bindings: readonly PluginBinding[] | undefined) {
      return (bindings ?? []).filter(({ type }) => type !== "assets").map(workerdBinding);
    },
    getNodeBindings: () => ({}),
    getExtensions: () => [
      {
        modules: [
          { name: CONSUMER_MODULE, esModule: CONSUMER_CODE, internal: true },
          { name: RATE_LIMIT_MODULE, esModule: RATE_LIMIT_MODULE_CODE, internal: true },
          ...USAGE_MODULES,
          COUNTED_OBJECTS_EXTENSION,
        ],
      },
    ],
    async getServices({ options }: { options: readonly PluginBinding[] | undefined }) {
      return (options ?? []).flatMap(services);
    },
  },
};

function services(binding: PluginBinding): object[] {
  switch (binding.type) {
    case "consumer":
    // Miniflare's own, which are there because the hidden Worker is bound to every database and bucket.
    case "d1":
    case "r2":
      return [];
    case "assets":
      return assetServices(binding.options);
    case "ratelimit":
      return binding.options.shared ? [workerService(RATE_LIMIT_SERVICE, RATE_LIMIT_WORKER_CODE, {})] : [];
    case "analytics": {
      const cloud = externalService(binding);
      return [cloud, workerService(inFrontOf(binding), ANALYTICS_WORKER_CODE, { CLOUD: cloud })];
    }
    case "kv": {
      const cloud = externalService(binding);
      // Miniflare's own, which is there because the hidden Worker is bound to every namespace.
      const props = { json: JSON.stringify({ MINIFLARE_NAMESPACE: binding.options.namespaceId }) };
      const namespace = { name: "kv:ns:entry", props };
      return [cloud, workerService(inFrontOf(binding), KV_WORKER_CODE, { CLOUD: cloud, KV: namespace })];
    }
    default:
      return [externalService(binding)];
  }
}

/** A service of workerd's configuration, and what the Worker behind it finds in `ctx.props`. */
interface ServiceDesignator {
  readonly name: string;
  readonly props?: { readonly json: string };
}

/** A Worker of ours inside workerd. */
function workerService(name: string, code: string, bindings: Readonly<Record<string, ServiceDesignator>>): object {
  return {
    name,
    worker: {
      compatibilityDate: "2026-01-01",
      modules: [{ name: "index.mjs", esModule: code }],
      bindings: Object.entries(bindings).map(([binding, { name: service, props }]) => ({
        name: binding,
        service: { name: service, ...(props && { props }) },
      })),
    },
  };
}

/** The service of our Worker that stands before the external one. */
function inFrontOf(binding: PluginBinding): string {
  return `${serviceName(binding)}:worker`;
}

const CONSUMER_MODULE = `${PLUGIN_NAME}:consumer`;
const CONSUMER_CODE = "export default ({ consumer }) => consumer;";

/**
 * The Worker itself. Miniflare leads a plain service binding of a Worker with assets to its proxy, which takes no
 * messages; it does not look into a wrapped one.
 */
function consumerBinding({ name, options }: PluginBinding): object {
  const consumer = { name: "consumer", service: { name: `core:user:${options.worker}` } };
  return { name, wrapped: { moduleName: CONSUMER_MODULE, innerBindings: [consumer] } };
}

function workerdBinding(binding: PluginBinding): object {
  if (binding.type === "consumer") return consumerBinding(binding);
  if (binding.type === "ratelimit") return rateLimitBinding(binding);
  const { name } = binding;
  switch (binding.type) {
    case "d1": {
      const database = { name: "fetcher", service: { name: `d1:db:${binding.options.databaseId}` } };
      return { name, wrapped: { moduleName: COUNTED_D1_MODULE, innerBindings: [database] } };
    }
    case "r2": {
      const bucket = { name: "bucket", r2Bucket: { name: `r2:bucket:${binding.options.bucketName}` } };
      return { name, wrapped: { moduleName: COUNTED_R2_MODULE, innerBindings: [bucket] } };
    }
    default:
      return innerBinding(binding);
  }
}

/** A binding that leads to our server. */
function innerBinding(binding: PluginBinding): object {
  const fetcher = { name: "fetcher", service: { name: serviceName(binding) } };
  const { name } = binding;
  switch (binding.type) {
    case "ai":
      return { name, wrapped: { moduleName: "cloudflare-internal:ai-api", innerBindings: [fetcher] } };
    case "vectorize": {
      const innerBindings = [
        fetcher,
        { name: "indexId", text: binding.options.indexName ?? "" },
        { name: "indexVersion", text: "v2" },
        { name: "useNdJson", json: "true" },
      ];
      return { name, wrapped: { moduleName: "cloudflare-internal:vectorize-api", innerBindings } };
    }
    case "analytics": {
      const dataset = { name: "dataset", analyticsEngine: { name: inFrontOf(binding) } };
      return { name, wrapped: { moduleName: COUNTED_POINTS_MODULE, innerBindings: [dataset] } };
    }
    case "kv": {
      const namespace = { name: "namespace", kvNamespace: { name: inFrontOf(binding) } };
      return { name, wrapped: { moduleName: COUNTED_KV_MODULE, innerBindings: [namespace] } };
    }
    case "queue":
      return { name, queue: { name: serviceName(binding) } };
    default:
      throw new Error(`the bindings plugin has no type ${binding.type}`);
  }
}

function rateLimitBinding({ name, options }: PluginBinding): object {
  const { namespaceId = "", limit, period, shared } = options;
  const innerBindings = [
    ...(shared ? [{ name: "counter", service: { name: RATE_LIMIT_SERVICE } }] : []),
    { name: "namespace", text: namespaceId },
    { name: "limit", json: JSON.stringify(limit) },
    { name: "period", json: JSON.stringify(period) },
  ];
  return { name, wrapped: { moduleName: RATE_LIMIT_MODULE, innerBindings } };
}

/** Same name = same service, so the name stands for everything that makes a difference; names appear in errors, secrets not. */
function serviceName(binding: PluginBinding): string {
  const difference = createHash("sha256").update(JSON.stringify(binding.options.headers));
  return `${PLUGIN_NAME}:${binding.type}:${difference.digest("hex").slice(0, 32)}`;
}

function externalService(binding: PluginBinding): { readonly name: string } {
  const injectRequestHeaders = Object.entries(binding.options.headers ?? {}).map(([name, value]) => ({ name, value }));
  const external = { address: binding.options.address, http: { injectRequestHeaders } };
  return Object.assign({ name: serviceName(binding) }, { external });
}

/**
 * The file store of one Worker's assets. Miniflare makes one for the whole instance and so mixes up the Workers'
 * folders; ours has the name of the one it would make per Worker and is made first, and the first of a name wins.
 */
function assetServices({ worker, directory, files }: PluginOptions): object[] {
  const storage = `${PLUGIN_NAME}:site:${worker}`;
  return [
    { name: storage, disk: { path: directory, writable: false, allowDotfiles: true } },
    {
      name: `assets:kv:${worker}`,
      worker: {
        compatibilityDate: "2026-01-01",
        modules: [{ name: "site.mjs", esModule: SITE_WORKER }],
        bindings: [
          { name: "DISK", service: { name: storage } },
          { name: "FILES", json: JSON.stringify(files ?? {}) },
        ],
      },
    },
  ];
}

const SITE_WORKER = `export default {
  async fetch(request, env) {
    const file = env.FILES[new URL(request.url).pathname.slice(1)];
    if (!file) return new Response("Not Found", { status: 404 });
    const path = file.path.split("/").map(encodeURIComponent).join("/");
    const found = await env.DISK.fetch("http://disk" + path);
    const response = new Response(found.body, found);
    response.headers.append("cf-kv-metadata", JSON.stringify({ contentType: file.contentType }));
    return response;
  },
};`;
