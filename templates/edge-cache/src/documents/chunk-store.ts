import { sha256Hex } from "@tenner/worker-kit/timing-safe";
import type { PageBreak } from "../domain/documents/page-of.ts";

/** A chunk that is to be kept. */
export interface NewChunk {
  readonly position: number;
  readonly start: number;
  readonly heading: string;
  readonly pages: readonly PageBreak[];
  readonly text: string;
}

/** A chunk that was found, with what an answer cites of it. */
export interface FoundChunk {
  readonly document: string;
  readonly name: string;
  readonly position: number;
  readonly start: number;
  readonly heading: string;
  readonly pages: readonly PageBreak[];
  readonly text: string;
}

interface ChunkRow extends Omit<FoundChunk, "pages"> {
  readonly pages: string;
}

/** Chunks of one statement: a parameter may have 2 MB. */
const ROWS_A_STATEMENT = 200;

/** The token by which the full-text index knows a tenant's chunks. A digit at its end keeps the stemmer off it. */
export async function scopeOf(tenant: string): Promise<string> {
  return `t${(await sha256Hex(tenant)).slice(0, 40)}0`;
}

/** The chunks of documents and their words. */
export class ChunkStore {
  readonly #database: D1Database;

  constructor(database: D1Database) {
    this.#database = database;
  }

  /** Writes a document's chunks, and how many pages and chunks it has, once and as a whole. Half of it, left by a crash, is replaced. */
  async write(
    document: { readonly id: string; readonly tenant: string },
    chunks: readonly NewChunk[],
    { pages, at }: { readonly pages: number | null; readonly at: number },
  ): Promise<void> {
    const { id, tenant } = document;
    const scope = await scopeOf(tenant);
    await this.#database.batch(this.#removal(id));
    for (let from = 0; from < chunks.length; from += ROWS_A_STATEMENT) {
      const rows = JSON.stringify(chunks.slice(from, from + ROWS_A_STATEMENT));
      await this.#database.batch([
        this.#database
          .prepare(
            `INSERT INTO chunks (tenant, document, position, start, heading, pages)
             SELECT ?1, ?2, value ->> 'position', value ->> 'start', value ->> 'heading', value -> 'pages' FROM json_each(?3)`,
          )
          .bind(tenant, id, rows),
        this.#database
          .prepare(
            `INSERT INTO chunk_words (rowid, scope, text)
             SELECT chunks.id, ?1, value ->> 'text' FROM json_each(?3)
             JOIN chunks ON chunks.document = ?2 AND chunks.position = value ->> 'position'`,
          )
          .bind(scope, id, rows),
      ]);
    }
    await this.#database
      .prepare("UPDATE documents SET chunks = ?2, pages = ?3, embedded = 0, updated_at = ?4 WHERE id = ?1")
      .bind(id, chunks.length, pages, at)
      .run();
  }

  /** How many chunks a document has. */
  async count(document: string): Promise<number> {
    const count = await this.#database
      .prepare("SELECT count(*) AS count FROM chunks WHERE document = ?1")
      .bind(document)
      .first<number>("count");
    return count ?? 0;
  }

  /** The next chunks that have no vector yet. */
  async withoutVector(document: string, most: number): Promise<{ position: number; heading: string; text: string }[]> {
    const { results } = await this.#database
      .prepare(
        `SELECT position, heading, text FROM chunks JOIN chunk_words ON chunk_words.rowid = chunks.id
         WHERE document = ?1 AND embedded = 0 ORDER BY position LIMIT ?2`,
      )
      .bind(document, most)
      .all<{ position: number; heading: string; text: string }>();
    return results;
  }

  /** These have a vector now, which cost so much. */
  async markEmbedded(document: string, positions: readonly number[], costNano: number): Promise<void> {
    const [first = 0, last = 0] = [positions[0], positions.at(-1)];
    await this.#database.batch([
      this.#database
        .prepare("UPDATE chunks SET embedded = 1 WHERE document = ?1 AND position BETWEEN ?2 AND ?3")
        .bind(document, first, last),
      this.#database
        .prepare(
          `UPDATE documents SET embedded = (SELECT count(*) FROM chunks WHERE document = ?1 AND embedded = 1),
             cost_nano = cost_nano + ?2, attempts = 0 WHERE id = ?1`,
        )
        .bind(document, costNano),
    ]);
  }

  /** The chunks with these words, best first, of the tenant's documents that are ready. */
  async search(
    tenant: string,
    match: string,
    { documents, most }: { readonly documents: readonly string[] | null; readonly most: number },
  ): Promise<FoundChunk[]> {
    const { results } = await this.#database
      .prepare(
        `SELECT chunks.document, documents.name, chunks.position, chunks.start, chunks.heading, chunks.pages, chunk_words.text
         FROM chunk_words
         JOIN chunks ON chunks.id = chunk_words.rowid
         JOIN documents ON documents.id = chunks.document
         WHERE chunk_words MATCH ?1 AND chunks.tenant = ?2 AND documents.tenant = ?2 AND documents.state = 'ready'
           AND (?3 IS NULL OR chunks.document IN (SELECT value FROM json_each(?3)))
         ORDER BY bm25(chunk_words, 0.0, 1.0) LIMIT ?4`,
      )
      .bind(match, tenant, documents && JSON.stringify(documents), most)
      .all<ChunkRow>();
    return results.map(fromRow);
  }

  /**
   * Of these chunks those that are the tenant's, in documents that are ready, in no order. Whatever a vector says, this
   * decides what may be read.
   */
  async ofTenant(
    tenant: string,
    places: readonly { readonly document: string; readonly position: number }[],
    documents: readonly string[] | null,
  ): Promise<FoundChunk[]> {
    const { results } = await this.#database
      .prepare(
        `SELECT chunks.document, documents.name, chunks.position, chunks.start, chunks.heading, chunks.pages, chunk_words.text
         FROM json_each(?1)
         JOIN chunks ON chunks.document = value ->> 'document' AND chunks.position = value ->> 'position'
         JOIN documents ON documents.id = chunks.document
         JOIN chunk_words ON chunk_words.rowid = chunks.id
         WHERE chunks.tenant = ?2 AND documents.tenant = ?2 AND documents.state = 'ready'
           AND (?3 IS NULL OR chunks.document IN (SELECT value FROM json_each(?3)))`,
      )
      .bind(JSON.stringify(places), tenant, documents && JSON.stringify(documents))
      .all<ChunkRow>();
    return results.map(fromRow);
  }

  /** Removes a document with all of its chunks. */
  async removeDocument(document: string): Promise<void> {
    await this.#database.batch([
      ...this.#removal(document),
      this.#database.prepare("DELETE FROM documents WHERE id = ?1").bind(document),
    ]);
  }

  #removal(document: string): D1PreparedStatement[] {
    return [
      this.#database
        .prepare("DELETE FROM chunk_words WHERE rowid IN (SELECT id FROM chunks WHERE document = ?1)")
        .bind(document),
      this.#database.prepare("DELETE FROM chunks WHERE document = ?1").bind(document),
    ];
  }
}

function fromRow(row: ChunkRow): FoundChunk {
  return { ...row, pages: JSON.parse(row.pages) as PageBreak[] }; // as `write` wrote it
}
