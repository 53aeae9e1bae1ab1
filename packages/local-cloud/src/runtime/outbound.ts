import { lookup as resolve } from "node:dns";
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";
import type { Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { InnerCall, InnerHandler } from "./inner-server.ts";

/** Who Workers may call, and who answers for some hosts. */
export interface OutboundOptions {
  /** `host:port` that may be called although it is an inner address: what tests allow. */
  allowed(host: string, port: number): boolean;
  /** Says whether an address is a Worker's front door. */
  isDoor(host: string, port: number): boolean;
  /** Headers by which a door knows that a Worker asks. */
  readonly doorHeaders: Readonly<Record<string, string>>;
  /** Answers in place of a public host. */
  local(hostname: string): ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
}

/** Bytes of a body that is kept until its answer begins, so that it can be sent again. */
const KEPT_BODY = 1024 * 1024;
const HOP_BY_HOP = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding"]);

/**
 * Workers' own `fetch`. The real internet is open; private, loopback and link-local addresses are not, neither
 * literally nor through a name: the address that was checked is the one that is connected to.
 */
export function outbound(options: OutboundOptions): InnerHandler & { close(): void } {
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  /** @param fresh over a connection of its own. */
  const open = (request: IncomingMessage, headers: Record<string, string | string[]>, fresh = false) => {
    const target = new URL(targetOf(request));
    const secure = target.protocol === "https:";
    const port = Number(target.port || (secure ? 443 : 80));
    const host = target.hostname.replace(/^\[|\]$/g, "");
    const isDoor = options.isDoor(host, port);
    const allowed = isDoor || options.allowed(host, port);
    if (!allowed && isIP(host) !== 0 && isInner(host)) throw new Refused(host);
    return (secure ? httpsRequest : httpRequest)({
      host,
      port,
      path: target.pathname + target.search,
      method: request.method ?? "GET",
      headers: isDoor ? { ...headers, ...options.doorHeaders } : headers,
      agent: fresh ? false : secure ? agents.https : agents.http,
      ...(!allowed && { lookup: guardedLookup }),
    });
  };
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const headers = passedHeaders(request);
    const body = await smallBody(request);
    const send = (fresh: boolean) => {
      const upstream = open(request, headers, fresh);
      const leave = () => upstream.destroy();
      upstream.on("response", (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.statusMessage, passedRaw(answer));
        answer.pipe(response);
        answer.on("error", () => response.destroy());
      });
      upstream.on("error", (error) => {
        response.off("close", leave);
        // The other side closed an idle connection in the moment it was used again: nothing of the request was read.
        const wasIdle = upstream.reusedSocket && isClosed(error) && !response.headersSent;
        if (wasIdle && body !== undefined && !fresh && !response.closed) send(true);
        else refuse(response, error);
      });
      response.on("close", leave);
      if (body === undefined) request.pipe(upstream);
      else upstream.end(body);
    };
    send(false);
  };
  return {
    request(_call, request, response) {
      const local = options.local(hostOf(request));
      if (local !== undefined) {
        const { host, pathname, search } = new URL(targetOf(request));
        request.url = pathname + search;
        request.headers.host = host;
        request.rawHeaders.push("Host", host);
        local(request, response);
        return;
      }
      void pass(request, response).catch((error: Error) => refuse(response, error));
    },
    upgrade(_call: InnerCall, request: IncomingMessage, socket: Duplex, head: Buffer) {
      try {
        const headers = { ...passedHeaders(request), connection: "Upgrade", upgrade: request.headers.upgrade ?? "" };
        const upstream = open(request, headers);
        upstream.on("upgrade", (answer, peer, peerHead) => {
          const lines = pairs(answer.rawHeaders).map(([name, value]) => `${name}: ${value}`);
          socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`);
          if (peerHead.length > 0) socket.write(peerHead);
          if (head.length > 0) peer.write(head);
          peer.pipe(socket).pipe(peer);
          peer.on("error", () => socket.destroy());
          socket.on("error", () => peer.destroy());
        });
        upstream.on("response", (answer) =>
          socket.end(`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n\r\n`),
        );
        upstream.on("error", () => socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
        upstream.end();
      } catch {
        socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      }
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** The Worker asked for an address that only this machine and its network should reach. */
class Refused extends Error {
  constructor(host: string) {
    super(`the local cloud does not let Workers reach the inner address ${host}`);
  }
}

function refuse(response: ServerResponse, error: Error): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = error instanceof Refused ? 403 : 502;
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${error.message}\n`);
}

const guardedLookup: LookupFunction = (hostname, lookupOptions, callback) => {
  resolve(hostname, { ...lookupOptions, all: true }, (error, addresses) => {
    if (error) {
      callback(error, "", 0);
      return;
    }
    const inner = addresses.find(({ address }) => isInner(address));
    const first = addresses[0];
    if (inner !== undefined || first === undefined) {
      callback(new Refused(`${hostname} (${inner?.address ?? "no address"})`), "", 0);
    } else if (lookupOptions.all) {
      callback(null, addresses);
    } else {
      callback(null, first.address, first.family);
    }
  });
};

const INNER = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const)
  INNER.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of [
  ["::", 127],
  ["64:ff9b::", 96],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const)
  INNER.addSubnet(network, prefix, "ipv6");

/** Says whether an address belongs to this machine or its own network. An IPv4 address in IPv6 clothes counts as what it is. */
export function isInner(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? mappedHex(address);
  if (mapped !== undefined) return INNER.check(mapped, "ipv4");
  return INNER.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

function mappedHex(address: string): string | undefined {
  const match = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address);
  if (match === null) return undefined;
  const [high, low] = [Number.parseInt(match[1] ?? "", 16), Number.parseInt(match[2] ?? "", 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** The body of a request, if it is known to be small; nothing is read of another. */
async function smallBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  return encoding !== undefined || Number(length ?? 0) > KEPT_BODY ? undefined : buffer(request);
}

const isClosed = ({ code }: NodeJS.ErrnoException): boolean => code === "ECONNRESET" || code === "EPIPE";

/** workerd sends the whole address in the request line. */
function targetOf(request: IncomingMessage): string {
  const url = request.url ?? "/";
  return url.startsWith("/") ? `http://${request.headers.host ?? "localhost"}${url}` : url;
}

const hostOf = (request: IncomingMessage): string => new URL(targetOf(request)).hostname;

function passedHeaders(request: IncomingMessage): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { host: new URL(targetOf(request)).host };
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || name.startsWith("x-local-") || HOP_BY_HOP.has(name)) continue;
    headers[name] = value;
  }
  return headers;
}

function passedRaw(answer: IncomingMessage): string[] {
  return pairs(answer.rawHeaders)
    .filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()))
    .flat();
}

function pairs(raw: readonly string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [raw[2 * index] ?? "", raw[2 * index + 1] ?? ""]);
}
