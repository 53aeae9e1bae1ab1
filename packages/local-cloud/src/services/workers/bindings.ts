import * as z from "zod";
import { notEmulated } from "../../core/api-error.ts";
import type { SecretBox } from "../../core/secret-box.ts";
import type { RuntimeBinding } from "../../core/service.ts";
import { errors } from "./errors.ts";
import type { Binding } from "./metadata.ts";
import type { Version, WorkersStore } from "./store.ts";

/** Asks the other services what a binding becomes. Throws when it names something that does not exist. */
export type ResolveBinding = (accountId: string, binding: Binding) => RuntimeBinding;

const Text = z.looseObject({ text: z.string() });
const Json = z.looseObject({ json: z.unknown() });
const Sealed = z.looseObject({ sealed: z.string() });
const ServiceTarget = z.looseObject({ service: z.string(), entrypoint: z.string().nullish() });
const ClassTarget = z.looseObject({ class_name: z.string(), script_name: z.string().nullish() });
const RateLimit = z.looseObject({
  namespace_id: z.coerce.string(),
  simple: z.object({
    limit: z.coerce.number().int().min(1),
    period: z.union([z.literal(10), z.literal(60)], "must be 10 or 60"),
  }),
});

/** Types whose binding is only a name. */
const NAMES = new Set(["assets", "version_metadata"]);

/** What {@link Bindings} needs of an account and the script it is about. */
export interface BindingsOptions {
  readonly store: WorkersStore;
  readonly secrets: SecretBox;
  readonly resolve: ResolveBinding;
}

/** The rules of bindings: what an upload keeps and inherits, what they become, and how they are shown. */
export class Bindings {
  readonly #options: BindingsOptions;

  constructor(options: BindingsOptions) {
    this.#options = options;
  }

  /**
   * The bindings of a new version: those uploaded, with `inherit` replaced by the earlier binding, and those of the
   * types to keep. Secrets are sealed.
   */
  merge(uploaded: readonly Binding[], keep: readonly string[], earlier: Version | undefined): Binding[] {
    const before = earlier?.settings.bindings ?? [];
    const merged = new Map<string, Binding>();
    for (const binding of uploaded) {
      if (merged.has(binding.name)) throw errors.duplicateBinding(binding.name);
      merged.set(binding.name, binding.type === "inherit" ? inherited(binding, before) : this.#seal(binding));
    }
    for (const binding of before)
      if (keep.includes(binding.type) && !merged.has(binding.name)) merged.set(binding.name, binding);
    return [...merged.values()];
  }

  /**
   * What a binding is at run time.
   *
   * @param script the script it belongs to, whose classes may not be stored yet.
   * @throws {ApiError} when it names something that does not exist, or its type is not emulated.
   */
  toRuntime(
    accountId: string,
    script: string,
    binding: Binding,
    ownClasses = this.#options.store.classes(accountId, script),
  ): RuntimeBinding {
    switch (binding.type) {
      case "plain_text":
        return { type: "text", value: fieldsOf(binding, Text).text };
      case "secret_text":
        return { type: "text", value: this.#options.secrets.open(Sealed.parse(binding).sealed) };
      case "json":
        return { type: "json", value: fieldsOf(binding, Json).json };
      case "version_metadata":
      case "assets":
        return { type: binding.type };
      case "ratelimit": {
        const { namespace_id: namespaceId, simple } = fieldsOf(binding, RateLimit);
        return { type: "ratelimit", namespaceId, ...simple };
      }
      case "service":
        return this.#service(accountId, script, binding);
      case "durable_object_namespace": {
        const { class_name: className, script_name: owner } = fieldsOf(binding, ClassTarget);
        const foreign = owner && owner !== script ? owner : undefined;
        const classes = foreign ? this.#options.store.classes(accountId, foreign) : ownClasses;
        const known = classes.find((one) => one.className === className);
        if (known === undefined) throw errors.classNotConfigured(className);
        const { namespaceId, sqlite } = known;
        return { type: "durable_object", className, namespaceId, sqlite, ...(foreign && { script: foreign }) };
      }
      default:
        return this.#options.resolve(accountId, binding);
    }
  }

  /** A binding as the API shows it: without the text of a secret, with the namespace of a class. */
  show(accountId: string, script: string, binding: Binding): Record<string, unknown> {
    if (binding.type === "secret_text") return { name: binding.name, type: binding.type };
    if (binding.type !== "durable_object_namespace") return binding;
    const { class_name: className, script_name: owner } = ClassTarget.parse(binding);
    const known = this.#options.store.classes(accountId, owner || script).find((one) => one.className === className);
    return { ...binding, ...(known && { namespace_id: known.namespaceId }) };
  }

  #seal(binding: Binding): Binding {
    if (NAMES.has(binding.type)) return { name: binding.name, type: binding.type };
    if (binding.type !== "secret_text") return binding;
    const { text } = fieldsOf(binding, Text);
    return { name: binding.name, type: "secret_text", sealed: this.#options.secrets.seal(text) };
  }

  #service(accountId: string, script: string, binding: Binding): RuntimeBinding {
    const { service, entrypoint } = fieldsOf(binding, ServiceTarget);
    const { store } = this.#options;
    if (service !== script) {
      const version = store.latestVersion(accountId, service);
      if (store.script(accountId, service) === undefined) throw errors.serviceTargetMissing(binding.name, service);
      const exported = version?.namedHandlers.some(({ name }) => name === entrypoint);
      if (entrypoint && entrypoint !== "default" && !exported)
        throw errors.entrypointMissing(binding.name, service, entrypoint);
    }
    return { type: "service", script: service, ...(entrypoint && { entrypoint }) };
  }
}

/** Refuses a binding type that no service knows, by name. */
export function refuseBinding(binding: { name: string; type: string }): never {
  throw notEmulated(`binding ${binding.name}: type "${binding.type}"`);
}

/** The fields that a binding's type wants. @throws {ApiError} that names the binding and each bad field. */
function fieldsOf<Schema extends z.ZodType>(binding: Binding, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(binding);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw errors.invalidBinding(binding.name, issues.join("; "));
}

function inherited(binding: Binding, before: readonly Binding[]): Binding {
  const name = typeof binding["old_name"] === "string" ? binding["old_name"] : binding.name;
  const found = before.find((known) => known.name === name);
  if (found === undefined) throw errors.inheritedMissing(binding.name);
  return { ...found, name: binding.name };
}
