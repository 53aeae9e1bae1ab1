/** Of one connection, never of the message. @see https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** What a client may not say to a backend: it is said anew, or was said to us. */
const NOT_FROM_CLIENTS =
  /^(host|content-length|expect|forwarded|x-forwarded-.*|x-real-ip|x-tenner-.*|cf-.*|cdn-loop|true-client-ip|x-experiment-subject|accept-encoding)$/;

/** What a backend may not say of us. */
const NOT_FROM_BACKENDS = /^(alt-svc|strict-transport-security|x-tenner-.*)$/;

/** This proxy's name among those that a message has passed. */
const PSEUDONYM = "tenner-edge-cache";

/** Who asks through the proxy. */
export interface ProxyCaller {
  readonly tenant: string;
  readonly keyId: string;
  readonly scope: string;
  readonly requestId: string;
  /** The request's own address. */
  readonly url: URL;
}

/** A request that has come by here already. */
export class ProxyLoop extends Error {
  override readonly name = "ProxyLoop";
}

/**
 * The headers of a request as the backend gets them.
 *
 * @throws ProxyLoop
 */
export function requestHeaders(
  sent: Headers,
  caller: ProxyCaller,
  { forwardAuthorization }: { readonly forwardAuthorization: boolean },
): Headers {
  const via = sent.get("via");
  if (via?.split(",").some((each) => each.trim().endsWith(` ${PSEUDONYM}`))) throw new ProxyLoop("it came from here");
  const headers = endToEnd(sent, NOT_FROM_CLIENTS);
  if (!forwardAuthorization) headers.delete("authorization");
  const address = sent.get("cf-connecting-ip");
  if (address !== null) headers.set("x-forwarded-for", address);
  headers.set("x-forwarded-host", caller.url.host);
  headers.set("x-forwarded-proto", caller.url.protocol.slice(0, -1));
  headers.set("x-request-id", caller.requestId);
  headers.set("x-tenner-tenant", caller.tenant);
  headers.set("x-tenner-key", caller.keyId);
  headers.set("x-tenner-scope", caller.scope);
  headers.set("via", via ? `${via}, 1.1 ${PSEUDONYM}` : `1.1 ${PSEUDONYM}`);
  return headers;
}

/** The headers of a backend's answer as the client gets them. */
export function responseHeaders(answered: Headers): Headers {
  const headers = endToEnd(answered, NOT_FROM_BACKENDS);
  const via = answered.get("via");
  headers.set("via", via ? `${via}, 1.1 ${PSEUDONYM}` : `1.1 ${PSEUDONYM}`);
  return headers;
}

/**
 * Where a redirect of a backend leads, for the client: into the backend by way of the proxy, elsewhere as it is.
 *
 * @param location as the backend said it
 * @param from the address that was asked
 * @param base the backend's own address
 * @param prefix `/backends/<name>`
 */
export function locationFor(location: string, from: URL, base: string, prefix: string): string {
  if (!URL.canParse(location, from.href)) return location;
  const target = new URL(location, from);
  const root = new URL(base);
  const rootPath = root.pathname.replace(/\/$/, "");
  if (target.origin !== root.origin || !`${target.pathname}/`.startsWith(`${rootPath}/`)) return target.href;
  return `${prefix}${target.pathname.slice(rootPath.length)}${target.search}${target.hash}`;
}

/** Everything but what belongs to one connection, what its `connection` names, and what is dropped. */
function endToEnd(sent: Headers, dropped: RegExp): Headers {
  const named = (sent.get("connection") ?? "").split(",").map((name) => name.trim().toLowerCase());
  const without = new Set([...HOP_BY_HOP, ...named]);
  const headers = new Headers();
  for (const [name, value] of sent) {
    // One header a cookie: they cannot be joined.
    if (!without.has(name) && !dropped.test(name)) headers.append(name, value);
  }
  return headers;
}
