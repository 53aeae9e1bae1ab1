import { timingSafeEqual } from "@tenner/worker-kit/timing-safe";
import type { Owner } from "./adapters/valuation-store.ts";

/** Somebody with a browser. */
export interface Visitor {
  readonly owner: Owner;
  /** The cookie that makes this visitor known again; null when it is already there. */
  readonly newCookie: string | null;
}

const FOUR_HUNDRED_DAYS = 34_560_000;

/** The visitor by the signed cookie, or a new one. */
export async function visitorOf(request: Request, ownerKey: string): Promise<Visitor> {
  const name = await cookieName(ownerKey);
  const given = readCookie(request.headers.get("cookie"), name);
  const [id = "", signature = ""] = (given ?? "").split(".");
  if (/^[0-9a-f]{32}$/.test(id) && (await timingSafeEqual(signature, await sign(id, ownerKey)))) {
    return { owner: ownerOf(id), newCookie: null };
  }
  const fresh = crypto.randomUUID().replaceAll("-", "");
  const secure = new URL(request.url).protocol === "https:" ? "; Secure" : "";
  const cookie = `${name}=${fresh}.${await sign(fresh, ownerKey)}; Path=/; Max-Age=${FOUR_HUNDRED_DAYS}; HttpOnly; SameSite=Lax${secure}`;
  return { owner: ownerOf(fresh), newCookie: cookie };
}

function ownerOf(id: string): Owner {
  return { id: `visitor:${id}`, authStatus: "visitor" };
}

/** A name per stack, by its key: local stacks share a host, and ports do not separate cookies. */
async function cookieName(ownerKey: string): Promise<string> {
  return `visitor_${(await sign("cookie name", ownerKey)).replace(/[^0-9A-Za-z]/g, "").slice(0, 8)}`;
}

async function sign(text: string, key: string): Promise<string> {
  const encoder = new TextEncoder();
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", encoder.encode(key), hmac, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", imported, encoder.encode(text)));
  return btoa(String.fromCharCode(...signature))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function readCookie(header: string | null, name: string): string | undefined {
  return header
    ?.split(";")
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}
