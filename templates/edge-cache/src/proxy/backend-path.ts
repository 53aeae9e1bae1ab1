/** A path that could mean another one to somebody on its way. */
export class UnsafePath extends Error {
  override readonly name = "UnsafePath";
}

/**
 * The address that a request to `/backends/<name>/…` is for. What follows the name is taken as it was sent, for a URL
 * parser would have resolved `%2e%2e` already; whatever two parsers could read differently is refused.
 *
 * @param base the backend's own address
 * @param requestUrl the request's, as it came
 * @throws UnsafePath
 */
export function backendAddress(base: string, name: string, requestUrl: string): URL {
  const [, path = "", query = ""] = /^[a-z]+:\/\/[^/?#]*([^?#]*)(\?[^#]*)?/i.exec(requestUrl) ?? [];
  const prefix = `/backends/${name}`;
  if (path !== prefix && !path.startsWith(`${prefix}/`)) throw new UnsafePath(`a path below ${prefix}/ is expected`);
  const rest = path.slice(prefix.length);
  checkPath(rest);
  const root = new URL(base);
  const rootPath = root.pathname.replace(/\/$/, "");
  const address = new URL(`${root.origin}${rootPath}${rest}${query}`);
  // The last word is the parser's: whatever it made of the text has to be below the backend still.
  if (address.origin !== root.origin || !`${address.pathname}/`.startsWith(`${rootPath}/`)) {
    throw new UnsafePath("the path leads out of the backend");
  }
  return address;
}

function checkPath(path: string): void {
  if (/[^\x21-\x7e]|\\/.test(path)) throw new UnsafePath("a character in the path that has to be encoded");
  if (/%(?![0-9a-f]{2})/i.test(path)) throw new UnsafePath("a % in the path that encodes nothing");
  // Also encoded twice: %252f is a slash to who decodes twice.
  if (/%(25)*(2f|5c|00)/i.test(path)) throw new UnsafePath("an encoded slash, backslash or NUL in the path");
  if (path.includes("//")) throw new UnsafePath("two slashes in a row in the path");
  const dots = /(^|\/)(\.|%(25)*2e){1,2}(;[^/]*)?(\/|$)/i;
  if (dots.test(path)) throw new UnsafePath("a . or .. in the path");
}
