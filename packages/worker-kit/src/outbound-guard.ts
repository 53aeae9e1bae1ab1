/** An address that a Worker must not call on somebody else's word. */
export class ForbiddenAddress extends Error {
  override readonly name = "ForbiddenAddress";
}

/** Settings of the guard. */
export interface GuardOptions {
  /** `host` or `host:port` that may be called although inside the network: tests name their own loopback here. */
  readonly allowedHosts?: readonly string[];
  /** @default 5 */
  readonly maxRedirects?: number;
  /** Follow only 307 and 308, which repeat the request; hand back any other redirect. For webhooks. @default false */
  readonly keepMethod?: boolean;
  /** Sends one request; replaced in tests. @default fetch */
  readonly send?: (request: Request) => Promise<Response>;
}

/**
 * Checks an address that came from outside: http or https, no credentials, and neither literally nor by name inside
 * the network. Names that *resolve* inward are the platform's part: on Cloudflare a Worker cannot reach private
 * addresses, and the local cloud's outbound service resolves and pins.
 *
 * @throws ForbiddenAddress
 */
export function checkAddress(address: string, options: GuardOptions = {}): URL {
  if (!URL.canParse(address)) throw new ForbiddenAddress("not a URL");
  // The URL parser turns 0x7f.1, 2130706433, 0177.0.0.1 and full-width digits into dotted numbers.
  const url = new URL(address);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw new ForbiddenAddress(`${url.protocol} is not http`);
  if (url.username || url.password) throw new ForbiddenAddress("credentials in the address");
  if (options.allowedHosts?.some((host) => host === url.host || host === url.hostname)) return url;

  const host = url.hostname.replace(/\.+$/, "");
  if (host.startsWith("[")) {
    if (isInnerIpv6(host.slice(1, -1))) throw new ForbiddenAddress(`${host} is inside the network`);
  } else if (/^\d+(\.\d+){3}$/.test(host)) {
    if (isInnerIpv4(host.split(".").map(Number))) throw new ForbiddenAddress(`${host} is inside the network`);
  } else if (isInnerName(host)) {
    throw new ForbiddenAddress(`${host} is a name inside the network`);
  }
  return url;
}

/**
 * Fetches an address that came from outside and checks it and every redirect. A redirect with 307 or 308 repeats the
 * body; any other becomes a GET, as in a browser.
 *
 * @throws ForbiddenAddress for the address or a redirect, or after too many of them
 */
export async function guardedFetch(address: string, init: RequestInit, options: GuardOptions = {}): Promise<Response> {
  const send = options.send ?? ((request: Request) => fetch(request));
  const maxRedirects = options.maxRedirects ?? 5;
  let url = checkAddress(address, options);
  let current: RequestInit = { ...init, redirect: "manual" };
  for (let hop = 0; ; hop++) {
    const response = await send(new Request(url, current));
    const location = response.headers.get("location");
    const repeats = response.status === 307 || response.status === 308;
    if (location === null || !(repeats || [301, 302, 303].includes(response.status))) return response;
    if (options.keepMethod && !repeats) return response;
    await response.body?.cancel();
    if (hop === maxRedirects) throw new ForbiddenAddress(`more than ${maxRedirects} redirects`);
    const next = URL.canParse(location, url.href) ? new URL(location, url.href).href : location;
    const checked = checkAddress(next, options);
    if (url.protocol === "https:" && checked.protocol === "http:")
      throw new ForbiddenAddress("redirect from https to http");
    if (!repeats) {
      const { body: _, ...withoutBody } = current;
      current = { ...withoutBody, method: "GET" };
    }
    url = checked;
  }
}

function isInnerName(host: string): boolean {
  return (
    !host.includes(".") || // "localhost", "metadata", and every other single label
    /(^|\.)(localhost|localdomain|local|internal|intranet|lan|home|corp|private|home\.arpa|test|invalid)$/.test(host)
  );
}

/** Every range of the IANA special-purpose registry that is not globally reachable. */
function isInnerIpv4([a = 0, b = 0, c = 0]: readonly number[]): boolean {
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 0 && (c === 0 || c === 2)) ||
    (a === 192 && b === 88 && c === 99) ||
    (a === 192 && b === 168) ||
    (a === 198 && (b === 18 || b === 19)) ||
    (a === 198 && b === 51 && c === 100) ||
    (a === 203 && b === 0 && c === 113) ||
    a >= 224
  );
}

function isInnerIpv6(text: string): boolean {
  const groups = ipv6Groups(text);
  const [first = 0, second = 0] = groups;
  const embedded = [(groups[6] ?? 0) >> 8, (groups[6] ?? 0) & 255, (groups[7] ?? 0) >> 8, (groups[7] ?? 0) & 255];
  const leadingZeros = groups.findIndex((group) => group !== 0);
  if (leadingZeros === -1 || leadingZeros >= 6) return true; // ::, ::1 and the old IPv4-compatible ::a.b.c.d
  if (leadingZeros === 5 && groups[5] === 0xffff) return isInnerIpv4(embedded); // ::ffff:a.b.c.d
  if (leadingZeros === 4 && groups[4] === 0xffff && groups[5] === 0) return isInnerIpv4(embedded); // ::ffff:0:a.b.c.d
  if (first === 0x64 && second === 0xff9b) return true; // 64:ff9b::/96 and 64:ff9b:1::/48, NAT64
  if (first === 0x2002) return isInnerIpv4([second >> 8, second & 255, (groups[2] ?? 0) >> 8]); // 6to4
  if (first === 0x2001 && (second < 0x200 || second === 0xdb8)) return true; // Teredo, ORCHID, documentation …
  if (first === 0x3fff && second < 0x1000) return true; // documentation
  return (first & 0xe000) !== 0x2000; // Only 2000::/3 is global: fc00::/7, fe80::/10, ff00::/8, 100::/64 are not.
}

/** The eight groups of an address as the URL parser writes it: lower case, `::` at most once, no dotted part. */
function ipv6Groups(text: string): number[] {
  const [head = "", tail] = text.split("::");
  const parse = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  const front = parse(head);
  const back = tail === undefined ? [] : parse(tail);
  return [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
}
