import { UserError } from "./user-error.ts";

/** How to speak to a running local cloud. */
export interface LocalCloudAccess {
  /** Of Cloudflare's API, `http://127.0.0.1:8787/client/v4`. */
  readonly apiUrl: string;
  readonly apiToken: string;
}

/**
 * Makes an account of the local cloud, unless it is there.
 *
 * @param account its id, 32 hexadecimal digits, and the name that the console shows
 * @throws UserError when the cloud does not answer or refuses
 */
export async function makeLocalAccount(
  cloud: LocalCloudAccess,
  account: { readonly id: string; readonly name: string },
): Promise<void> {
  await call(cloud, "POST", "", { ...account, plan: "paid" });
}

/** Takes an account away, with all that is in it. @throws UserError as above */
export async function removeLocalAccount(cloud: LocalCloudAccess, accountId: string): Promise<void> {
  await call(cloud, "DELETE", `/${accountId}`);
}

async function call({ apiUrl, apiToken }: LocalCloudAccess, method: string, path: string, json?: object) {
  const url = `${new URL(apiUrl).origin}/_local/accounts${path}`;
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${apiToken}`, "content-type": "application/json" },
    ...(json && { body: JSON.stringify(json) }),
  }).catch((cause: unknown) => {
    throw new UserError(`The local cloud at ${new URL(apiUrl).origin} does not answer.`, { cause });
  });
  if (response.ok) return;
  const said = (await response.text()).slice(0, 300);
  throw new UserError(`The local cloud refused ${method} ${new URL(url).pathname}: HTTP ${response.status} ${said}`);
}
