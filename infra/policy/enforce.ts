import * as pulumi from "@pulumi/pulumi";
import type { Stack } from "../settings.ts";
import { type Finding, Later, type PlannedResource, type PolicyRule } from "./rule.ts";

/** The policy of one run of the program. */
interface Policy {
  /**
   * Holds everything the program has made to the rules, and lets it be registered. To be called in the same turn in which
   * the program made its resources: until then none of them is registered, so a finding leaves everything as it was.
   * @throws pulumi.RunError with every finding
   */
  enforce(): void;
}

/**
 * Looks at every resource that the program makes from now on. It is a stack transformation, which Pulumi's own runner
 * calls in the program's process: so the rules hold whatever engine or CLI runs it, in previews as in updates.
 * @see https://www.pulumi.com/docs/iac/concepts/options/transformations/
 */
export function watchResources(stack: Stack, rules: readonly PolicyRule[]): Policy {
  const planned: PlannedResource[] = [];
  const protection = new WeakMap<pulumi.Resource, boolean>();
  const judge = () =>
    refuse(rules.flatMap((rule) => rule.find(planned, stack).map((finding) => describe(rule, finding))));
  let enforced = false;
  const { promise: allowed, resolve: allow } = Promise.withResolvers<pulumi.Resource[]>();

  pulumi.runtime.registerStackTransformation(({ resource, type, name, props, opts }) => {
    const protect = opts.protect ?? (opts.parent ? protection.get(opts.parent) : undefined) ?? false;
    protection.set(resource, protect);
    // A component is nothing but its parts.
    if (pulumi.ComponentResource.isInstance(resource)) return undefined;
    const one: PlannedResource = { type, name, properties: mapMembers(props), protect };
    planned.push(one);
    // A latecomer, made in a later turn: the gate is open by now.
    if (enforced) judge();
    const gates = [allowed, judgeLater(rules, one)];
    return {
      props,
      opts: { ...opts, dependsOn: [...dependenciesOf(opts), ...gates] as pulumi.Input<pulumi.Resource>[] },
    };
  });

  return {
    enforce() {
      judge();
      enforced = true;
      allow([]);
    },
  };
}

/** Nothing that a registration has to depend on, once the rules that need more than the program's text are content. */
async function judgeLater(rules: readonly PolicyRule[], resource: PlannedResource): Promise<pulumi.Resource[]> {
  for (const rule of rules) {
    const findings = (await rule.findLater?.(resource)) ?? [];
    refuse(findings.map((finding) => describe(rule, finding)));
  }
  return [];
}

function dependenciesOf({ dependsOn }: pulumi.ResourceOptions): unknown[] {
  if (dependsOn === undefined) return [];
  return Array.isArray(dependsOn) ? dependsOn : [dependsOn];
}

/** Properties with every `Output` in them as {@link Later}. */
function known(value: unknown): unknown {
  if (pulumi.Output.isInstance(value)) return new Later(() => pulumi.isSecret(value));
  if (value instanceof Promise) return known(pulumi.output(value));
  if (Array.isArray(value)) return value.map(known);
  return typeof value === "object" && value !== null ? mapMembers(value) : value;
}

function mapMembers(object: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, known(value)]));
}

function refuse(findings: readonly string[]): void {
  if (findings.length > 0) throw new pulumi.RunError(["Refused by the policy:", ...findings].join("\n"));
}

function describe({ name }: PolicyRule, { where, why, remedy }: Finding): string {
  return `  ${name}: ${where} ${why}\n    ${remedy}`;
}
