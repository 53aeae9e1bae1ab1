import type { DocumentKind, DocumentRecord, DocumentState } from "../domain/documents/document.ts";

const COLUMNS =
  "id, tenant, name, kind, bytes, sha256, state, reason, message, pages, chunks, embedded, cost_nano, attempts, created_at, updated_at";

/** How long somebody may work on a document without saying that it goes on. */
const CLAIM_MS = 90_000;
/** Bytes that do not all arrive within this time never will. */
const RECEIVING_MS = 3_600_000;
/** When a message that should have come long ago is sent once more. */
const LOST_MS = 5 * 60_000;

/** A right to work on a document that nobody else has. */
export interface Claim {
  readonly id: string;
  readonly document: DocumentRecord;
}

/** The documents in the database. Whoever asks for a tenant sees that tenant's only. */
export class DocumentStore {
  readonly #database: D1Database;

  constructor(database: D1Database) {
    this.#database = database;
  }

  /**
   * Makes room for a document whose bytes are about to come.
   * @returns false when the tenant has as many as it may
   */
  async begin(
    document: { readonly id: string; readonly tenant: string; readonly name: string; readonly kind: DocumentKind },
    { most, at }: { readonly most: number; readonly at: number },
  ): Promise<boolean> {
    const { id, tenant, name, kind } = document;
    const { meta } = await this.#database
      .prepare(
        `INSERT INTO documents (id, tenant, name, kind, bytes, sha256, state, due_at, created_at, updated_at)
         SELECT ?1, ?2, ?3, ?4, 0, '', 'receiving', ?5, ?6, ?6
         WHERE (SELECT count(*) FROM documents WHERE tenant = ?2) < ?7`,
      )
      .bind(id, tenant, name, kind, at + RECEIVING_MS, at, most)
      .run();
    return meta.changes > 0;
  }

  /** Its bytes are there. */
  async received(
    id: string,
    { bytes, sha256 }: { bytes: number; sha256: string },
    at: number,
  ): Promise<DocumentRecord> {
    const record = await this.#database
      .prepare(
        `UPDATE documents SET state = 'queued', bytes = ?2, sha256 = ?3, due_at = ?4, updated_at = ?5
         WHERE id = ?1 AND state = 'receiving' RETURNING ${COLUMNS}`,
      )
      .bind(id, bytes, sha256, at + LOST_MS, at)
      .first<DocumentRecord>();
    if (!record) throw new Error(`document ${id} is not there any more`);
    return record;
  }

  /** Its bytes did not come. */
  async abandon(id: string): Promise<void> {
    await this.#database.prepare("DELETE FROM documents WHERE id = ?1 AND state = 'receiving'").bind(id).run();
  }

  async find(tenant: string, id: string): Promise<DocumentRecord | null> {
    return this.#database
      .prepare(`SELECT ${COLUMNS} FROM documents WHERE id = ?1 AND tenant = ?2 AND state != 'receiving'`)
      .bind(id, tenant)
      .first<DocumentRecord>();
  }

  /** Those of the tenant that are named and there. */
  async findAll(tenant: string, ids: readonly string[]): Promise<DocumentRecord[]> {
    const { results } = await this.#database
      .prepare(
        `SELECT ${COLUMNS} FROM documents
         WHERE tenant = ?1 AND id IN (SELECT value FROM json_each(?2)) AND state NOT IN ('receiving', 'deleting')`,
      )
      .bind(tenant, JSON.stringify(ids))
      .all<DocumentRecord>();
    return results;
  }

  /** Newest first. @param before the last id of the page before */
  async list(
    tenant: string,
    { state, before, limit }: { state: DocumentState | undefined; before: string | undefined; limit: number },
  ): Promise<DocumentRecord[]> {
    const { results } = await this.#database
      .prepare(
        `SELECT ${COLUMNS} FROM documents
         WHERE tenant = ?1 AND state != 'receiving' AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR id < ?3)
         ORDER BY id DESC LIMIT ?4`,
      )
      .bind(tenant, state ?? null, before ?? null, limit)
      .all<DocumentRecord>();
    return results;
  }

  /** How many of the tenant can be asked. */
  async countReady(tenant: string): Promise<number> {
    const count = await this.#database
      .prepare("SELECT count(*) AS count FROM documents WHERE tenant = ?1 AND state = 'ready'")
      .bind(tenant)
      .first<number>("count");
    return count ?? 0;
  }

