import type { MiddlewareHandler } from "hono";
import { Problem } from "../problem.ts";
import type { Settings } from "../settings.ts";
import { type IpList, ipList } from "./ip-list.ts";

/** By the parsed settings, which an isolate has once. */
const lists = new WeakMap<Settings, IpList>();

/**
 * Lets only the addresses of `access.ips` in, when it names any. The address is the one that Cloudflare says, which no
 * caller can choose; without it nobody gets in.
 *
 * @throws Problem 403
 * @see https://developers.cloudflare.com/fundamentals/reference/http-headers/#cf-connecting-ip
 */
export const allowIps: MiddlewareHandler<{ Variables: { settings: Settings } }> = async (c, next) => {
  const settings = c.get("settings");
  if (settings.access.ips.length > 0) {
    const list = lists.get(settings) ?? ipList(settings.access.ips);
    lists.set(settings, list);
    if (!list(c.req.header("cf-connecting-ip") ?? "")) {
      throw new Problem(403, "address_not_allowed", "your address may not call this API");
    }
  }
  await next();
};
