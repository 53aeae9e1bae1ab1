import { createHash } from "node:crypto";

const PROJECT = "tenner";

/**
 * The name of a resource that has to be unique in the account: project, stack and part, in lower case letters, digits
 * and hyphens, at most `maxLength` characters. A name that had to be changed to fit ends in a hash of what it was.
 * @param maxLength 63 is what a bucket's name and a label below workers.dev may have
 */
export function resourceName(stack: string, part: string, maxLength = 63): string {
  const wanted = `${PROJECT}-${stack}-${part}`;
  const plain = wanted
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  if (plain === wanted && plain.length <= maxLength) return plain;
  const hash = sha256(wanted).slice(0, 8);
  return `${plain.slice(0, maxLength - hash.length - 1).replace(/-$/, "")}-${hash}`;
}

/** A dataset of Analytics Engine: as `resourceName`, with underscores. */
export function datasetName(stack: string, part: string): string {
  return resourceName(stack, part).replaceAll("-", "_");
}

/**
 * The name of a Vectorize index. Dimensions and metric are in it, so that an index with others can be filled and bound
 * before the old one goes.
 */
export function vectorizeName(stack: string, part: string, dimensions: number, metric: string): string {
  return resourceName(stack, `${part}-${dimensions}-${metric}`);
}

/** The namespace of a rate limit: a positive whole number as text, always the same for one stack and binding. */
export function rateLimitNamespace(stack: string, part: string, binding: string): string {
  const number = Number.parseInt(sha256(`${stack}\n${part}\n${binding}`).slice(0, 8), 16);
  return String((number % 2_147_483_646) + 1);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
