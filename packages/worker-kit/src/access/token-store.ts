import type { KeptKeys } from "./issuer-keys.ts";

/** By what a token is revoked. */
export type TokenName =
  | { readonly kind: "jti"; readonly issuer: string; readonly name: string }
  | { readonly kind: "sha256"; readonly name: string };

/** Revoked tokens, and copies of issuers' keys, in D1: the tables of `migrations/access`. */
export class TokenStore implements KeptKeys {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** Whether a tenant's token was revoked, by either of its names. */
  async isRevoked(token: { tenant: string; issuer: string; jti: string | null; sha256: string }): Promise<boolean> {
    const row = await this.#db
      .prepare(
        `SELECT 1 FROM revoked_tokens WHERE tenant = ?1 AND kind = 'sha256' AND issuer = '' AND name = ?2
         UNION ALL SELECT 1 FROM revoked_tokens WHERE tenant = ?1 AND kind = 'jti' AND issuer = ?3 AND name = ?4 LIMIT 1`,
      )
      .bind(token.tenant, token.sha256, token.issuer, token.jti)
      .first();
    return row !== null;
  }

  /** Revoking twice keeps the later time, until which the row is needed. */
  async revoke(tenant: string, token: TokenName, at: number): Promise<void> {
    await this.#db
      .prepare(
        `INSERT INTO revoked_tokens (tenant, kind, issuer, name, revoked_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET revoked_at = max(revoked_at, excluded.revoked_at)`,
      )
      .bind(tenant, token.kind, token.kind === "jti" ? token.issuer : "", token.name, at)
      .run();
  }

  async read(url: string): Promise<{ text: string; readAt: number } | null> {
    const row = await this.#db
      .prepare("SELECT keys, read_at FROM issuer_keys WHERE url = ?1")
      .bind(url)
      .first<{ keys: string; read_at: number }>();
    return row && { text: row.keys, readAt: row.read_at };
  }

  /** An older copy does not replace a newer one. */
  async write(url: string, text: string, readAt: number): Promise<void> {
    await this.#db
      .prepare(
        `INSERT INTO issuer_keys (url, keys, read_at) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET keys = excluded.keys, read_at = excluded.read_at WHERE read_at < excluded.read_at`,
      )
      .bind(url, text, readAt)
      .run();
  }
}

/** No token is valid for longer than 31 days, by the settings' bound. */
const LONGEST_LIFE_MS = 32 * 86_400_000;

/** For a cron: forgets revocations of tokens that cannot be valid any more. Returns how many. */
export async function forgetRevokedTokens(database: D1Database, at: number): Promise<number> {
  const statement = database.prepare("DELETE FROM revoked_tokens WHERE revoked_at < ?1");
  return (await statement.bind(at - LONGEST_LIFE_MS).run()).meta.changes;
}
