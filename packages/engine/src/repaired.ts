import { isObject, type Values } from "./values.ts";

/** What was put right in a state, a sentence each; nothing when it was sound. */
export interface Repair {
  readonly changes: readonly string[];
}

interface Stored extends Values {
  urn: string;
  delete?: boolean;
  parent?: string;
  provider?: string;
  dependencies?: string[] | null;
  propertyDependencies?: Record<string, string[] | null> | null;
  deletedWith?: string;
}

/**
 * Puts a readable state file right without decrypting it: a resource stands once and after everything it needs, and
 * points to nothing that is not there.
 *
 * @param text of the state file, in which every resource has been parsed before
 */
export function repaired(text: string): Repair & { readonly text: string } {
  const file: { checkpoint: { latest?: { resources?: Stored[] | null } | null } } = JSON.parse(text);
  const latest = file.checkpoint.latest;
  const changes: string[] = [];
  if (!latest?.resources) return { text, changes };
  const once = withoutRepeats(latest.resources, changes);
  for (const resource of once) dropDangling(resource, once, changes);
  const ordered = inOrder(once);
  if (ordered.some((resource, index) => resource !== once[index])) {
    changes.push("resources stood before what they need: put in order");
  }
  latest.resources = ordered;
  return { text: JSON.stringify(file), changes };
}

/** Of two with one URN the later one was written later. One that waits to be deleted may stand beside its successor. */
function withoutRepeats(resources: readonly Stored[], changes: string[]): Stored[] {
  const last = new Map<string, Stored>();
  for (const resource of resources) if (!resource.delete) last.set(resource.urn, resource);
  return resources.filter((resource) => {
    if (resource.delete || last.get(resource.urn) === resource) return true;
    changes.push(`${resource.urn} stood twice: the later one is kept`);
    return false;
  });
}

function dropDangling(resource: Stored, all: readonly Stored[], changes: string[]): void {
  const isThere = (urn: string) => all.some((other) => other.urn === urn);
  const missing = (urn: string) => {
    if (isThere(urn)) return false;
    changes.push(`${resource.urn} pointed to ${urn}, which is not there`);
    return true;
  };
  if (resource.dependencies) resource.dependencies = resource.dependencies.filter((urn) => !missing(urn));
  for (const [property, urns] of Object.entries(resource.propertyDependencies ?? {})) {
    if (urns && isObject(resource.propertyDependencies)) {
      resource.propertyDependencies[property] = urns.filter((urn) => !missing(urn));
    }
  }
  if (resource.deletedWith && missing(resource.deletedWith)) delete resource.deletedWith;
  if (resource.parent && missing(resource.parent)) delete resource.parent;
}

/** Each after everything it needs; in the order that was there otherwise. A circle stays as it is. */
function inOrder(resources: readonly Stored[]): Stored[] {
  const ordered: Stored[] = [];
  const placed = new Set<Stored>();
  const place = (resource: Stored): void => {
    if (placed.has(resource)) return;
    placed.add(resource);
    for (const urn of needs(resource)) {
      const needed = resources.find((other) => other.urn === urn && !other.delete);
      if (needed) place(needed);
    }
    ordered.push(resource);
  };
  for (const resource of resources) place(resource);
  return ordered;
}

function needs({ parent, provider, dependencies, deletedWith }: Stored): string[] {
  const providerUrn = provider?.slice(0, provider.lastIndexOf("::"));
  return [parent, providerUrn, ...(dependencies ?? []), deletedWith].filter((urn) => urn !== undefined);
}
