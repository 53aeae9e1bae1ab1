import { createHmac, timingSafeEqual } from "node:crypto";
import { errors } from "./errors.ts";

/** What an assets token proves. */
export interface AssetsClaims {
  readonly accountId: string;
  readonly manifestId: string;
  /** `session`: files may be uploaded. `complete`: all are there, and a version may use them. */
  readonly state: "session" | "complete";
}

const HOUR = 3600;
const HEADER = encode({ alg: "HS256", typ: "JWT" });

/** A JSON Web Token, as wrangler reads its expiry. @param now ms since 1970. */
export function signToken(claims: AssetsClaims, key: string, now: number): string {
  const issued = Math.floor(now / 1000);
  const body = `${HEADER}.${encode({ ...claims, iat: issued, exp: issued + HOUR })}`;
  return `${body}.${signature(body, key)}`;
}

/** @throws {ApiError} 401 when the token is not ours or has expired. */
export function readToken(token: string, key: string, now: number): AssetsClaims {
  const [header, payload, given] = token.split(".");
  if (payload === undefined || given === undefined) throw errors.invalidToken();
  const wanted = Buffer.from(signature(`${header}.${payload}`, key));
  const offered = Buffer.from(given);
  if (offered.length !== wanted.length || !timingSafeEqual(offered, wanted)) throw errors.invalidToken();
  // Signed by us, so it is what we wrote.
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as AssetsClaims & { exp: number };
  if (claims.exp * 1000 < now) throw errors.invalidToken();
  return claims;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

const signature = (body: string, key: string) => createHmac("sha256", key).update(body).digest("base64url");
