import type { InvokeAdapter } from "../adapter.ts";
import { accountPath, members } from "./properties.ts";
import { fromWire, withoutNulls } from "./wire-names.ts";

/** The data source `getAccount`. @see https://developers.cloudflare.com/api/resources/accounts/methods/get/ */
export const getAccount: InvokeAdapter = async ({ client }, inputs) => {
  const account = members(withoutNulls(fromWire(await client.request("GET", accountPath(inputs)))));
  return { ...inputs, ...account };
};
