import * as pulumi from "@pulumi/pulumi";

/** The stack's configuration, as a dynamic provider gets it. */
type ProviderConfiguration = pulumi.dynamic.Config;

/** Speaks to Cloudflare's API for a dynamic provider and gives back the envelope's `result`, `undefined` for a 404. */
export type CallCloudflare = (
  method: string,
  path: string,
  request?: { json?: unknown; form?: FormData },
) => Promise<unknown>;

/** Everything a provider of this program is made with. */
export interface ProviderTools {
  readonly cloudflareCaller: typeof cloudflareCaller;
}

/** Makes a provider. Its text travels without its module: it may use globals, its own members and `tools`, no more. */
export type ProviderFactory = (tools: ProviderTools) => pulumi.dynamic.ResourceProvider;

/**
 * A resource whose provider is a function of this program. On the wire it is what `pulumi.dynamic.Resource` makes, but
 * the code is the function's own text instead of a serialised closure: that needs no TypeScript 5 at run time, costs no
 * time, and reads in the state as it was written.
 */
export abstract class DynamicResource extends pulumi.CustomResource {
  constructor(
    factory: ProviderFactory,
    type: string,
    name: string,
    properties: pulumi.Inputs,
    options: pulumi.CustomResourceOptions = {},
  ) {
    super(`pulumi-nodejs:dynamic/tenner:${type}`, name, { ...properties, __provider: providerCode(factory) }, options);
  }
}

/** The module that Pulumi loads in the process of dynamic providers. */
export function providerCode(factory: ProviderFactory): string {
  return `exports.handler = () => (${factory.toString()})({ cloudflareCaller: ${cloudflareCaller.toString()} });\n`;
}

/**
 * Address and token come from the stack's configuration when the provider runs, so neither is among a resource's
 * properties: the state holds no token, and another port is no change.
 */
function cloudflareCaller(config: ProviderConfiguration): CallCloudflare {
  const baseUrl =
    config.get("cloudflare:baseUrl") ?? process.env["CLOUDFLARE_BASE_URL"] ?? "https://api.cloudflare.com/client/v4";
  const token = config.get("cloudflare:apiToken") ?? process.env["CLOUDFLARE_API_TOKEN"];
  return async (method, path, { json, form } = {}) => {
    if (!token) throw new Error("cloudflare:apiToken: is missing (nor is CLOUDFLARE_API_TOKEN set)");
    for (let attempt = 0; ; attempt++) {
      const response = await fetch(baseUrl.replace(/\/+$/, "") + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(json !== undefined && { "content-type": "application/json" }),
        },
        body: json === undefined ? (form ?? null) : JSON.stringify(json),
      });
      if (response.status === 404) return undefined;
      const retryable = response.status === 429 || (response.status >= 500 && method === "GET");
      if (retryable && attempt < 5) {
        await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
        continue;
      }
      const text = await response.text();
      let answer: { success?: boolean; errors?: { code?: number; message?: string }[]; result?: unknown } = {};
      try {
        answer = JSON.parse(text) ?? {};
      } catch {
        answer = { success: response.ok, errors: [{ message: text.slice(0, 300) }] };
      }
      if (response.ok && answer.success !== false) return answer.result;
      const reasons = (answer.errors ?? []).map(({ code, message }) => (code ? `${message} (code ${code})` : message));
      throw new Error(reasons.join("; ") || `${method} ${path}: HTTP ${response.status}`);
    }
  };
}
