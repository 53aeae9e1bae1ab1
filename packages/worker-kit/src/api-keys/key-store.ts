import { Held } from "../access/held.ts";
import { type ApiKey, type Caller, KeyScope } from "./contract.ts";

interface KeyRow {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly scope: Caller["scope"];
  readonly hint: string;
  readonly created_at: number;
  readonly revoked_at: number | null;
}

const MOST_CALLERS = 5_000;

/** By the database's binding, which an isolate has once. */
const heldCallers = new WeakMap<D1Database, Held<Caller | null>>();

/** The API keys in D1, by their hashes. */
export class KeyStore {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /**
   * Whose key has this hash; null when none or revoked, which is found out within five seconds of a revocation elsewhere,
   * and at once in the isolate that revoked.
   *
   * @param later for work that may go on after the answer
   */
  callerOf(hash: string, later: (work: Promise<unknown>) => void): Promise<Caller | null> {
    return this.#callers().of(hash, () => this.#readCaller(hash), later);
  }

  #callers(): Held<Caller | null> {
    const held = heldCallers.get(this.#db) ?? new Held<Caller | null>(MOST_CALLERS);
    heldCallers.set(this.#db, held);
    return held;
  }

  async #readCaller(hash: string): Promise<Caller | null> {
    const row = await this.#db
      .prepare("SELECT id, tenant, scope FROM api_keys WHERE hash = ?1 AND revoked_at IS NULL")
      .bind(hash)
      .first<Pick<KeyRow, "id" | "tenant" | "scope">>();
    return row && { keyId: row.id, tenant: row.tenant, scope: KeyScope.parse(row.scope), by: "key" };
  }

  async create(
    key: Pick<KeyRow, "id" | "tenant" | "name" | "scope" | "hint" | "created_at"> & { hash: string },
  ): Promise<ApiKey> {
    const row = await this.#db
      .prepare(
        `INSERT INTO api_keys (id, tenant, name, scope, hash, hint, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING *`,
      )
      .bind(key.id, key.tenant, key.name, key.scope, key.hash, key.hint, key.created_at)
      .first<KeyRow>();
    if (!row) throw new Error("the key was not stored");
    return toApiKey(row);
  }

  async list(page: { before: string | undefined; limit: number }): Promise<ApiKey[]> {
    const { results } = await this.#db
      .prepare("SELECT * FROM api_keys WHERE id < ?1 ORDER BY id DESC LIMIT ?2")
      .bind(page.before ?? "~", page.limit)
      .all<KeyRow>();
    return results.map(toApiKey);
  }

  /** Revokes a key; null when there is none with this id. Revoking twice keeps the first time. */
  async revoke(id: string, now: number): Promise<ApiKey | null> {
    const row = await this.#db
      .prepare("UPDATE api_keys SET revoked_at = COALESCE(revoked_at, ?2) WHERE id = ?1 RETURNING *")
      .bind(id, now)
      .first<KeyRow & { hash: string }>();
    if (row) this.#callers().forget(row.hash);
    return row && toApiKey(row);
  }
}

function toApiKey(row: KeyRow): ApiKey {
  return {
    id: row.id,
    tenant: row.tenant,
    name: row.name,
    scope: row.scope,
    hint: row.hint,
    created_at: new Date(row.created_at).toISOString(),
    revoked_at: row.revoked_at === null ? null : new Date(row.revoked_at).toISOString(),
  };
}
