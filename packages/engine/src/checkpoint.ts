import { createHash } from "node:crypto";
import * as z from "zod";
import type { Crypter } from "./passphrase.ts";
import { isObject, isSealed, isSecret, mapValues, sealed, secret, sortKeys, type Values } from "./values.ts";

/** The CLI version whose state format is written. */
const FORMAT_OF = "3.259.0";

const StoredValues = z.record(z.string(), z.unknown());

const StoredResource = z.looseObject({
  urn: z.string(),
  custom: z.boolean(),
  delete: z.boolean().optional(),
  id: z.string().optional(),
  type: z.string(),
  inputs: StoredValues.optional(),
  outputs: StoredValues.optional(),
  parent: z.string().optional(),
  protect: z.boolean().optional(),
  external: z.boolean().optional(),
  dependencies: z.array(z.string()).nullish(),
  initErrors: z.array(z.string()).nullish(),
  provider: z.string().optional(),
  propertyDependencies: z.record(z.string(), z.array(z.string()).nullable()).nullish(),
  pendingReplacement: z.boolean().optional(),
  additionalSecretOutputs: z.array(z.string()).nullish(),
  aliases: z.array(z.string()).nullish(),
  customTimeouts: z
    .looseObject({
      create: z.number().optional(),
      update: z.number().optional(),
      delete: z.number().optional(),
      read: z.number().optional(),
    })
    .nullish(),
  importID: z.string().optional(),
  retainOnDelete: z.boolean().optional(),
  deletedWith: z.string().optional(),
  created: z.string().optional(),
  modified: z.string().optional(),
});

const PendingKind = z.enum(["creating", "updating", "deleting", "reading", "importing"]);

const StoredCheckpoint = z.looseObject({
  version: z.literal(3),
  checkpoint: z.looseObject({
    stack: z.string(),
    latest: z
      .looseObject({
        secrets_providers: z
          .looseObject({ type: z.string(), state: z.looseObject({ salt: z.string().optional() }).nullish() })
          .optional(),
        resources: z.array(StoredResource).nullish(),
        pending_operations: z.array(z.looseObject({ resource: StoredResource, type: PendingKind })).nullish(),
        metadata: z.unknown().optional(),
      })
      .nullish(),
  }),
});

type StoredResource = z.infer<typeof StoredResource>;
type StoredCheckpoint = z.infer<typeof StoredCheckpoint>;

/** A resource as the state keeps it. Never changed in place: a new state is a new object. */
export interface ResourceState {
  readonly urn: string;
  readonly custom: boolean;
  /** Replaced, and still to be deleted. */
  readonly delete?: boolean | undefined;
  readonly id?: string | undefined;
  readonly type: string;
  readonly inputs: Values;
  readonly outputs: Values;
  readonly parent?: string | undefined;
  readonly protect?: boolean | undefined;
  /** Only read: it is somebody else's and never deleted. */
  readonly external?: boolean | undefined;
  readonly dependencies?: readonly string[] | null | undefined;
  readonly initErrors?: readonly string[] | null | undefined;
  /** `<urn>::<id>` of a provider. */
  readonly provider?: string | undefined;
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>> | null | undefined;
  /** Already deleted, to be made anew. */
  readonly pendingReplacement?: boolean | undefined;
  readonly additionalSecretOutputs?: readonly string[] | null | undefined;
  readonly aliases?: readonly string[] | null | undefined;
  readonly customTimeouts?: CustomTimeouts | null | undefined;
  readonly importID?: string | undefined;
  readonly retainOnDelete?: boolean | undefined;
  readonly deletedWith?: string | undefined;
  readonly created?: string | undefined;
  readonly modified?: string | undefined;
}

/** Seconds. */
export interface CustomTimeouts {
  readonly create?: number | undefined;
  readonly update?: number | undefined;
  readonly delete?: number | undefined;
  readonly read?: number | undefined;
}

/** What was under way with a resource when the state was written. */
export interface PendingOperation {
  readonly resource: ResourceState;
  readonly type: z.infer<typeof PendingKind>;
}

/** A stack's whole state, with secrets in memory. */
export interface Checkpoint {
  readonly resources: readonly ResourceState[];
  readonly pendingOperations: readonly PendingOperation[];
}

/** A state file that was read but whose secrets are still sealed. */
export interface SealedCheckpoint {
  /** The salt its secrets were encrypted with, if it has any. */
  readonly salt: string | undefined;
  open(crypter: Crypter | undefined): Checkpoint;
}

/** The state file is not what Pulumi writes, e.g. cut off in the middle. */
export class MalformedCheckpointError extends Error {
  override readonly name = "MalformedCheckpointError";
}

/**
 * Reads the text of a state file.
 * @throws MalformedCheckpointError
 */
export function parseCheckpoint(text: string): SealedCheckpoint {
  let stored: StoredCheckpoint;
  try {
    stored = StoredCheckpoint.parse(JSON.parse(text));
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new MalformedCheckpointError(reason, { cause });
  }
  const latest = stored.checkpoint.latest;
  const provider = latest?.secrets_providers;
  if (provider && provider.type !== "passphrase") {
    throw new MalformedCheckpointError(`its secrets provider is "${provider.type}"; only "passphrase" is supported`);
  }
  return {
    salt: provider?.state?.salt,
    open: (crypter) => ({
      resources: (latest?.resources ?? []).map((resource) => openResource(resource, crypter)),
      pendingOperations: (latest?.pending_operations ?? []).map(({ resource, type }) => ({
        resource: openResource(resource, crypter),
        type,
      })),
    }),
  };
}

