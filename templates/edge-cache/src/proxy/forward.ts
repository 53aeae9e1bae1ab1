import { now } from "@tenner/worker-kit/clock";
import { log } from "@tenner/worker-kit/log";
import { checkAddress, ForbiddenAddress } from "@tenner/worker-kit/outbound-guard";
import { Problem } from "@tenner/worker-kit/problem";
import type { Backend } from "@tenner/worker-kit/settings/backends";
import { backendAddress, UnsafePath } from "./backend-path.ts";
import type { Breaker } from "./breaker.ts";
import { circuitOf, report } from "./circuits.ts";
import { locationFor, type ProxyCaller, ProxyLoop, requestHeaders, responseHeaders } from "./forwarded-headers.ts";
import { type BodyWatcher, limitedBody, watchedBody } from "./streamed-body.ts";

/** What forwarding needs to know. */
export interface Forwarding {
  readonly env: Env;
  readonly name: string;
  readonly backend: Backend;
  readonly caller: ProxyCaller;
  /** Hosts inside the network that may be called. For tests. */
  readonly allowedHosts: readonly string[];
  readonly later: (work: Promise<unknown>) => void;
}

/** May be sent twice. @see https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2 */
const IDEMPOTENT = ["GET", "HEAD", "PUT", "DELETE"];
/** A gateway's words for a backend that is not there. */
const AWAY = [502, 503, 504];
/** Before another attempt; twice as long before the one after it. */
const PAUSE_MS = 50;
/** What a client is told to wait for what may be chance. */
const RETRY_SECONDS = "2";

/**
 * Forwards a request to a backend and its answer back, both as they come.
 *
 * @throws Problem 400, 408, 413, 501, 502, 503, 504, 508
 */
export async function forward(request: Request, forwarding: Forwarding): Promise<Response> {
  const { env, name, backend } = forwarding;
  const { address, headers } = readRequest(request, forwarding);
  const circuit = await circuitOf(env, name);
  const admission = circuit.admit(now(env));
  if (admission.kind === "stop") {
    throw new Problem(503, "backend_unavailable", `${name} has failed too often and is left alone for a while`, {
      headers: { "retry-after": String(Math.max(1, Math.ceil((admission.retryAt - now(env)) / 1_000))) },
    });
  }
  try {
    const response = await attempt(request, forwarding, address, headers);
    const went = AWAY.includes(response.status) ? "badly" : "well";
    forwarding.later(report(env, name, went, backend));
    return answer(request, response, forwarding, address);
  } catch (error) {
    throw await failed(error, forwarding, circuit, admission.probe);
  }
}

function readRequest(request: Request, { name, backend, caller, allowedHosts }: Forwarding) {
  if (request.headers.has("upgrade")) {
    throw new Problem(501, "upgrade_not_supported", "connections are not upgraded: no WebSockets pass here");
  }
  try {
    const address = backendAddress(backend.url, name, request.url);
    checkAddress(address.href, { allowedHosts });
    return { address, headers: requestHeaders(request.headers, caller, backend) };
  } catch (error) {
    if (error instanceof UnsafePath) throw new Problem(400, "unsafe_path", error.message);
    if (error instanceof ProxyLoop) {
      throw new Problem(508, "proxy_loop", `${name} leads back here: its address in the settings is this gateway's`);
    }
    if (error instanceof ForbiddenAddress) {
      log("error", "backend_forbidden", { backend: name, message: error.message });
      throw new Problem(502, "backend_forbidden", `${name} has an address in the settings that may not be called`);
    }
    throw error;
  }
}

/** The backend's failure to answer in time, and what its caller did. */
class Late extends Error {}
class Caller extends Error {}
class TooLong extends Caller {}
class TooSlow extends Caller {}
class Left extends Caller {}

