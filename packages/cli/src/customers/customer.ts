import { existsSync } from "node:fs";
import { copyFile, rename, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import { config, lockStack, StackLockedError } from "@tenner/engine";
import { Settings } from "@tenner/worker-kit/settings";
import * as z from "zod";
import { ignoreLocalStacks, isLocalStack, openStack, type StackReference, stackFile } from "../local-stack.ts";
import type { Project } from "../project.ts";
import { stackNames } from "../stack-names.ts";
import { UserError } from "../user-error.ts";
import { normaliseName } from "./customer-name.ts";

/** By this setting of its stack a customer is one; the program does not read it. */
const KEY = "tenner:customer";

const Mark = z.object({
  /** The stack whose settings it began with; left out for the defaults. */
  base: z.string().optional(),
  /** When it was added, RFC 3339. */
  since: z.string(),
  /** A removal has begun: nothing but a removal may go on with it. */
  removing: z.boolean().optional(),
});
type Mark = z.infer<typeof Mark>;

/** A stack that is a customer's. */
export interface Customer extends Mark {
  /** The stack's name. */
  readonly name: string;
  readonly accountId: string;
  readonly local: boolean;
  readonly settings: Settings;
}

/** A customer whose settings were made unreadable, by hand or by a merge. */
export interface BrokenCustomer {
  readonly name: string;
  /** What is wrong, with the file. */
  readonly reason: string;
}

/** All customers that can be read, by name. */
export async function listCustomers(project: Project): Promise<Customer[]> {
  return (await readCustomers(project)).customers;
}

/** As `listCustomers`, with those that cannot be read: one mistake is not everybody's. */
export async function readCustomers(project: Project): Promise<{ customers: Customer[]; broken: BrokenCustomer[] }> {
  const customers: Customer[] = [];
  const broken: BrokenCustomer[] = [];
  for (const name of stackNames(project)) {
    try {
      const customer = await readCustomer(project, name);
      if (customer) customers.push(customer);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      broken.push({ name, reason: error.message });
    }
  }
  return { customers, broken };
}

/** @param given the name, as it was given to `customer add` or as its stack has it */
export async function findCustomer(project: Project, given: string): Promise<Customer> {
  const name = existsSync(stackFile(project, given)) && !/[/\\]/.test(given) ? given : normaliseName(given);
  const customer = await readCustomer(project, name);
  if (customer) return customer;
  const all = (await listCustomers(project)).map((one) => one.name);
  const there = all.length === 0 ? "There is none yet: tenner customer add <name>." : `There is: ${all.join(", ")}.`;
  const reason = existsSync(stackFile(project, name)) ? `Stack ${name} is not a customer's.` : `No customer ${name}.`;
  throw new UserError(`${reason} ${there}`);
}

async function readCustomer(project: Project, name: string): Promise<Customer | undefined> {
  const stack = { projectDirectory: project.infra, stack: name };
  if (!existsSync(stackFile(project, name))) return undefined;
  const values = await config.list(stack).catch((cause: unknown) => {
    throw new UserError(cause instanceof Error ? cause.message : String(cause), { cause });
  });
  const marked = values[KEY];
  if (!marked) return undefined;
  const wrong = (what: string) =>
    new UserError(`${stackFile(project, name)}: ${what}. Mend it by hand; nothing was changed.`);
  const mark = Mark.safeParse(parseJson(marked.value));
  if (!mark.success) throw wrong(`${KEY} is not what \`customer add\` has written`);
  const accountId = values["tenner:accountId"]?.value ?? "";
  if (!/^[0-9a-f]{32}$/.test(accountId)) throw wrong("tenner:accountId is not 32 hexadecimal digits");
  const settings = Settings.safeParse(parseJson(values["tenner:settings"]?.value ?? "{}"));
  if (!settings.success) throw wrong(describe(settings.error));
  return { ...mark.data, name, accountId, local: await isLocalStack(project, name), settings: settings.data };
}

/** What `customer add` was told. */
export interface NewCustomer {
  readonly name: string;
  readonly base?: string | undefined;
  readonly budgetUsd?: number | undefined;
  readonly templates?: readonly string[] | undefined;
  readonly domain?: string | undefined;
}

/** The settings of a customer that is to be made, over those of its base. @throws UserError with every mistake */
export async function settingsOf(project: Project, wanted: NewCustomer): Promise<{ stored: object; parsed: Settings }> {
  const { base, name } = wanted;
  if (base !== undefined && !existsSync(stackFile(project, base))) {
    throw new UserError(`There is no stack ${base} to begin with: ${stackFile(project, base)} is missing.`);
  }
  const values = base === undefined ? {} : await config.list({ projectDirectory: project.infra, stack: base });
  const inherited = z
    .looseObject({ domain: z.string().optional() })
    .safeParse(parseJson(values["tenner:settings"]?.value ?? "{}"));
  if (!inherited.success) throw new UserError(`The settings of stack ${base} are not an object.`);
  // Two stacks cannot have the same address: a base's domain is where the customer's begins.
  const domain =
    wanted.domain ?? (inherited.data.domain === undefined ? undefined : `${name}.${inherited.data.domain}`);
  const stored = {
    ...withoutIssuers(inherited.data),
    ...(wanted.budgetUsd !== undefined && {
      budget: { ...z.looseObject({}).catch({}).parse(inherited.data["budget"]), monthlyUsd: wanted.budgetUsd },
    }),
    ...(wanted.templates && { templates: wanted.templates }),
    ...(domain !== undefined && { domain }),
  };
  const parsed = Settings.safeParse(stored);
  if (!parsed.success)
    throw new UserError(`These settings are not right; nothing was changed: ${describe(parsed.error)}`);
  return { stored, parsed: parsed.data };
}

/** The members of a base would be members of each customer that begins with its settings: who issues their tokens stays there. */
function withoutIssuers(settings: Readonly<Record<string, unknown>>): object {
  const { access, ...rest } = settings;
  const given = z.looseObject({ jwt: z.looseObject({ issuers: z.unknown() }) }).safeParse(access);
  if (!given.success) return settings;
  const { issuers: _, ...jwt } = given.data.jwt;
  return { ...rest, access: { ...given.data, jwt } };
}

/** Where a new customer goes. */
export interface Place {
  readonly accountId: string;
  /** The API's address, for a local one; left out where the base says it, or Cloudflare's own. */
  readonly apiUrl?: string | undefined;
}

/** Writes a customer's stack file, which is there as a whole or not at all. */
export async function writeCustomer(
  project: Project,
  wanted: NewCustomer,
  stored: object,
  place: Place,
): Promise<void> {
  // A name that no stack has: the engine writes the settings there one by one.
  const draft = { projectDirectory: project.infra, stack: `.${wanted.name}.draft` };
  const file = stackFile(project, draft.stack);
  await rm(file, { force: true });
  const mark: Mark = { since: new Date().toISOString(), ...(wanted.base !== undefined && { base: wanted.base }) };
  if (wanted.base !== undefined) {
    await copyFile(stackFile(project, wanted.base), file);
    // What a base shares with issuers of tokens is not a customer's.
    for (const key of [
      "tenner:jwtSecrets",
      "tenner:preview",
      ...(place.apiUrl === undefined ? [] : ["cloudflare:apiToken"]),
    ]) {
      await config.remove(draft, key);
    }
  }
  if (place.apiUrl !== undefined) await config.set(draft, "cloudflare:baseUrl", place.apiUrl);
  await config.set(draft, "tenner:accountId", place.accountId);
  await config.set(draft, "tenner:settings", JSON.stringify(stored));
  await config.set(draft, KEY, JSON.stringify(mark));
  await rename(file, stackFile(project, wanted.name));
  await ignoreLocalStacks(project);
}

/** Says in the customer's settings that its removal has begun. */
export async function markRemoving(project: Project, { base, since, name }: Customer): Promise<void> {
  const mark: Mark = { since, removing: true, ...(base !== undefined && { base }) };
  await config.set({ projectDirectory: project.infra, stack: name }, KEY, JSON.stringify(mark));
}

/** How the engine reaches a customer's stack. */
export function openCustomer(project: Project, { name }: Pick<Customer, "name">): Promise<StackReference> {
  return openStack(project, name);
}

/**
 * Does `work` while nobody else adds, removes or upgrades customers of this checkout: names and room are checked and
 * taken in one go.
 *
 * @param what `register`, `upgrade` for the time of one, or a customer: whoever makes, changes or removes it is alone with it
 * @param patience milliseconds to wait for another
 */
export async function alone<Result>(
  project: Project,
  what: "register" | "upgrade" | { readonly name: string },
  patience: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const name = typeof what === "string" ? what : `of-${what.name}`;
  const folder = path.join(project.state, "customers", "locks", name);
  const release = await lockStack(folder, { wait: patience, notice: () => {} }).catch((error: unknown) => {
    if (!(error instanceof StackLockedError)) throw error;
    const { pid, username, hostname, path: file } = error.holder;
    throw new UserError(
      `Somebody else works on ${typeof what === "string" ? "the customers" : what.name}: ` +
        `process ${pid} of ${username} on ${hostname}. ` +
        `Wait until it is done; if it does not run any more, remove ${file}.`,
      { cause: error },
    );
  });
  try {
    return await work();
  } finally {
    await release();
    // Empty, unless somebody waits.
    if (typeof what !== "string") await rmdir(folder).catch(() => {});
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describe({ issues }: z.ZodError): string {
  return issues.map(({ path: where, message }) => `settings.${where.join(".")}: ${message}`).join("; ");
}
