import { randomUUID } from "node:crypto";
import { adapters, invokes } from "../adapters/index.ts";
import type { ResourceState } from "../checkpoint.ts";
import { CloudflareClient } from "../cloudflare-client.ts";
import { type Journal, splitReference } from "../journal.ts";
import type { Project } from "../project.ts";
import type { ConfigValue } from "../stack-config.ts";
import { createUrn, type StackName, type Urn, urnName } from "../urn.ts";
import { markNamed, revealAll, secret, UNKNOWN, type Values } from "../values.ts";
import { cloudflareResource } from "./cloudflare-resource.ts";
import type { DynamicProcess } from "./dynamic-process.ts";
import { dynamicResource } from "./dynamic-resource.ts";
import type { ResourceProvider } from "./provider.ts";

const PROVIDER_TYPE = "pulumi:providers:";
const CLOUD_BASE_URL = "https://api.cloudflare.com/client/v4";
const CREDENTIALS = ["apiKey", "apiToken", "apiUserServiceKey"];

/** What the host needs to know of the operation. */
export interface ProviderHostOptions {
  readonly stack: StackName;
  readonly project: Project;
  readonly configuration: ReadonlyMap<string, ConfigValue>;
  readonly environment: NodeJS.ProcessEnv;
  readonly journal: Journal;
  readonly dynamicProcess: DynamicProcess;
}

/** Knows the providers of a stack: the ones the program makes, the default ones, and how to reach the API for each. */
export class ProviderHost {
  readonly #options: ProviderHostOptions;
  readonly #clients = new Map<string, CloudflareClient>();

  constructor(options: ProviderHostOptions) {
    this.#options = options;
  }

  static isProviderType(type: string): boolean {
    return type.startsWith(PROVIDER_TYPE);
  }

  /** Whether a provider was made by the engine and not by the program: nobody is told of those. */
  static isDefault(state: ResourceState): boolean {
    return ProviderHost.isProviderType(state.type) && /^default(_|$)/.test(urnName(state.urn)) && !state.parent;
  }

  /**
   * The provider of a resource type.
   * @param reference `<urn>::<id>` of the provider resource; without one the API is reached as the environment says
   * @throws when there is none for it
   */
  resource(type: string, urn: Urn, reference: string | undefined): ResourceProvider {
    if (type.startsWith("pulumi-nodejs:dynamic")) return dynamicResource(this.#options.dynamicProcess, urn);
    const adapter = adapters[type];
    if (adapter) return cloudflareResource(adapter, () => this.client(reference), this.#options.project.directory);
    throw new Error(
      `the engine has no adapter for the resource type "${type}"; deploy this program with the Pulumi CLI`,
    );
  }

  /** The API as the program is going to reach it: a default provider follows the configuration, which may have changed since. */
  nextClient(reference: string | undefined): CloudflareClient {
    const urn = reference && this.#options.journal.current(splitReference(reference).urn);
    const state = urn ? this.#options.journal.find(urn) : undefined;
    return this.client(state && ProviderHost.isDefault(state) ? undefined : reference);
  }

  /** Calls a function of the provider. */
  async invoke(token: string, args: Values, reference: string | undefined): Promise<Values> {
    const invoke = invokes[token];
    if (!invoke)
      throw new Error(`the engine has no adapter for the function "${token}"; deploy this program with the Pulumi CLI`);
    const signal = AbortSignal.timeout(120_000);
    return invoke(
      { client: this.client(reference), projectDirectory: this.#options.project.directory, signal },
      revealAll(args),
    );
  }

  /** The API as the provider resource says, else as configuration and environment say. */
  client(reference: string | undefined): CloudflareClient {
    const urn = reference && this.#options.journal.current(splitReference(reference).urn);
    const inputs = urn ? this.#options.journal.find(urn)?.inputs : undefined;
    const { baseUrl, apiToken } = { ...this.#defaults(), ...knownTexts(inputs ?? {}) };
    if (!apiToken) {
      throw new Error("no API token: set it in the provider, as cloudflare:apiToken or as CLOUDFLARE_API_TOKEN");
    }
    const key = JSON.stringify([baseUrl, apiToken]);
    let client = this.#clients.get(key);
    if (!client) {
      client = new CloudflareClient({ baseUrl: baseUrl ?? CLOUD_BASE_URL, apiToken });
      this.#clients.set(key, client);
    }
    return client;
  }

  /** The default provider of a package, as the CLI names and fills it. */
  defaultProvider(packageName: string, version: string): { urn: Urn; inputs: Values } {
    const type = PROVIDER_TYPE + packageName;
    const name = version ? `default_${version.replaceAll(/[^\w]/g, "_")}` : "default";
    return { urn: createUrn(this.#options.stack, "", type, name), inputs: this.#defaultInputs(packageName, version) };
  }

  /**
   * A provider resource as the state keeps it.
   * @throws when the engine does not know the package
   */
  providerState(
    urn: Urn,
    type: string,
    inputs: Values,
    version: string,
    old: ResourceState | undefined,
  ): ResourceState {
    const packageName = type.slice(PROVIDER_TYPE.length);
    if (packageName !== "cloudflare" && packageName !== "pulumi-nodejs") {
      throw new Error(`the engine has no provider "${packageName}"; deploy this program with the Pulumi CLI`);
    }
    const marked = markNamed(inputs, packageName === "cloudflare" ? CREDENTIALS : []);
    const outputs = version ? { ...marked, version } : marked;
    return {
      urn,
      custom: true,
      id: old?.id ?? randomUUID(),
      type,
      inputs: packageName === "cloudflare" ? { __internal: {}, ...outputs } : outputs,
      outputs,
    };
  }

  #defaultInputs(packageName: string, version: string): Values {
    const { configuration } = this.#options;
    const wrap = ({ value, secret: hidden }: ConfigValue) => (hidden ? secret(value) : value);
    // The dynamic provider reads the whole configuration, every other one its own namespace.
    if (packageName === "pulumi-nodejs")
      return Object.fromEntries([...configuration].map(([key, value]) => [key, wrap(value)]));
    const own = [...configuration].filter(([key]) => key.startsWith(`${packageName}:`));
    return {
      ...Object.fromEntries(own.map(([key, value]) => [key.slice(packageName.length + 1), wrap(value)])),
      ...(version && { version }),
    };
  }

  #defaults(): Record<string, string> {
    const { configuration, environment } = this.#options;
    const baseUrl = configuration.get("cloudflare:baseUrl")?.value ?? environment["CLOUDFLARE_BASE_URL"];
    const apiToken = configuration.get("cloudflare:apiToken")?.value ?? environment["CLOUDFLARE_API_TOKEN"];
    return { ...(baseUrl && { baseUrl }), ...(apiToken && { apiToken }) };
  }
}

function knownTexts(values: Values): Record<string, string> {
  const texts = Object.entries(revealAll(values)).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== UNKNOWN && entry[1] !== "",
  );
  return Object.fromEntries(texts);
}

/** `cloudflare:index/queue:Queue` → `cloudflare` */
export function packageOf(type: string): string {
  return type.split(":")[0] ?? "";
}
