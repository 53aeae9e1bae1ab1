import type { Context } from "hono";

/** The account of a request below `/client/v4/accounts/:account_id`. */
export function accountOf(context: Context): string {
  const id = context.req.param("account_id");
  if (id === undefined) throw new Error("this route is not below /accounts/:account_id");
  return id;
}