  /** From now on nothing of it is found. @returns null when there is none */
  async markDeleting(tenant: string, id: string, at: number): Promise<DocumentRecord | null> {
    return this.#database
      .prepare(
        `UPDATE documents SET state = 'deleting', reason = NULL, message = NULL, attempts = 0, due_at = ?3, updated_at = ?4
         WHERE id = ?1 AND tenant = ?2 AND state != 'receiving' RETURNING ${COLUMNS}`,
      )
      .bind(id, tenant, at + LOST_MS, at)
      .first<DocumentRecord>();
  }

  /** Takes a document to work on; null when there is nothing to do, or somebody does it. Each try is counted. */
  async claim(id: string, at: number): Promise<Claim | null> {
    const claim = crypto.randomUUID();
    const document = await this.#database
      .prepare(
        `UPDATE documents SET claim = ?2, claimed_until = ?3, due_at = ?3, attempts = attempts + 1, updated_at = ?4,
           state = CASE state WHEN 'queued' THEN 'indexing' ELSE state END, reason = NULL, message = NULL
         WHERE id = ?1 AND due_at IS NOT NULL AND claimed_until <= ?4
           AND (state IN ('queued', 'indexing', 'deleting') OR (state = 'receiving' AND due_at <= ?4))
         RETURNING ${COLUMNS}`,
      )
      .bind(id, claim, at + CLAIM_MS, at)
      .first<DocumentRecord>();
    return document && { id: claim, document };
  }

  /** When whoever works on a document has to have said so again, ms; 0: nobody does. */
  async claimedUntil(id: string): Promise<number> {
    const until = await this.#database
      .prepare("SELECT claimed_until FROM documents WHERE id = ?1 AND due_at IS NOT NULL")
      .bind(id)
      .first<number>("claimed_until");
    return until ?? 0;
  }

  /** @returns false when the claim is lost, or the document is to be removed: then stop */
  async renew(claim: Claim, at: number): Promise<boolean> {
    const { meta } = await this.#database
      .prepare(
        `UPDATE documents SET claimed_until = ?3, due_at = ?3, updated_at = ?4
         WHERE id = ?1 AND claim = ?2 AND state = ?5`,
      )
      .bind(claim.document.id, claim.id, at + CLAIM_MS, at, claim.document.state)
      .run();
    return meta.changes > 0;
  }

  /** All of it can be found. */
  async markReady(claim: Claim, at: number): Promise<void> {
    await this.#end(claim, "ready", null, null, at);
  }

  async markFailed(claim: Claim, reason: string, message: string, at: number): Promise<void> {
    await this.#end(claim, "failed", reason, message, at);
  }

  /**
   * Gives a document back, to be taken again from `dueAt` on.
   * @param options.counts false: the attempt was not the document's fault
   */
  async release(
    claim: Claim,
    options: {
      readonly dueAt: number;
      readonly at: number;
      readonly counts: boolean;
      readonly reason?: string;
      readonly message?: string;
    },
  ): Promise<void> {
    const { dueAt, at, counts, reason = null, message = null } = options;
    await this.#database
      .prepare(
        `UPDATE documents SET claim = NULL, claimed_until = 0, due_at = ?3, reason = ?4, message = ?5, updated_at = ?6,
           state = CASE state WHEN 'indexing' THEN 'queued' ELSE state END, attempts = attempts - ?7
         WHERE id = ?1 AND claim = ?2`,
      )
      .bind(claim.document.id, claim.id, dueAt, reason, message, at, counts ? 0 : 1)
      .run();
  }

  /** Documents whose message was lost, or whose time has come. */
  async due(at: number, most: number): Promise<{ readonly id: string; readonly state: DocumentState }[]> {
    const { results } = await this.#database
      .prepare("SELECT id, state FROM documents WHERE due_at <= ?1 AND claimed_until <= ?1 ORDER BY due_at LIMIT ?2")
      .bind(at, most)
      .all<{ id: string; state: DocumentState }>();
    return results;
  }

  /** A message was sent; should it be lost, the next one follows. */
  async expect(id: string, at: number): Promise<void> {
    await this.#database
      .prepare("UPDATE documents SET due_at = ?2 WHERE id = ?1 AND due_at <= ?3 AND state != 'receiving'")
      .bind(id, at + LOST_MS, at)
      .run();
  }

  async #end(claim: Claim, state: "ready" | "failed", reason: string | null, message: string | null, at: number) {
    await this.#database
      .prepare(
        `UPDATE documents SET state = ?3, reason = ?4, message = ?5, claim = NULL, claimed_until = 0, due_at = NULL,
           updated_at = ?6 WHERE id = ?1 AND claim = ?2 AND state = 'indexing'`,
      )
      .bind(claim.document.id, claim.id, state, reason, message, at)
      .run();
  }
}
