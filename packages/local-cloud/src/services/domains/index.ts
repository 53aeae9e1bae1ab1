import { createHash } from "node:crypto";
import { type Context, Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { ApiError } from "../../core/api-error.ts";
import { ok } from "../../core/envelope.ts";
import { jsonBody } from "../../core/request-body.ts";
import type { Service, ServiceContext } from "../../core/service.ts";
import type { Row } from "../../core/store.ts";

const Hostname = z
  .string()
  .toLowerCase()
  .regex(/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, "must be a host name");
const Request = z.object({
  hostname: Hostname,
  service: z.string(),
  environment: z.string().nullish(),
  zone_id: z.string().nullish(),
  zone_name: z.string().nullish(),
});

/** Custom domains, and which Worker a host name leads to. */
export interface DomainsService extends Service {
  find(hostname: string): { accountId: string; script: string } | undefined;
  /** Host names that lead to a script. */
  of(accountId: string, script: string): { id: string; hostname: string }[];
}

/**
 * Custom domains of Workers. The cloud answers for them when a request names one in its Host header.
 *
 * @param scriptExists says whether a Worker is there.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/domains/
 */
export function domains(
  ctx: ServiceContext,
  scriptExists: (accountId: string, script: string) => boolean,
): DomainsService {
  ctx.store.define(`CREATE TABLE IF NOT EXISTS workers_domains (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, hostname TEXT NOT NULL UNIQUE, script TEXT NOT NULL, facts TEXT NOT NULL)`);
  const list = (accountId: string) =>
    ctx.store.all("SELECT * FROM workers_domains WHERE account_id = ? ORDER BY hostname", accountId);
  const find = (context: Context): Row => {
    const id = context.req.param("id") ?? "";
    const row = list(accountOf(context)).find((domain) => domain["id"] === id);
    if (row === undefined) throw new ApiError(404, 100_114, "This domain does not exist on your account.");
    return row;
  };

  const routes = new Hono();
  routes.get("/workers/domains", (context) => {
    const query = context.req.query();
    const found = list(accountOf(context))
      .map(answer)
      .filter((domain) =>
        (["hostname", "service", "zone_id", "zone_name", "environment"] as const).every(
          (field) => query[field] === undefined || domain[field] === query[field],
        ),
      );
    return ok(context, found);
  });
  routes.put("/workers/domains", async (context) => {
    const accountId = accountOf(context);
    const { hostname, service, environment, zone_id, zone_name } = await jsonBody(context, Request);
    if (!scriptExists(accountId, service)) throw new ApiError(404, 10_007, `Worker ${service} does not exist.`);
    const taken = ctx.store.get("SELECT account_id FROM workers_domains WHERE hostname = ?", hostname);
    if (taken !== undefined && taken["account_id"] !== accountId)
      throw new ApiError(400, 100_117, `Hostname ${hostname} is in use by another account.`);
    const id = createHash("sha256").update(`${accountId}/${hostname}`).digest("hex").slice(0, 32);
    const zoneName = zone_name ?? hostname.split(".").slice(-2).join(".");
    const facts = {
      environment: environment ?? "production",
      zone_id: zone_id ?? createHash("sha256").update(zoneName).digest("hex").slice(0, 32),
      zone_name: zoneName,
      cert_id: ctx.ids.uuid(),
    };
    ctx.store.run(
      "INSERT OR REPLACE INTO workers_domains VALUES (?, ?, ?, ?, ?)",
      id,
      accountId,
      hostname,
      service,
      JSON.stringify(facts),
    );
    ctx.activity.record({ type: "change", accountId, product: "domains", action: "attached", resource: hostname });
    return ok(context, { id, hostname, service, ...facts });
  });
  routes.get("/workers/domains/:id", (context) => ok(context, answer(find(context))));
  routes.delete("/workers/domains/:id", (context) => {
    const row = find(context);
    ctx.store.run("DELETE FROM workers_domains WHERE id = ?", String(row["id"]));
    return ok(context, null);
  });

  return {
    name: "domains",
    routes,
    find(hostname) {
      const row = ctx.store.get("SELECT * FROM workers_domains WHERE hostname = ?", hostname.toLowerCase());
      return row && { accountId: String(row["account_id"]), script: String(row["script"]) };
    },
    of: (accountId, script) =>
      list(accountId)
        .filter((row) => row["script"] === script)
        .map((row) => ({ id: String(row["id"]), hostname: String(row["hostname"]) })),
  };
}

interface DomainFacts {
  environment: string;
  zone_id: string;
  zone_name: string;
  cert_id: string;
}

function answer(row: Row) {
  const facts = JSON.parse(String(row["facts"])) as DomainFacts;
  return { id: String(row["id"]), hostname: String(row["hostname"]), service: String(row["script"]), ...facts };
}
