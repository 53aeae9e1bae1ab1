import { Hono } from "hono";
import * as z from "zod";
import { jsonBody } from "../core/request-body.ts";

/** What `POST /accounts` makes, and answers. */
export interface LocalAccount {
  readonly id: string;
  readonly name: string;
  readonly plan: "free" | "paid";
}

/** What the routes need. */
export interface AccountRoutesOptions {
  /** The account with this id, made when it is not there. One that is there keeps its name and plan. */
  readonly makeAccount: (account: LocalAccount) => LocalAccount;
  /** Empties an account and forgets it. @throws {ApiError} when there is no such account */
  readonly removeAccount: (accountId: string) => Promise<void>;
}

const NewAccount = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{32}$/, "is not 32 hexadecimal digits"),
  name: z.string().trim().min(1).max(100),
  plan: z.enum(["free", "paid"]).default("free"),
});

/**
 * `POST /accounts` `{id, name, plan?}` makes an account, `DELETE /accounts/<id>` takes it away with all that is in it.
 * Cloudflare's own ways of doing so want a partner's contract, so they are not emulated.
 */
export function accountRoutes({ makeAccount, removeAccount }: AccountRoutesOptions): Hono {
  const routes = new Hono();
  routes.post("/", async (context) => context.json(makeAccount(await jsonBody(context, NewAccount))));
  routes.delete("/:id", async (context) => {
    const id = context.req.param("id");
    await removeAccount(id);
    return context.json({ removed: id });
  });
  return routes;
}
