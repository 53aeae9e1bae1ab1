import { createHash } from "node:crypto";
import { type Context, Hono } from "hono";
import * as z from "zod";
import { failure, ok } from "../../core/envelope.ts";
import { pageOf } from "../../core/paging.ts";
import { jsonBody } from "../../core/request-body.ts";
import type { Account, AccountStore } from "./store.ts";

/** The one user of a local cloud. */
const USER = {
  id: "00000000000000000000000000000001",
  email: "user@local-cloud.invalid",
  first_name: "Local",
  last_name: "User",
  username: "local-user",
  telephone: null,
  country: null,
  zipcode: null,
  two_factor_authentication_enabled: false,
  two_factor_authentication_locked: false,
  suspended: false,
  has_pro_zones: false,
  has_business_zones: false,
  has_enterprise_zones: false,
  betas: [],
} as const;

/**
 * Accounts, and the user and token behind a request.
 *
 * @see https://developers.cloudflare.com/api/resources/accounts/
 * @see https://developers.cloudflare.com/api/resources/user/
 */
export function accountRoutes(accounts: AccountStore): Hono {
  const routes = new Hono();
  routes.onError(failure);
  routes.get("/accounts", (context) => {
    const name = context.req.query("name");
    const found = accounts.list().filter((account) => name === undefined || account.name === name);
    const { items, info } = pageOf(context, found);
    return ok(context, items.map(describe), info);
  });
  routes.get("/accounts/:id", (context) => ok(context, describe(accounts.get(context.req.param("id")))));
  routes.put("/accounts/:id", async (context) => {
    const { name } = await jsonBody(context, z.object({ name: z.string() }));
    return ok(context, describe(accounts.rename(context.req.param("id"), name)));
  });
  routes.get("/accounts/:id/tokens/verify", (context) => {
    accounts.get(context.req.param("id"));
    return verify(context);
  });
  routes.get("/accounts/:id/subscriptions", (context) => {
    const { id, plan } = accounts.get(context.req.param("id"));
    const rate_plan = {
      id: `workers_${plan}`,
      public_name: `Workers ${plan === "paid" ? "Paid" : "Free"}`,
      currency: "USD",
    };
    return ok(context, [
      { id, state: "Paid", price: plan === "paid" ? 5 : 0, currency: "USD", frequency: "monthly", rate_plan },
    ]);
  });
  routes.get("/user", (context) => ok(context, USER));
  routes.get("/user/tokens/verify", verify);
  routes.get("/memberships", (context) => {
    const { items, info } = pageOf(context, accounts.list());
    const memberships = items.map((account) => ({
      id: account.id,
      status: "accepted",
      account: describe(account),
      roles: ["Super Administrator - All Privileges"],
      permissions: {},
    }));
    return ok(context, memberships, info);
  });
  return routes;
}

function describe({ id, name, created_on }: Account) {
  return { id, name, type: "standard", settings: { enforce_twofactor: false, abuse_contact_email: null }, created_on };
}

/** The token was checked before: only its id is answered, which always is the same for the same token. */
function verify(context: Context): Response {
  const token = context.req.header("authorization") ?? "";
  const id = createHash("sha256").update(token).digest("hex").slice(0, 32);
  const message = { code: 10000, message: "This API Token is valid and active", type: null };
  return context.json({ success: true, errors: [], messages: [message], result: { id, status: "active" } });
}
