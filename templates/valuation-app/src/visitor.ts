import { timingSafeEqual } from "@tenner/worker-kit/timing-safe";
import type { Owner } from "./adapters/valuation-store.ts";
import { cookieName, readCookie, setCookie } from "./browser-cookie.ts";
import { signText } from "./sign-text.ts";

/** Somebody with a browser. */
export interface Visitor {
  readonly owner: Owner;
  /** The cookie that makes this visitor known again; null when it is already there. */
  readonly newCookie: string | null;
}

const FOUR_HUNDRED_DAYS = 34_560_000;

/** The visitor by the signed cookie, or a new one. */
export async function visitorOf(request: Request, ownerKey: string): Promise<Visitor> {
  const name = await cookieName("visitor", ownerKey);
  const [id = "", signature = ""] = (readCookie(request, name) ?? "").split(".");
  if (/^[0-9a-f]{32}$/.test(id) && (await timingSafeEqual(signature, await signText(id, ownerKey)))) {
    return { owner: ownerOf(id), newCookie: null };
  }
  const fresh = crypto.randomUUID().replaceAll("-", "");
  const value = `${fresh}.${await signText(fresh, ownerKey)}`;
  return { owner: ownerOf(fresh), newCookie: setCookie(request, name, value, FOUR_HUNDRED_DAYS) };
}

function ownerOf(id: string): Owner {
  return { id: `visitor:${id}`, authStatus: "visitor" };
}
