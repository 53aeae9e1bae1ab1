import { TemplateName } from "@tenner/worker-kit/settings";
import { UserError } from "../user-error.ts";

/**
 * Characters that a customer's name may have, so that every name derived from it is plain: the longest,
 * `tenner-<name>-edge-cache-documents-768-cosine`, then has 63, which is what a bucket's name and a label below
 * workers.dev may have. A longer one would end in a hash, and nobody could find what is the customer's by its name.
 */
export const LONGEST_NAME = 24;

/** Stacks that are something else than a customer. */
const RESERVED = new Set(["local", "production", "prod", "preview", "staging", "all", "customers", "tenner"]);
const RESERVED_BEGINNINGS = ["pr-", "preview-", "e2e", "customers-"];

/**
 * A customer's name as its stack has it: lower case, accents off, what separates words a hyphen: `Café Löwe & Co.` is
 * `cafe-lowe-co`.
 *
 * @throws UserError for a character that cannot be read as a letter, digit or separator: it might be made to look like
 * another name
 */
export function normaliseName(given: string): string {
  const plain = given.normalize("NFKD").replaceAll(/\p{Mn}/gu, "");
  const foreign = /[^a-z0-9 ._&'+-]/i.exec(plain)?.[0];
  if (foreign !== undefined) {
    const code = foreign.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
    throw new UserError(
      `A customer's name is of letters a to z, digits and hyphens; this one has the character U+${code}.\n` +
        "Choose one such as acme-2: it becomes a part of the names of databases, buckets and Workers.",
    );
  }
  return plain
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}

/**
 * The name of a customer that is to be made.
 *
 * @param stacks names of all stacks that are there
 * @throws UserError with what is wrong with it
 */
export function nameNewCustomer(given: string, stacks: readonly string[]): string {
  const name = normaliseName(given);
  const refuse = (reason: string) => new UserError(`${JSON.stringify(given)} cannot be a customer's name: ${reason}`);
  if (name === "") throw refuse("it has no letter and no digit.");
  if (name.length > LONGEST_NAME) {
    throw refuse(`${name} has ${name.length} characters; ${LONGEST_NAME} fit into the names derived from it.`);
  }
  if (RESERVED.has(name) || RESERVED_BEGINNINGS.some((beginning) => name.startsWith(beginning))) {
    throw refuse(`${name} is reserved for other stacks.`);
  }
  const part = TemplateName.options.find((template) => `-${name}-`.includes(`-${template}-`));
  if (part) throw refuse(`${part} is a template's name, and what is this customer's could be taken for another's.`);
  const taken = stacks.find((stack) => sameWhenNormalised(stack, name));
  if (taken !== undefined)
    throw refuse(taken === name ? "it is taken." : `it is the same as ${taken}, which is there.`);
  return name;
}

function sameWhenNormalised(stack: string, name: string): boolean {
  return stack.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-") === name;
}

/**
 * Whose a resource is, by its name in the account.
 *
 * @param stacks names of all stacks; the longest that fits owns it: `tenner-acme-eu-ai` is `acme-eu`'s, not `acme`'s
 */
export function ownerOf(resource: string, stacks: readonly string[]): string | undefined {
  return stacks
    .filter((stack) => resource === `tenner-${stack}` || resource.startsWith(`tenner-${stack}-`))
    .sort((one, other) => other.length - one.length)[0];
}
