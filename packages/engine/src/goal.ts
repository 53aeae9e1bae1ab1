import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import type { CustomTimeouts } from "./checkpoint.ts";
import { fromStruct } from "./pulumi-protocol.ts";
import type { Alias, Urn } from "./urn.ts";
import type { Values } from "./values.ts";

/** What the program wants a resource to be. */
export interface Goal {
  readonly type: string;
  readonly name: string;
  /** Whether a provider makes it; otherwise it is a component. */
  readonly custom: boolean;
  readonly parent: Urn;
  readonly inputs: Values;
  readonly protect: boolean;
  /** `<urn>::<id>`, empty for the default provider. */
  readonly provider: string;
  readonly version: string;
  readonly dependencies: readonly Urn[];
  readonly propertyDependencies: Readonly<Record<string, readonly Urn[]>>;
  /** `undefined` leaves it to the provider. */
  readonly deleteBeforeReplace: boolean | undefined;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  readonly aliases: readonly Alias[];
  readonly importId: string;
  readonly customTimeouts: CustomTimeouts | undefined;
  readonly retainOnDelete: boolean;
  readonly deletedWith: Urn;
}

/** Reads what the SDK sent. */
export function readGoal(request: RegisterResourceRequest): Goal {
  return {
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    parent: request.getParent(),
    inputs: fromStruct(request.getObject()),
    protect: request.getProtect() ?? false,
    provider: request.getProvider(),
    version: request.getVersion(),
    dependencies: request.getDependenciesList(),
    propertyDependencies: Object.fromEntries(
      request
        .getPropertydependenciesMap()
        .toArray()
        .map(([key]) => [key, request.getPropertydependenciesMap().get(key)?.getUrnsList() ?? []]),
    ),
    deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: [...request.getAliasurnsList().map((urn) => ({ urn })), ...request.getAliasesList().map(readAlias)],
    importId: request.getImportid(),
    customTimeouts: readTimeouts(request.getCustomtimeouts()),
    retainOnDelete: request.getRetainondelete() ?? false,
    deletedWith: request.getDeletedwith(),
  };
}

function readAlias(alias: ReturnType<RegisterResourceRequest["getAliasesList"]>[number]): Alias {
  const spec = alias.getSpec();
  if (!spec) return { urn: alias.getUrn() };
  return {
    name: spec.getName(),
    type: spec.getType(),
    stack: spec.getStack(),
    project: spec.getProject(),
    parent: spec.getParenturn(),
    noParent: spec.getNoparent(),
  };
}

function readTimeouts(timeouts: RegisterResourceRequest.CustomTimeouts | undefined): CustomTimeouts | undefined {
  if (!timeouts) return undefined;
  const read = {
    create: parseDuration(timeouts.getCreate()),
    update: parseDuration(timeouts.getUpdate()),
    delete: parseDuration(timeouts.getDelete()),
    read: parseDuration(timeouts.getRead()),
  };
  const given = Object.entries(read).filter(([, seconds]) => seconds !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

const SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };

/**
 * Reads a Go duration such as `1m30s` as seconds.
 * @throws when it is not one
 */
function parseDuration(text: string): number | undefined {
  if (text === "") return undefined;
  if (!/^(\d+(\.\d+)?(h|ms|us|µs|ns|m|s))+$/.test(text)) {
    throw new Error(`customTimeouts: ${JSON.stringify(text)} is not a duration like "1m30s"`);
  }
  let seconds = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|µs|ns|m|s)/g)) {
    seconds += Number(amount) * (SECONDS[unit ?? ""] ?? 0);
  }
  return seconds;
}
