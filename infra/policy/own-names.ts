import type { Stack } from "../settings.ts";
import { type Finding, itemsOf, ofType, type PolicyRule, TYPES, titleOf } from "./rule.ts";

/** The property by which an account tells resources of a type apart. Types without one have an id of their own. */
const NATURAL_NAMES: Readonly<Record<string, string>> = {
  [TYPES.gateway]: "aiGatewayId",
  [TYPES.queue]: "queueName",
  [TYPES.database]: "name",
  [TYPES.bucket]: "name",
  [TYPES.script]: "scriptName",
  "cloudflare:index/workersKvNamespace:WorkersKvNamespace": "title",
  "pulumi-nodejs:dynamic/tenner:VectorizeIndex": "indexName",
  "pulumi-nodejs:dynamic/tenner:DurableObjectMigrations": "scriptName",
};
/** By which property a binding leads to a resource. */
const LEADS_BY: Readonly<Record<string, string>> = {
  d1: "databaseId",
  kv_namespace: "namespaceId",
  queue: "queueName",
  r2_bucket: "bucketName",
  service: "service",
  vectorize: "indexName",
};
/** No name is cut to less before its hash. */
const SURE_LENGTH = 30;
/** Preview stacks are `pr-<number>`; no other stack may look like one. */
const PREVIEW_NAME = /^pr-[1-9]\d{0,8}$/;

/**
 * What a stack makes and binds is its own: names begin with the stack's, and a binding leads to something this program
 * makes. So no preview of a pull request can name what belongs to production, nor can one stack take another's data.
 */
export const ownNames: PolicyRule = {
  name: "own-names",
  find(resources, stack) {
    return [...stackFindings(stack), ...nameFindings(resources, stack), ...bindingFindings(resources, stack)];
  },
};

function stackFindings({ name, kind, settings }: Stack): Finding[] {
  const where = `stack ${name}`;
  if (kind !== "preview") {
    if (!/^pr-/i.test(name)) return [];
    const why = "names that begin with pr- belong to previews of pull requests, which are removed without being asked";
    return [{ where, why, remedy: "give the stack another name, or make it with tenner preview-stack up" }];
  }
  if (!PREVIEW_NAME.test(name)) {
    const why = "is to be a preview, and is not named pr-<number>";
    return [{ where, why, remedy: "make it with tenner preview-stack up --pr <number>" }];
  }
  if (settings.domain === undefined) return [];
  const why = `${settings.domain} is where production answers: a preview must not take its addresses`;
  return [{ where: "tenner:settings.domain", why, remedy: "leave domain out of a preview's settings" }];
}

function nameFindings(resources: Parameters<PolicyRule["find"]>[0], stack: Stack): Finding[] {
  return resources.flatMap((resource): Finding[] => {
    const property = NATURAL_NAMES[resource.type];
    const name = property === undefined ? undefined : resource.properties[property];
    if (typeof name !== "string" || isOwn(name, stack.name)) return [];
    const why = `is named ${name} in the account, which does not begin with the stack's own ${prefixOf(stack.name)}`;
    return [{ where: titleOf(resource), why, remedy: "derive the name with resourceName(stack.name, …)" }];
  });
}

/** What this program makes is known later; a text was written down by somebody. */
function bindingFindings(resources: Parameters<PolicyRule["find"]>[0], { name: stack }: Stack): Finding[] {
  return ofType(resources, TYPES.script).flatMap((script) =>
    itemsOf(script.properties["bindings"]).flatMap((binding): Finding[] => {
      const target = binding[LEADS_BY[String(binding["type"])] ?? ""];
      if (typeof target !== "string" || isOwn(target, stack)) return [];
      const why = `binds ${String(binding["name"])} to ${target}, which this stack does not make`;
      return [{ where: titleOf(script), why, remedy: "give the binding a resource of this program" }];
    }),
  );
}

function isOwn(name: string, stack: string): boolean {
  return name.startsWith(prefixOf(stack));
}

/** What every name of a stack begins with: of a long one the beginning is sure, then a hash may follow. */
function prefixOf(stack: string): string {
  return `${`tenner-${stack}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}-`.slice(0, SURE_LENGTH);
}
