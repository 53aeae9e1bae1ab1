import type { Caller } from "../api-keys/contract.ts";
import { now } from "../clock.ts";
import type { Settings } from "../settings.ts";
import { sha256Hex } from "../timing-safe.ts";
import { Held } from "./held.ts";
import { IssuerKeys } from "./issuer-keys.ts";
import { TokenRefused } from "./token-error.ts";
import { type TokenName, TokenStore } from "./token-store.ts";
import { type VerifiedToken, verifyToken } from "./verify-token.ts";

/** What a Worker needs to take tokens; their shared secrets are bound under the names that the settings say. */
export interface TokenBindings {
  /** Has the tables of `migrations/access`. */
  readonly DB: D1Database;
}

/** Tokens are short; a longer one is not even looked at. */
export const LONGEST_TOKEN = 8_192;
const MOST_TOKENS = 5_000;

/**
 * Who calls by a token. Verified ones are remembered by the SHA-256 of the whole, never past their expiry nor past
 * `cacheSeconds`; whether one was revoked is at most five seconds old.
 */
export class TokenCallers {
  readonly #settings: Settings;
  readonly #env: TokenBindings;
  readonly #store: TokenStore;
  readonly #keys: ReadonlyMap<string, IssuerKeys>;
  readonly #verified = new Map<string, { readonly token: VerifiedToken; readonly until: number }>();
  readonly #revoked = new Held<boolean>(MOST_TOKENS);

  constructor(env: TokenBindings, settings: Settings) {
    this.#settings = settings;
    this.#env = env;
    this.#store = new TokenStore(env.DB);
    const { jwt, allowedHosts } = settings.access;
    this.#keys = new Map(
      jwt.issuers.flatMap((issuer) =>
        issuer.algorithm === "HS256"
          ? []
          : [[issuer.issuer, new IssuerKeys({ issuer, jwt, allowedHosts, now: () => now(env) })]],
      ),
    );
  }

  /**
   * @param later for work that may go on after the answer
   * @throws TokenRefused, TokenNotAllowed, IssuerUnavailable
   */
  async callerOf(token: string, later: (work: Promise<unknown>) => void): Promise<Caller> {
    const sha256 = await sha256Hex(token);
    const { tenant, scope, subjectId, issuer, jti } = await this.#verify(token, sha256);
    const isRevoked = () => this.#store.isRevoked({ tenant, issuer, jti, sha256 });
    if (await this.#revoked.of(sha256, isRevoked, later)) throw new TokenRefused("it was revoked");
    return { keyId: subjectId, tenant, scope, by: "token" };
  }

  /** Ends a token. A whole one is verified first, so that nobody ends another tenant's. @throws as `callerOf` */
  async namesOf(token: string): Promise<{ readonly tenant: string; readonly name: TokenName }> {
    const sha256 = await sha256Hex(token);
    const { tenant } = await this.#verify(token, sha256);
    return { tenant, name: { kind: "sha256", name: sha256 } };
  }

  /** At once in this isolate, within five seconds in the others. */
  async revoke(tenant: string, name: TokenName): Promise<void> {
    await this.#store.revoke(tenant, name, now(this.#env));
    this.#revoked.forget();
  }

  async #verify(token: string, sha256: string): Promise<VerifiedToken> {
    const at = now(this.#env);
    const known = this.#verified.get(sha256);
    if (known && at < known.until) return known.token;
    this.#verified.delete(sha256);
    const { jwt } = this.#settings.access;
    const verified = await verifyToken(token, {
      jwt,
      keys: this.#keys,
      kept: this.#store,
      secret: (name) => Reflect.get(this.#env, name),
      at,
    });
    this.#verified.set(sha256, { token: verified, until: Math.min(verified.expiresAt, at + jwt.cacheSeconds * 1_000) });
    if (this.#verified.size > MOST_TOKENS) this.#verified.delete(this.#verified.keys().next().value ?? sha256);
    return verified;
  }
}

/** By the parsed settings, which an isolate has once. */
const isolate = new WeakMap<Settings, TokenCallers>();

/** The isolate's one. */
export function tokenCallers(env: TokenBindings, settings: Settings): TokenCallers {
  const callers = isolate.get(settings) ?? new TokenCallers(env, settings);
  isolate.set(settings, callers);
  return callers;
}
