import * as z from "zod";
import type { Running } from "../running.ts";
import { UserError } from "../user-error.ts";

const Overview = z.looseObject({ accounts: z.array(z.looseObject({ id: z.string(), runtime: z.string() })) });

/** Ids of the local cloud's accounts whose Workers run at the moment. @throws UserError when the cloud does not answer */
export async function findAwake({ url, apiToken }: Running["cloud"]): Promise<ReadonlySet<string>> {
  const response = await fetch(`${url}/_local/overview`, { headers: { authorization: `Bearer ${apiToken}` } }).catch(
    (cause: unknown) => {
      throw new UserError(`The local cloud at ${url} does not answer.`, { cause });
    },
  );
  if (!response.ok) throw new UserError(`The local cloud gave no overview: HTTP ${response.status}`);
  const { accounts } = Overview.parse(await response.json());
  return new Set(accounts.filter(({ runtime }) => runtime === "running").map(({ id }) => id));
}
