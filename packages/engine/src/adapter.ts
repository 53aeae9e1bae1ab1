import type { CloudflareClient } from "./cloudflare-client.ts";

/** JSON values with every secret already revealed; unknowns never reach an adapter. */
export type Properties = Record<string, unknown>;

/** What an adapter may use while it talks to the API. */
export interface AdapterContext {
  /** Speaks for the resource's own provider: its `baseUrl` and `apiToken`. */
  readonly client: CloudflareClient;
  /** The folder of `Pulumi.yaml`; relative file properties start here. */
  readonly projectDirectory: string;
  /** Aborted when the operation's time limit (customTimeouts) has passed. */
  readonly signal: AbortSignal;
}

/** What an adapter may use before anything is changed: no API. */
export interface AdapterPlanContext {
  readonly projectDirectory: string;
}

/** An input the API would refuse, found before anything is changed. */
export interface CheckFailure {
  /** A property path, e.g. `settings.batchSize`. */
  readonly property: string;
  readonly reason: string;
}

/** Which top-level input properties differ, and which of them force a replacement. */
export interface AdapterDiff {
  readonly changed: readonly string[];
  readonly replace: readonly string[];
}

/**
 * A resource type over Cloudflare's REST API.
 *
 * `outputs` are the API's answer with camelCase names. The engine lays the inputs over them (lists and scalars of the
 * inputs win, objects merge) and adds `id` and `__meta` where they are missing, which is what the real provider keeps;
 * so an adapter need not repeat its inputs, and may.
 */
export interface ResourceAdapter {
  /**
   * Input properties whose change needs a replacement, by name or path (`config.dimensions`). A name that ends in `?`
   * counts only while the program sets it (the provider's "replace if configured").
   */
  readonly replaceOn: readonly string[];
  /** Output properties only the API decides: unknown in a preview of a create, and of an update when in `changesOnUpdate`. */
  readonly computed: readonly string[];
  readonly changesOnUpdate?: readonly string[];
  /** The old one has to go first, because both cannot exist at once (e.g. the same natural name). */
  readonly deleteBeforeReplace?: boolean;
  /** Outputs that stay as the adapter gives them, where the provider computes something inside a list of the inputs. */
  readonly ownOutputs?: readonly string[];
  /** Inputs the provider itself marks as secret, by path with `*`, e.g. `bindings[*].text`. */
  readonly secretInputs?: readonly string[];
  /** Overrides the generic comparison of old and new inputs. */
  diff?(
    olds: { inputs: Properties; outputs: Properties },
    news: Properties,
    context: AdapterPlanContext,
  ): Promise<AdapterDiff>;
  /** Bad input, found before anything is changed. In a preview, inputs that are not known yet are left out. */
  check?(inputs: Properties, context: AdapterPlanContext): Promise<CheckFailure[]>;
  create(context: AdapterContext, inputs: Properties): Promise<{ id: string; outputs: Properties }>;
  /** The resource as the API has it now, `undefined` when it is gone. */
  read(
    context: AdapterContext,
    id: string,
    outputs: Properties,
    inputs: Properties,
  ): Promise<{ id: string; inputs: Properties; outputs: Properties } | undefined>;
  /** @param olds the outputs of before */
  update(context: AdapterContext, id: string, olds: Properties, inputs: Properties): Promise<{ outputs: Properties }>;
  /** A 404 means it is done. */
  delete(context: AdapterContext, id: string, outputs: Properties): Promise<void>;
  /** What a deletion would destroy that nothing else has, e.g. `about 3 messages`; `undefined` when there is nothing. */
  lostWith?(context: AdapterContext, id: string, outputs: Properties): Promise<string | undefined>;
  /** After a crash in mid-create: what an interrupted create made, found by its natural name. */
  find?(context: AdapterContext, inputs: Properties): Promise<{ id: string; outputs: Properties } | undefined>;
  /** Splits the id given to `import`, e.g. `account/namespace`, into the inputs that `read` needs. */
  importInputs?(id: string): Properties;
}

/** A function of the provider that reads and changes nothing, e.g. `getAccount`. */
export type InvokeAdapter = (context: AdapterContext, inputs: Properties) => Promise<Properties>;
