import { signText } from "./sign-text.ts";

let last: { readonly ownerKey: string; readonly suffix: string } | undefined;

/** A name per stack, by its key: local stacks share a host, and ports do not separate cookies. */
export async function cookieName(purpose: "visitor" | "member", ownerKey: string): Promise<string> {
  if (last?.ownerKey !== ownerKey) {
    const signature = await signText("cookie name", ownerKey);
    last = { ownerKey, suffix: signature.replace(/[^0-9A-Za-z]/g, "").slice(0, 8) };
  }
  return `${purpose}_${last.suffix}`;
}

/** A cookie's value as the browser sent it. */
export function readCookie(request: Request, name: string): string | undefined {
  return request.headers
    .get("cookie")
    ?.split(";")
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

/**
 * A cookie that no script reads and no other site's form brings along.
 *
 * @param maxAge seconds; 0 ends it; left out: until the browser is closed
 */
export function setCookie(request: Request, name: string, value: string, maxAge?: number): string {
  const secure = new URL(request.url).protocol === "https:" ? "; Secure" : "";
  const age = maxAge === undefined ? "" : `; Max-Age=${maxAge}`;
  return `${name}=${value}; Path=/${age}; HttpOnly; SameSite=Lax${secure}`;
}