/** Writes checkpoints of one stack; what did not change since the last one is not encrypted or formatted again. */
export class CheckpointWriter {
  readonly #crypter: Crypter;
  readonly #stack: string;
  readonly #texts = new WeakMap<ResourceState, string>();
  readonly #ciphertexts: WeakMap<object, string>;

  /** @param stack in full, `organization/<project>/<stack>` */
  constructor(crypter: Crypter, stack: string) {
    this.#crypter = crypter;
    this.#stack = stack;
    this.#ciphertexts = ciphertextsOf(crypter);
  }

  write({ resources, pendingOperations }: Checkpoint): string {
    const head = JSON.stringify({
      manifest: { time: goTime(new Date()), magic: magic(), version: FORMAT_OF },
      secrets_providers: { type: "passphrase", state: { salt: this.#crypter.salt } },
    });
    const body = resources.map((resource) => this.#resource(resource)).join(",");
    const pending = pendingOperations
      .map(({ resource, type }) => `{"resource":${this.#resource(resource)},"type":${JSON.stringify(type)}}`)
      .join(",");
    const rest = `"resources":[${body}]${pending && `,"pending_operations":[${pending}]`},"metadata":{}`;
    return `{"version":3,"checkpoint":{"stack":${JSON.stringify(this.#stack)},"latest":${head.slice(0, -1)},${rest}}}}`;
  }

  #resource(resource: ResourceState): string {
    let text = this.#texts.get(resource);
    if (text === undefined) {
      text = JSON.stringify(storeResource(resource, (value) => this.#seal(value)));
      this.#texts.set(resource, text);
    }
    return text;
  }

  #seal(value: unknown): unknown {
    if (isSecret(value)) {
      let ciphertext = this.#ciphertexts.get(value);
      if (ciphertext === undefined) {
        ciphertext = this.#crypter.encrypt(JSON.stringify(value.value ?? null));
        this.#ciphertexts.set(value, ciphertext);
      }
      return sealed(ciphertext);
    }
    if (Array.isArray(value)) return value.map((item) => this.#seal(item));
    return isObject(value) ? mapValues(value, (item) => this.#seal(item)) : value;
  }
}

/** A secret that was read from the state is written back with the same ciphertext. */
const ciphertexts = new WeakMap<Crypter, WeakMap<object, string>>();

function ciphertextsOf(crypter: Crypter): WeakMap<object, string> {
  let known = ciphertexts.get(crypter);
  if (!known) {
    known = new WeakMap();
    ciphertexts.set(crypter, known);
  }
  return known;
}

function openResource(stored: StoredResource, crypter: Crypter | undefined): ResourceState {
  return {
    ...stored,
    inputs: openValues(stored.inputs ?? {}, crypter),
    outputs: openValues(stored.outputs ?? {}, crypter),
  };
}

function openValues(values: Values, crypter: Crypter | undefined): Values {
  return mapValues(values, (value) => openValue(value, crypter));
}

function openValue(value: unknown, crypter: Crypter | undefined): unknown {
  if (isSealed(value)) {
    if (!crypter) throw new MalformedCheckpointError("it holds secrets but no salt to decrypt them with");
    const opened = secret(openInner(JSON.parse(crypter.decrypt(value.ciphertext))));
    ciphertextsOf(crypter).set(opened, value.ciphertext);
    return opened;
  }
  if (Array.isArray(value)) return value.map((item) => openValue(item, crypter));
  return isObject(value) ? openValues(value, crypter) : value;
}

/** Inside a secret the CLI marks the secret parts too, with their JSON in the clear where the ciphertext would be. */
function openInner(value: unknown): unknown {
  if (isSealed(value)) return openInner(JSON.parse(value.ciphertext));
  if (Array.isArray(value)) return value.map(openInner);
  return isObject(value) ? mapValues(value, openInner) : value;
}

/** The order in which the CLI writes a resource's keys; what it knows more stays at the end. */
const KEY_ORDER = [
  "urn",
  "custom",
  "delete",
  "id",
  "type",
  "inputs",
  "outputs",
  "parent",
  "protect",
  "external",
  "dependencies",
  "initErrors",
  "provider",
  "propertyDependencies",
  "pendingReplacement",
  "additionalSecretOutputs",
  "aliases",
  "customTimeouts",
  "importID",
  "retainOnDelete",
  "deletedWith",
  "created",
  "modified",
  "sourcePosition",
  "stackTrace",
];

function storeResource(resource: ResourceState, seal: (value: unknown) => unknown): Values {
  const source: Values = {
    ...resource,
    inputs: sortKeys(seal(resource.inputs)),
    outputs: sortKeys(seal(resource.outputs)),
    propertyDependencies: sortKeys(resource.propertyDependencies),
  };
  const stored: Values = {};
  for (const key of new Set([...KEY_ORDER, ...Object.keys(source)])) {
    const value = source[key];
    if (key === "custom" || !isEmpty(value)) stored[key] = value;
  }
  return stored;
}

/** What Go leaves out with `omitempty`. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

function magic(): string {
  return createHash("sha256").update(FORMAT_OF).digest("hex");
}

/** RFC 3339 in UTC with nanoseconds, as Go writes it. */
export function goTime(date: Date): string {
  return date.toISOString().replace("Z", "000000Z");
}
