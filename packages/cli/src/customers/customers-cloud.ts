import { type AccountApi, accountApi, openAccountApi } from "../account-api.ts";
import { LOCAL_STACK } from "../local-stack.ts";
import type { Project } from "../project.ts";
import { findRunning, type Running, workerUrls } from "../running.ts";
import type { Terminal } from "../terminal.ts";
import { withLocalCloud } from "../with-cloud.ts";
import { type Customer, openCustomer } from "./customer.ts";

/** The local cloud, when there is one: customers of a real account need none. */
export type LocalCloud = Running["cloud"] | undefined;

/** Does `work` while the local cloud runs, when one of the customers is local. */
export async function withCustomersCloud<Result>(
  project: Project,
  customers: readonly Pick<Customer, "local">[],
  terminal: Terminal,
  work: (cloud: LocalCloud) => Promise<Result>,
): Promise<Result> {
  if (!customers.some(({ local }) => local)) return work(undefined);
  return withLocalCloud(project, LOCAL_STACK, terminal, work);
}

/** The local cloud that runs now, or none. */
export async function findLocalCloud(project: Project): Promise<LocalCloud> {
  return (await findRunning(project))?.cloud;
}

/** A customer's account. The local cloud's token is known, so that no passphrase has to be worked out for it. */
export async function openCustomerApi(project: Project, customer: Customer, cloud: LocalCloud): Promise<AccountApi> {
  if (!customer.local || !cloud) return openAccountApi(await openCustomer(project, customer));
  return accountApi({ accountId: customer.accountId, baseUrl: cloud.apiUrl, token: cloud.apiToken });
}

/** Where a customer's Workers answer, by script: what the outputs say, or the local cloud's own address. */
export async function addressesOf(
  customer: Customer,
  cloud: LocalCloud,
  workers: Readonly<Record<string, { readonly scriptName: string; readonly url?: string | undefined }>>,
): Promise<Map<string, string>> {
  if (customer.local && cloud) return workerUrls({ ...cloud, accountId: customer.accountId });
  return new Map(Object.values(workers).flatMap(({ scriptName, url }) => (url ? [[scriptName, url] as const] : [])));
}
