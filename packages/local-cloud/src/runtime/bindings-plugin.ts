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
    getExtensions: () => [{ modules: [{ name: CONSUMER_MODULE, esModule: CONSUMER_CODE, internal: true }] }],
    async getServices({ options }: { options: readonly PluginBinding[] | undefined }) {
      return (options ?? []).flatMap((binding) => {
        if (binding.type === "assets") return assetServices(binding.options);
        return binding.type === "consumer" ? [] : [externalService(binding)];
      });
    },
  },
};

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
    case "analytics":
      return { name, analyticsEngine: { name: serviceName(binding) } };
    case "queue":
      return { name, queue: { name: serviceName(binding) } };
    default:
      throw new Error(`the bindings plugin has no type ${binding.type}`);
  }
}

/** Same name = same service, so the name holds everything that makes a difference. */
function serviceName(binding: PluginBinding): string {
  return `${PLUGIN_NAME}:${binding.type}:${JSON.stringify(binding.options.headers)}`;
}

function externalService(binding: PluginBinding): object {
  const injectRequestHeaders = Object.entries(binding.options.headers ?? {}).map(([name, value]) => ({ name, value }));
  return {
    name: serviceName(binding),
    external: { address: binding.options.address, http: { injectRequestHeaders } },
  };
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
