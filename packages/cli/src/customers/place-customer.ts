import { config } from "@tenner/engine";
import { PLANS } from "@tenner/local-cloud/plan";
import * as z from "zod";
import { type AccountApi, AccountApiError, accountApi, openAccountApi } from "../account-api.ts";
import { makeLocalAccount } from "../local-account.ts";
import { accountIdOf, openStack } from "../local-stack.ts";
import type { Project } from "../project.ts";
import { UserError } from "../user-error.ts";
import { countAccount } from "./account-inventory.ts";
import { add, type Counts, needsOf, none, shortages } from "./account-needs.ts";
import { type Customer, listCustomers, openCustomer, type Place } from "./customer.ts";
import type { LocalCloud } from "./customers-cloud.ts";
import { readDeployment } from "./deployment-record.ts";

/** How many shared accounts of the local cloud are looked at. */
const MOST_SHARED = 100;

/** Where a customer may go. */
export interface Wanted {
  readonly name: string;
  readonly templates: readonly string[];
  readonly base?: string | undefined;
  /** Ids of accounts, in the order they are filled; `own` or `shared` for a local one. */
  readonly account: string;
  /** The accounts' plan, where the token may not read it. */
  readonly plan?: "free" | "paid" | undefined;
}

/**
 * Finds the first account that has room for a customer, counting what is there and what customers that are on the way
 * will need.
 *
 * @param cloud of a local customer
 * @throws UserError that says what is full in each account
 */
export async function placeCustomer(project: Project, wanted: Wanted, cloud: LocalCloud): Promise<Place> {
  const needs = await needsOf(project, wanted.templates);
  const customers = await listCustomers(project);
  const full: string[] = [];
  for await (const { api, label } of candidates(project, wanted, cloud)) {
    const used = add(await countAccount(api), await onTheWay(project, customers, api.accountId));
    const missing = shortages(used, needs, wanted.plan ? PLANS[wanted.plan] : await limitsOf(api));
    if (missing.length === 0) return { accountId: api.accountId, apiUrl: cloud?.apiUrl };
    full.push(`${label}: ${missing.join("; ")}`);
  }
  throw new UserError(
    `There is no room for ${wanted.name}; nothing was made.\n${full.map((line) => `  ${line}`).join("\n")}\n` +
      "Name another account: --account <id>, or several with commas, in the order to fill them. " +
      "An account on the paid plan, whose token may not say so: --plan paid.",
  );
}

interface Candidate {
  readonly api: AccountApi;
  readonly label: string;
}

async function* candidates(project: Project, wanted: Wanted, cloud: LocalCloud): AsyncGenerator<Candidate> {
  const { account, base, name } = wanted;
  const ids = account === "own" || account === "shared" ? undefined : account.split(",").map((id) => id.trim());
  const wrong = ids?.find((id) => !/^[0-9a-f]{32}$/.test(id));
  if (wrong !== undefined) {
    throw new UserError(`--account ${wrong}: is "own", "shared", or ids of 32 hexadecimal digits with commas between.`);
  }
  if (cloud) {
    const open = async (id: string, label: string): Promise<Candidate> => {
      await makeLocalAccount(cloud, { id, name: label });
      return { api: accountApi({ accountId: id, baseUrl: cloud.apiUrl, token: cloud.apiToken }), label };
    };
    if (account === "own") yield open(accountIdOf(name), name);
    for (const id of ids ?? []) yield open(id, `account ${id}`);
    for (let number = 1; account === "shared" && number <= MOST_SHARED; number++) {
      const label = `customers-${number}`;
      yield open(accountIdOf(label), label);
    }
    return;
  }
  if (account === "shared") throw new UserError("--account shared is the local cloud's. Name the account's id.");
  // Without an id it is the base's.
  const stack = await openStack(project, base ?? name);
  const api = await openAccountApi(stack);
  const token = (await config.get(stack, "cloudflare:apiToken"))?.value ?? process.env["CLOUDFLARE_API_TOKEN"] ?? "";
  for (const id of ids ?? [api.accountId]) {
    yield { api: accountApi({ accountId: id, baseUrl: api.baseUrl, token }), label: `account ${id}` };
  }
}

/** What customers of an account will need that were added and are not deployed yet: all of it, as if nothing were there. */
async function onTheWay(project: Project, customers: readonly Customer[], accountId: string): Promise<Counts> {
  let sum = none();
  for (const customer of customers) {
    if (customer.accountId !== accountId || customer.removing) continue;
    if (await readDeployment(await openCustomer(project, customer))) continue;
    sum = add(sum, await needsOf(project, customer.settings.templates));
  }
  return sum;
}

const Subscriptions = z.array(z.looseObject({ rate_plan: z.looseObject({ id: z.string() }).optional() }));

/** By the account's plan; where the token may not read that, by the free one. */
async function limitsOf(api: AccountApi): Promise<Counts> {
  const subscriptions = await api.call("GET", "/subscriptions").catch((error: unknown) => {
    if (error instanceof AccountApiError) return [];
    throw error;
  });
  const plans = Subscriptions.safeParse(subscriptions ?? []).data ?? [];
  return PLANS[plans.some(({ rate_plan }) => rate_plan?.id === "workers_paid") ? "paid" : "free"];
}
