import type { AdapterContext, ResourceAdapter } from "../adapter.ts";
import { pick } from "../adapters/properties.ts";
import type { CloudflareClient } from "../cloudflare-client.ts";
import { changesThatMatch, diffProperties } from "../property-diff.ts";
import { isObject, knownOnly, layOver, mapValues, UNKNOWN, type Values } from "../values.ts";
import type { ResourceProvider } from "./provider.ts";

/** What the provider writes beside the outputs; without it the real one tries to upgrade the state. */
const META = JSON.stringify({ schema_version: "500" });

/** Makes a provider of an adapter. */
export function cloudflareResource(
  adapter: ResourceAdapter,
  client: () => CloudflareClient,
  projectDirectory: string,
): ResourceProvider {
  const context = (signal: AbortSignal): AdapterContext => ({
    client: client().withSignal(signal),
    projectDirectory,
    signal,
  });
  const complete = (id: string, answered: Values, inputs: Values): Values => {
    const outputs = { ...merge(answered, inputs), ...pick(answered, adapter.ownOutputs ?? []) };
    return { id, ...outputs, __meta: outputs["__meta"] ?? META };
  };
  return {
    secretInputs: adapter.secretInputs ?? [],
    mergesInputs: true,
    check: async (_olds, news) => ({
      inputs: news,
      failures: (await adapter.check?.(knownOnly(news), { projectDirectory })) ?? [],
    }),
    diff: async (old, news) => {
      const changes = diffProperties(old.inputs, news);
      const forced = changesThatMatch(changes, adapter.replaceOn);
      const deleteBeforeReplace = adapter.deleteBeforeReplace === true;
      // An adapter's own comparison sees known values only; what is unknown differs in any case.
      const own = await adapter.diff?.({ inputs: old.inputs, outputs: old.outputs }, knownOnly(news), {
        projectDirectory,
      });
      if (!own) return { changed: changes.length > 0, replace: forced, deleteBeforeReplace };
      const unknown = Object.keys(news).filter((key) => !Object.hasOwn(knownOnly(news), key));
      const replace = new Set([...own.replace.filter((name) => !unknown.includes(topLevel(name)))]);
      for (const name of forced) if (unknown.includes(topLevel(name))) replace.add(name);
      const changed = own.changed.length > 0 || unknown.length > 0;
      return { changed, replace: [...replace], deleteBeforeReplace };
    },
    previewCreate: (inputs) => merge(unknowns(adapter.computed), inputs),
    previewUpdate: (old, inputs) => merge({ ...old.outputs, ...unknowns(adapter.changesOnUpdate ?? []) }, inputs),
    create: async (inputs, signal) => {
      const { id, outputs } = await adapter.create(context(signal), inputs);
      return { id, outputs: complete(id, outputs, inputs) };
    },
    update: async (old, inputs, signal) => {
      const { outputs } = await adapter.update(context(signal), old.id, old.outputs, inputs);
      return { outputs: complete(old.id, outputs, inputs) };
    },
    read: async (id, olds, signal) => {
      const found = await adapter.read(context(signal), id, olds.outputs, olds.inputs);
      return found && { ...found, outputs: complete(found.id, found.outputs, found.inputs) };
    },
    delete: (id, outputs, signal) => adapter.delete(context(signal), id, outputs),
    ...(adapter.lostWith && {
      lostWith: async (id: string, outputs: Values, signal: AbortSignal) =>
        adapter.lostWith?.(context(signal), id, outputs),
    }),
    ...(adapter.find && {
      find: async (inputs: Values, signal: AbortSignal) => {
        const found = await adapter.find?.(context(signal), inputs);
        return found && { id: found.id, outputs: complete(found.id, found.outputs, inputs) };
      },
    }),
    ...(adapter.importInputs && { importInputs: (id: string) => adapter.importInputs?.(id) ?? {} }),
  };
}

function merge(outputs: Values, inputs: Values): Values {
  const merged = layOver(outputs, inputs);
  return isObject(merged) ? mapValues(merged, (value) => value) : {};
}

function unknowns(names: readonly string[]): Values {
  return Object.fromEntries(names.map((name) => [name, UNKNOWN]));
}

function topLevel(name: string): string {
  return name.split(/[.[]/, 1)[0] ?? name;
}
