import type { Service, ServiceContext } from "../../core/service.ts";
import { accountRoutes } from "./routes.ts";
import { AccountStore } from "./store.ts";

export { type Account, AccountStore } from "./store.ts";

/**
 * Accounts and the user. The cloud makes the {@link AccountStore} first, because its limits are part of `ctx`, and
 * passes it here.
 */
export function accounts(ctx: ServiceContext, store = new AccountStore(ctx)): Service {
  return { name: "accounts", globalRoutes: accountRoutes(store) };
}
