import { waitUntil } from "cloudflare:workers";
import { tokenCallers } from "@tenner/worker-kit/access";
import { IssuerUnavailable, TokenNotAllowed, TokenRefused } from "@tenner/worker-kit/access/token-error";
import type { Caller } from "@tenner/worker-kit/api-keys";
import { settingsOf } from "@tenner/worker-kit/env-settings";
import { log } from "@tenner/worker-kit/log";
import { type Owner, ValuationStore } from "./adapters/valuation-store.ts";
import { cookieName, readCookie, setCookie } from "./browser-cookie.ts";

/** Somebody whom an issuer of tokens knows: the same person in every browser. */
interface Member {
  readonly owner: Owner;
  readonly tenant: string;
}

/** Who a browser's token says it is. */
export type KnownMember =
  | { readonly kind: "none" }
  | { readonly kind: "member"; readonly member: Member }
  /** The token is over, or was revoked: the cookie goes. */
  | { readonly kind: "ended"; readonly endCookie: string }
  /** Whether it is good cannot be found out now. */
  | { readonly kind: "unknown" };

export type SignInResult =
  | { readonly ok: true; readonly cookie: string }
  | { readonly ok: false; readonly problem: string };

/** Browsers drop a cookie of more than 4,096 bytes without a word. */
const LONGEST_TOKEN = 3_900;

/** Whether the stack has an issuer whose tokens are taken. */
export function takesMembers(env: Env): boolean {
  return settingsOf(env).access.jwt.issuers.length > 0;
}

/** Whose a token's valuations are: its subject's, within its tenant. */
export function memberOwner({ tenant, keyId }: Caller): Owner {
  return { id: `member:${tenant}:${keyId}`, authStatus: "member" };
}

/** The member by the browser's token, which is verified each time: a revoked one ends within seconds. */
export async function memberOf(request: Request, env: Env): Promise<KnownMember> {
  if (!takesMembers(env)) return { kind: "none" };
  const name = await cookieName("member", env.OWNER_KEY);
  const token = readCookie(request, name);
  if (token === undefined || token === "") return { kind: "none" };
  try {
    return { kind: "member", member: await verified(env, token) };
  } catch (error) {
    if (error instanceof IssuerUnavailable) return { kind: "unknown" };
    if (!(error instanceof TokenRefused) && !(error instanceof TokenNotAllowed)) throw error;
    log("info", "member_ended", { message: error.message });
    return { kind: "ended", endCookie: setCookie(request, name, "", 0) };
  }
}

/** Takes a token for this browser. What its visitor had appraised goes along to the member. */
export async function signIn(env: Env, token: unknown, request: Request, before: Owner): Promise<SignInResult> {
  if (!takesMembers(env)) return { ok: false, problem: "This app has no members: no issuer of tokens is set up." };
  const text = typeof token === "string" ? token.trim() : "";
  if (text === "") return { ok: false, problem: "Paste the token that your organisation gave you." };
  if (text.length > LONGEST_TOKEN) {
    return { ok: false, problem: `This token has more than ${LONGEST_TOKEN} characters, which no browser keeps.` };
  }
  try {
    const { owner } = await verified(env, text);
    if (before.authStatus === "visitor") await new ValuationStore(env.DB).handOver(before.id, owner);
    return { ok: true, cookie: setCookie(request, await cookieName("member", env.OWNER_KEY), text) };
  } catch (error) {
    if (error instanceof TokenRefused) return { ok: false, problem: `The token is not taken: ${error.message}.` };
    if (error instanceof TokenNotAllowed)
      return { ok: false, problem: `The token opens nothing here: ${error.message}.` };
    if (error instanceof IssuerUnavailable) {
      return { ok: false, problem: "Whether the token is good cannot be found out now. Try again in a moment." };
    }
    throw error;
  }
}

/** The cookie that makes a browser forget its member. */
export async function signOut(env: Env, request: Request): Promise<string> {
  return setCookie(request, await cookieName("member", env.OWNER_KEY), "", 0);
}

async function verified(env: Env, token: string): Promise<Member> {
  const caller = await tokenCallers(env, settingsOf(env)).callerOf(token, (work) => waitUntil(work));
  return { owner: memberOwner(caller), tenant: caller.tenant };
}
