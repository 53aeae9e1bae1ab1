import type { IncomingMessage } from "node:http";
import { isLoopbackHost } from "./core/loopback.ts";
import type { HostListener, Service } from "./core/service.ts";

/** AI Gateway's host: its paths are answered at the cloud's own address, too, since few clients can set a Host header. */
const AI_GATEWAY = "gateway.ai.cloudflare.com";
const AI_GATEWAY_PATH = "/v1/";

/** Cloudflare's public hosts that services answer for. */
export interface PublicHosts {
  /** By name, for Workers. */
  of(hostname: string): HostListener | undefined;
  /**
   * What a client outside of Workers means: by its Host header, or for AI Gateway by the path
   * `/v1/{account}/{gateway}/…`. A web page of another origin is refused.
   */
  meantBy(request: IncomingMessage): HostListener | undefined;
}

export function publicHosts(services: readonly Pick<Service, "hosts">[]): PublicHosts {
  const hosts = new Map(services.flatMap(({ hosts }) => Object.entries(hosts ?? {})));
  return {
    of: (hostname) => hosts.get(hostname),
    meantBy({ headers, url = "" }) {
      const host = headers.host ?? "";
      const own = isLoopbackHost(host);
      const name = own ? (url.startsWith(AI_GATEWAY_PATH) ? AI_GATEWAY : "") : host.replace(/:\d+$/, "").toLowerCase();
      const listener = hosts.get(name);
      return listener !== undefined && isForeign(headers.origin) ? refuse : listener;
    },
  };
}

function isForeign(origin: string | undefined): boolean {
  return origin !== undefined && !isLoopbackHost(origin.replace(/^https?:\/\//, ""));
}

const refuse: HostListener = (_request, response) => {
  response.writeHead(403, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: "the local cloud does not answer web pages of other origins" }));
};
