/** A resource's name in Pulumi: `urn:pulumi:<stack>::<project>::<parent type>$<type>::<name>`. */
export type Urn = string;

/** The type of the resource that stands for the stack itself. */
export const STACK_TYPE = "pulumi:pulumi:Stack";

/** Where a resource lives. */
export interface StackName {
  readonly project: string;
  readonly stack: string;
}

export function createUrn({ project, stack }: StackName, parent: Urn, type: string, name: string): Urn {
  return buildUrn({ project, stack }, parentPrefix(parent) + type, name);
}

/** The types of a URN from the outermost component inwards, joined by `$`. */
function qualifiedType(urn: Urn): string {
  return urn.split("::")[2] ?? "";
}

export function urnType(urn: Urn): string {
  return qualifiedType(urn).split("$").at(-1) ?? "";
}

/** The last part; a name may itself contain `::`. */
export function urnName(urn: Urn): string {
  return urn.split("::").slice(3).join("::");
}

/** An older name of a resource, as the program gives it; what is missing is as in the resource. */
export type Alias =
  | { readonly urn: Urn }
  | {
      readonly name?: string;
      readonly type?: string;
      readonly stack?: string;
      readonly project?: string;
      readonly parent?: Urn;
      readonly noParent?: boolean;
    };

/** The resource that aliases are of. */
export interface AliasedResource extends StackName {
  readonly type: string;
  readonly name: string;
  readonly parent: Urn;
}

/**
 * Every older URN a resource may be found under: its own aliases, and those it inherits because its parent was found
 * under an older URN.
 * @param parentWas the URN the parent had in the state, if another one than now
 * @see https://www.pulumi.com/docs/iac/concepts/resources/options/aliases/
 */
export function aliasUrns(resource: AliasedResource, aliases: readonly Alias[], parentWas: Urn | undefined): Urn[] {
  const own = aliases.map((alias) => ("urn" in alias ? alias.urn : aliasUrn(resource, alias)));
  if (parentWas === undefined) return [...new Set(own)];
  const parentName = urnName(resource.parent);
  const inherited = [resource, ...own.map((urn) => ({ type: urnType(urn), name: urnName(urn) }))].map((child) => {
    const renamed = child.name.startsWith(parentName)
      ? urnName(parentWas) + child.name.slice(parentName.length)
      : child.name;
    return createUrn(resource, parentWas, child.type, renamed);
  });
  return [...new Set([...own, ...inherited])];
}

function aliasUrn(resource: AliasedResource, alias: Exclude<Alias, { urn: Urn }>): Urn {
  const parent = alias.noParent ? "" : alias.parent || resource.parent;
  const place = { project: alias.project || resource.project, stack: alias.stack || resource.stack };
  return createUrn(place, parent, alias.type || resource.type, alias.name || resource.name);
}

function parentPrefix(parent: Urn): string {
  const type = parent === "" ? "" : qualifiedType(parent);
  return type === "" || type === STACK_TYPE ? "" : `${type}$`;
}

function buildUrn({ project, stack }: StackName, types: string, name: string): Urn {
  return `urn:pulumi:${stack}::${project}::${types}::${name}`;
}

/** Whether a URN is meant by a target: the URN itself or a pattern, where `*` stands for any text but `::` and `**` for any. */
export function matchesTarget(urn: Urn, target: string): boolean {
  if (!target.includes("*")) return urn === target;
  const expression = target
    .split("**")
    .map((part) => part.split("*").map(escapeExpression).join("(?:(?!::).)*"))
    .join(".*");
  return new RegExp(`^${expression}$`, "s").test(urn);
}

function escapeExpression(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
