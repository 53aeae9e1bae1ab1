import { settingsOf } from "@tenner/worker-kit/env-settings";
import { log } from "@tenner/worker-kit/log";
import { memberOf, takesMembers } from "./member.ts";
import renderer from "./page-renderer.ts";
import { securityHeadersOf } from "./security-headers.ts";
import { visitorOf } from "./visitor.ts";

/**
 * Serves a page, or what a page asks for: knows the visitor or member, refuses what another site's page sends, and puts the
 * security headers on.
 */
export async function servePage(request: Request, env: Env): Promise<Response> {
  const started = Date.now();
  const requestId = crypto.randomUUID();
  const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
  const url = new URL(request.url);
  const [visitor, known] = await Promise.all([visitorOf(request, env.OWNER_KEY), memberOf(request, env)]);
  const bounded =
    known.kind === "unknown"
      ? refusal(503, "Whether you are signed in cannot be found out now. Try again in a moment.")
      : await boundedRequest(request, settingsOf(env).limits.maxInputBytes);
  const member = known.kind === "member" ? known.member : null;
  const context = {
    nonce,
    owner: member?.owner ?? visitor.owner,
    known: visitor.newCookie === null,
    member: member && { tenant: member.tenant },
    takesMembers: takesMembers(env),
    origin: url.origin,
  };
  const answer = bounded instanceof Response ? bounded : await renderer.fetch(bounded, { context });

  const response = new Response(answer.body, answer);
  for (const [name, value] of Object.entries(securityHeadersOf(nonce))) response.headers.set(name, value);
  response.headers.set("x-request-id", requestId);
  // What a page shows depends on who asks.
  if (!response.headers.has("cache-control")) response.headers.set("cache-control", "private, no-cache");
  if (visitor.newCookie !== null && request.method === "POST") response.headers.append("set-cookie", visitor.newCookie);
  // Not over the cookie of somebody who signs in anew.
  if (known.kind === "ended" && request.method === "GET") response.headers.append("set-cookie", known.endCookie);
  log(response.status >= 500 ? "error" : "info", "request", {
    request_id: requestId,
    method: request.method,
    path: url.pathname,
    status: response.status,
    ms: Date.now() - started,
  });
  return response;
}

/** The request with its body read, or the refusal of one that is too large or comes from another site. */
async function boundedRequest(request: Request, maxBytes: number): Promise<Request | Response> {
  if (request.method === "GET" || request.method === "HEAD") return request;
  const origin = request.headers.get("origin");
  const site = request.headers.get("sec-fetch-site");
  if ((origin !== null && origin !== new URL(request.url).origin) || site === "cross-site") {
    return refusal(403, "This form belongs to another site.");
  }
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) return refusal(413, "That is more than can be read here.");
    chunks.push(chunk);
  }
  return new Request(request.url, {
    method: request.method,
    headers: request.headers,
    body: await new Blob(chunks).arrayBuffer(),
    signal: request.signal,
  });
}

function refusal(status: number, text: string): Response {
  return new Response(`${text}\n`, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}
