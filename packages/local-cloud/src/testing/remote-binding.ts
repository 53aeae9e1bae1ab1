/**
 * The request as the Worker's binding made it. Miniflare's remote bindings send it to another address with the
 * original URL in `mf-url` and its headers as `mf-header-…`; one that is not wrapped stays as it is.
 */
export function unwrapRemoteBinding(request: Request): Request {
  const url = request.headers.get("mf-url");
  if (url === null) return request;
  const headers = new Headers();
  for (const [name, value] of request.headers) {
    if (name.startsWith("mf-header-")) headers.set(name.slice("mf-header-".length), value);
  }
  const body = request.method === "GET" || request.method === "HEAD" ? null : request.body;
  return new Request(url, {
    method: request.method,
    headers,
    body,
    signal: request.signal,
    ...(body && { duplex: "half" }),
  } as RequestInit);
}
