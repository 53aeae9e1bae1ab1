import type { IncomingMessage } from "node:http";
import { Hono } from "hono";
import { isLoopbackHost } from "./core/loopback.ts";
import type { Service } from "./core/service.ts";

/** AI Gateway's host: its paths are answered at the cloud's own address, too, since few clients can set a Host header. */
const AI_GATEWAY = "gateway.ai.cloudflare.com";
const AI_GATEWAY_PATH = "/v1/";

/**
 * What answers a request of a client outside of Workers that means one of Cloudflare's public hosts: by its Host header,
 * or for AI Gateway by the path `/v1/{account}/{gateway}/…`. A web page of another origin is refused.
 */
export function publicHost(
  { headers, url = "" }: Pick<IncomingMessage, "headers" | "url">,
  services: readonly Service[],
): Hono | undefined {
  const host = headers.host ?? "";
  const name = isLoopbackHost(host) ? (url.startsWith(AI_GATEWAY_PATH) ? AI_GATEWAY : "") : host.replace(/:\d+$/, "");
  if (name === "") return undefined;
  const app = services.map(({ hosts }) => hosts?.[name.toLowerCase()]).find((found) => found !== undefined);
  return app !== undefined && isForeign(headers.origin) ? refused : app;
}

function isForeign(origin: string | undefined): boolean {
  return origin !== undefined && !isLoopbackHost(origin.replace(/^https?:\/\//, ""));
}

const refused = new Hono().all("*", (context) =>
  context.json({ error: "the local cloud does not answer web pages of other origins" }, 403),
);
