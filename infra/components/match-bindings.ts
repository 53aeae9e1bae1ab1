import type { WranglerConfiguration } from "./wrangler-configuration.ts";

/** A binding that wrangler.jsonc declares. */
export interface DeclaredBinding {
  readonly name: string;
  /** Cloudflare's binding type, e.g. `kv_namespace`. */
  readonly type: string;
  /** What wrangler.jsonc says of it, in the provider's names; what is given lies over it. */
  readonly says: Readonly<Record<string, unknown>>;
}

/** Where a binding comes from: Cloudflare's type and the properties the provider takes for it. */
export interface BindingSource {
  readonly type: string;
  readonly [property: string]: unknown;
}

/** A binding to upload. */
export interface MatchedBinding {
  readonly name: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

/** Types that are nothing without a resource of this program. */
const NEED_A_RESOURCE = new Set(["d1", "kv_namespace", "queue", "r2_bucket", "secret_text", "service", "vectorize"]);

/** Every binding that wrangler.jsonc declares. */
export function declaredBindings(configuration: WranglerConfiguration): DeclaredBinding[] {
  const { ai, assets, durable_objects, queues, ratelimits, secrets, vars, version_metadata } = configuration;
  const plain = (type: string, list: readonly { binding: string }[]) =>
    list.map(({ binding }) => ({ name: binding, type, says: {} }));
  return [
    ...plain("ai", ai ? [ai] : []),
    ...plain("version_metadata", version_metadata ? [version_metadata] : []),
    ...(assets?.binding ? [{ name: assets.binding, type: "assets", says: {} }] : []),
    ...plain("d1", configuration.d1_databases),
    ...plain("r2_bucket", configuration.r2_buckets),
    ...plain("kv_namespace", configuration.kv_namespaces),
    ...plain("vectorize", configuration.vectorize),
    ...plain("service", configuration.services),
    ...plain("queue", queues.producers),
    ...plain("analytics_engine", configuration.analytics_engine_datasets),
    ...durable_objects.bindings.map(({ name, class_name }) => ({
      name,
      type: "durable_object_namespace",
      says: { className: class_name },
    })),
    ...ratelimits.map(({ name, simple }) => ({ name, type: "ratelimit", says: { simple } })),
    ...secrets.required.map((name) => ({ name, type: "secret_text", says: {} })),
    ...Object.entries(vars).map(([name, value]) =>
      typeof value === "string"
        ? { name, type: "plain_text", says: { text: value } }
        : { name, type: "json", says: { json: JSON.stringify(value) } },
    ),
  ];
}

/**
 * Joins what wrangler.jsonc declares with what the program gives, by name and kind.
 * @param optional bindings that wrangler.jsonc need not declare, because the Worker runs without them
 * @returns the bindings, ordered by name, and every problem: a binding without its resource, a resource without its
 * binding, one of the wrong kind, a name declared twice
 */
export function matchBindings(
  declared: readonly DeclaredBinding[],
  given: Readonly<Record<string, BindingSource>>,
  optional: Readonly<Record<string, BindingSource>> = {},
): { bindings: MatchedBinding[]; problems: string[] } {
  const problems: string[] = [];
  const bindings: MatchedBinding[] = [];
  const seen = new Set<string>();
  for (const { name, type, says } of declared) {
    if (seen.has(name)) problems.push(`binding ${name}: wrangler.jsonc declares it twice`);
    seen.add(name);
    const source = sourceOf(name, given) ?? sourceOf(name, optional);
    if (source && source.type !== type) {
      problems.push(`binding ${name}: wrangler.jsonc says ${type}, the program gives ${source.type}`);
    } else if (!source && NEED_A_RESOURCE.has(type)) {
      problems.push(`binding ${name}: wrangler.jsonc says ${type}, the program gives nothing`);
    }
    bindings.push({ ...says, ...source, name, type });
  }
  for (const [name, { type }] of Object.entries(given)) {
    if (!seen.has(name))
      problems.push(`binding ${name}: the program gives ${type}, wrangler.jsonc does not declare it`);
  }
  for (const [name, source] of Object.entries(optional)) {
    if (!seen.has(name)) bindings.push({ ...source, name });
  }
  bindings.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { bindings, problems };
}

function sourceOf(name: string, sources: Readonly<Record<string, BindingSource>>): BindingSource | undefined {
  return Object.hasOwn(sources, name) ? sources[name] : undefined;
}
