import { decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { Access, JwtIssuer } from "../settings/access.ts";
import { sha256Hex } from "../timing-safe.ts";
import type { IssuerKeys, KeptKeys } from "./issuer-keys.ts";
import { IssuerUnavailable, TokenNotAllowed, TokenRefused } from "./token-error.ts";

/** What a good token says. */
export interface VerifiedToken {
  readonly issuer: string;
  /** Who it is for, the same for all tokens of a subject: `jwt_` and 32 hexadecimal digits. */
  readonly subjectId: string;
  readonly tenant: string;
  readonly scope: "admin" | "member";
  /** Its own id; null without one. */
  readonly jti: string | null;
  /** ms */
  readonly expiresAt: number;
}

export interface VerifyOptions {
  readonly jwt: Access["jwt"];
  /** Keys by the names of issuers that publish them. */
  readonly keys: ReadonlyMap<string, IssuerKeys>;
  readonly kept?: KeptKeys | undefined;
  /** A secret of the Worker by its name. */
  readonly secret: (name: string) => unknown;
  /** ms */
  readonly at: number;
}

/** As in API keys: it is part of keys and namespaces. */
const TENANT = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
const LEAST_SECRET_BYTES = 32;

/**
 * Verifies a token: by its issuer's one algorithm, keys, audience and times.
 *
 * @throws TokenRefused for one that is not good; TokenNotAllowed for a good one that opens nothing here;
 * IssuerUnavailable when it cannot be told
 */
export async function verifyToken(token: string, options: VerifyOptions): Promise<VerifiedToken> {
  const issuer = issuerOf(token, options.jwt);
  const payload = await verified(token, issuer, options);
  const { exp } = payload;
  if (exp === undefined) throw new TokenRefused('its claim "exp" is missing');
  const { longestSeconds, leewaySeconds } = options.jwt;
  if (exp > options.at / 1_000 + longestSeconds + leewaySeconds) {
    throw new TokenRefused(`it is valid for longer than ${longestSeconds} seconds`);
  }
  return {
    issuer: issuer.issuer,
    tenant: tenantOf(payload, issuer),
    scope: scopeOf(payload, issuer),
    subjectId: await subjectIdOf(payload, issuer),
    jti: jtiOf(payload),
    expiresAt: exp * 1_000,
  };
}

/** Which issuer a token claims to be of. Nothing else is believed of it before it is verified. */
function issuerOf(token: string, { issuers }: Access["jwt"]): JwtIssuer {
  let named: unknown;
  try {
    named = decodeJwt(token).iss;
  } catch (cause) {
    throw new TokenRefused("it is not a JSON Web Token", { cause });
  }
  const issuer = issuers.find((each) => each.issuer === named);
  if (!issuer) throw new TokenRefused("its issuer is not one of the settings");
  return issuer;
}

async function verified(token: string, issuer: JwtIssuer, options: VerifyOptions): Promise<JWTPayload> {
  const rules = {
    algorithms: issuer.algorithm === "EdDSA" ? ["EdDSA", "Ed25519"] : [issuer.algorithm],
    issuer: issuer.issuer,
    audience: issuer.audience,
    requiredClaims: ["exp"],
    clockTolerance: options.jwt.leewaySeconds,
    currentDate: new Date(options.at),
  };
  try {
    if (issuer.algorithm === "HS256") {
      return (await jwtVerify(token, sharedSecret(issuer.secret, options.secret), rules)).payload;
    }
    const keys = options.keys.get(issuer.issuer);
    if (!keys) throw new Error(`there are no keys for ${issuer.issuer}`);
    const find: JWTVerifyGetKey = (header, input) => keys.keyFor(header, input, options.kept);
    return (await jwtVerify(token, find, rules)).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) throw new TokenRefused(reasonOf(error, issuer), { cause: error });
    throw error;
  }
}

function sharedSecret(name: string, secret: VerifyOptions["secret"]): Uint8Array {
  const text = secret(name);
  const bytes = new TextEncoder().encode(typeof text === "string" ? text : "");
  if (bytes.byteLength >= LEAST_SECRET_BYTES) return bytes;
  throw new IssuerUnavailable(`this Worker has no secret ${name} of at least ${LEAST_SECRET_BYTES} bytes`, 60);
}

function reasonOf(error: errors.JOSEError, { algorithm }: JwtIssuer): string {
  if (error instanceof errors.JWTExpired) return "it has expired";
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.reason === "missing") return `its claim "${error.claim}" is missing`;
    return error.claim === "nbf" ? "it is not valid yet" : `its claim "${error.claim}" is not the right one`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return `its issuer signs with ${algorithm}`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return "its signature does not match";
  return "it is not a JSON Web Token that can be verified";
}

function tenantOf(payload: JWTPayload, { tenantClaim, tenants }: JwtIssuer): string {
  const tenant = claimAt(payload, tenantClaim);
  if (typeof tenant !== "string" || !TENANT.test(tenant)) {
    throw new TokenNotAllowed(`the token names no tenant in its claim "${[tenantClaim].flat().join(".")}"`);
  }
  if (tenants && !tenants.includes(tenant)) {
    throw new TokenNotAllowed(`the token's issuer does not speak for tenant "${tenant}"`);
  }
  return tenant;
}

function scopeOf(payload: JWTPayload, { scopeClaim, memberScope, adminScope }: JwtIssuer): VerifiedToken["scope"] {
  const claimed = claimAt(payload, scopeClaim);
  const scopes = Array.isArray(claimed) ? claimed : typeof claimed === "string" ? claimed.split(" ") : [];
  if (adminScope !== undefined && scopes.includes(adminScope)) return "admin";
  if (memberScope === undefined || scopes.includes(memberScope)) return "member";
  throw new TokenNotAllowed(`the token has not the scope "${memberScope}"`);
}

/** Own properties only: "__proto__" names nothing. */
function claimAt(payload: JWTPayload, path: string | readonly string[]): unknown {
  return [path].flat().reduce<unknown>((value, name) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    return Reflect.get(value, name);
  }, payload);
}

/** Limits count by it, so a new token does not begin anew. Without a subject the tenant's tokens count as one. */
async function subjectIdOf(payload: JWTPayload, issuer: JwtIssuer): Promise<string> {
  const subject = typeof payload.sub === "string" ? payload.sub : null;
  const hash = await sha256Hex(
    JSON.stringify([issuer.issuer, subject, subject === null ? tenantOf(payload, issuer) : ""]),
  );
  return `jwt_${hash.slice(0, 32)}`;
}

function jtiOf({ jti }: JWTPayload): string | null {
  if (jti === undefined) return null;
  if (typeof jti === "string" && jti.length >= 1 && jti.length <= 255) return jti;
  throw new TokenRefused('its claim "jti" is not a text of 1 to 255 characters');
}