/** Sends it, and again where that is allowed, until the time of all attempts is over. @throws Late, Caller */
async function attempt(request: Request, { backend }: Forwarding, address: URL, headers: Headers): Promise<Response> {
  const { method } = request;
  const body = method === "GET" || method === "HEAD" ? null : request.body;
  const repeatable = IDEMPOTENT.includes(method) && body === null;
  const attempts = repeatable ? backend.retries + 1 : 1;
  const end = Date.now() + backend.timeoutMs;
  for (let number = 1; ; number++) {
    const last = number === attempts;
    try {
      const response = await send(request, { address, headers, body, most: backend.maxBodyBytes, end });
      if (last || !AWAY.includes(response.status) || response.headers.has("retry-after")) return response;
      await response.body?.cancel();
    } catch (error) {
      if (last || error instanceof Late || error instanceof Caller) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** (number - 1)));
    if (Date.now() >= end) throw new Late();
  }
}

/** Sends it once. The time is that until its answer begins; each part of a body that gets through begins it anew. */
async function send(
  request: Request,
  sent: { address: URL; headers: Headers; body: ReadableStream<Uint8Array> | null; most: number; end: number },
): Promise<Response> {
  const { address, headers, body, most, end } = sent;
  const controller = new AbortController();
  const stop = () => controller.abort(new Left());
  if (request.signal.aborted) throw new Left();
  if (body && Number(request.headers.get("content-length") ?? 0) > most) throw new TooLong();
  request.signal.addEventListener("abort", stop, { once: true });
  const timeMs = Math.max(0, end - Date.now());
  let sending = false;
  const late = () => controller.abort(sending ? new TooSlow() : new Late());
  let timer = setTimeout(late, timeMs);
  let begun = false;
  const watcher: BodyWatcher = {
    waits(forSender) {
      sending = forSender;
      clearTimeout(timer);
      if (!begun && !controller.signal.aborted) timer = setTimeout(late, timeMs);
    },
    exceeded: () => controller.abort(new TooLong()),
  };
  try {
    return await fetch(address, {
      method: request.method,
      headers,
      body: body && limitedBody(body, most, watcher),
      redirect: "manual",
      signal: controller.signal,
    });
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    begun = true;
    clearTimeout(timer);
  }
}

/** The backend's answer as the client gets it. */
function answer(request: Request, response: Response, { name, backend }: Forwarding, address: URL): Response {
  const { status, statusText, body } = response;
  const headers = responseHeaders(response.headers);
  const location = headers.get("location");
  if (location !== null) headers.set("location", locationFor(location, address, backend.url, `/backends/${name}`));
  const empty = request.method === "HEAD" || [204, 205, 304].includes(status) || body === null;
  if (!empty) headers.delete("content-length");
  return new Response(empty ? null : watchedBody(body, backend.timeoutMs), { status, statusText, headers });
}

/** Names what went wrong. What was the client's doing does not count against the backend. */
async function failed(error: unknown, forwarding: Forwarding, circuit: Breaker, probe: boolean): Promise<unknown> {
  const { env, name, backend } = forwarding;
  if (error instanceof Caller) {
    if (probe) circuit.abandoned();
    if (error instanceof Left) return new Problem(503, "client_left", "the client left before the answer began");
    if (error instanceof TooSlow) {
      return new Problem(408, "too_slow", `nothing of the body came for ${backend.timeoutMs} ms`);
    }
    return new Problem(413, "too_large", `${name} takes bodies of at most ${backend.maxBodyBytes} bytes`);
  }
  await report(env, name, "badly", backend);
  const retry = { headers: { "retry-after": RETRY_SECONDS } };
  if (error instanceof Late) {
    return new Problem(504, "backend_timeout", `${name} did not answer within ${backend.timeoutMs} ms`, retry);
  }
  log("error", "backend_unreachable", { backend: name, message: String(error) });
  return new Problem(
    502,
    "backend_unreachable",
    `${name} could not be reached, or broke off before it answered`,
    retry,
  );
}
