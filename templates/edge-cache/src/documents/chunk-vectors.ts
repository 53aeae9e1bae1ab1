/** A chunk's vector. */
export interface ChunkVector {
  readonly position: number;
  readonly values: number[];
}

/** A chunk that is near in meaning. */
export interface NearChunk {
  readonly document: string;
  readonly position: number;
  /** Cosine. */
  readonly similarity: number;
}

/** What Vectorize takes at once. */
const IDS_TO_DELETE = 100;
const IDS_TO_GET = 20;

/**
 * The chunks' vectors. A tenant has a namespace of its own, and every vector says whose it is and of which document;
 * whoever reads what was found asks the database once more.
 */
export class ChunkVectors {
  readonly #index: VectorizeIndex;

  constructor(index: VectorizeIndex) {
    this.#index = index;
  }

  async put(
    document: { readonly id: string; readonly tenant: string },
    vectors: readonly ChunkVector[],
  ): Promise<void> {
    const { id, tenant } = document;
    await this.#index.upsert(
      vectors.map(({ position, values }) => ({
        id: vectorId(id, position),
        namespace: tenant,
        values,
        metadata: { tenant, document: id },
      })),
    );
  }

  /** The nearest chunks of a tenant, nearest first. @param documents of these only */
  async near(
    tenant: string,
    values: number[],
    { documents, most }: { readonly documents: readonly string[] | null; readonly most: number },
  ): Promise<NearChunk[]> {
    const { matches } = await this.#index.query(values, {
      topK: most,
      namespace: tenant,
      filter: { tenant, ...(documents && { document: { $in: [...documents] } }) },
      returnMetadata: "none",
      returnValues: false,
    });
    return matches.flatMap(({ id, score }) => {
      const place = placeOf(id);
      return place ? [{ ...place, similarity: score }] : [];
    });
  }

  /** Asks for the removal of a document's vectors. Mutations are done in their order. */
  async remove(document: string, count: number): Promise<void> {
    const ids = Array.from({ length: count }, (_, position) => vectorId(document, position));
    for (let from = 0; from < ids.length; from += IDS_TO_DELETE) {
      await this.#index.deleteByIds(ids.slice(from, from + IDS_TO_DELETE));
    }
  }

  /** How many of the last of these chunks have a vector that can be seen, of how many. */
  async visible(document: string, count: number): Promise<{ readonly seen: number; readonly of: number }> {
    const first = Math.max(0, count - IDS_TO_GET);
    const ids = Array.from({ length: count - first }, (_, index) => vectorId(document, first + index));
    if (ids.length === 0) return { seen: 0, of: 0 };
    return { seen: (await this.#index.getByIds(ids)).length, of: ids.length };
  }
}

function vectorId(document: string, position: number): string {
  return `${document}:${position}`;
}

function placeOf(id: string): { document: string; position: number } | null {
  const [, document, position] = /^(.+):(\d+)$/.exec(id) ?? [];
  return document !== undefined && position !== undefined ? { document, position: Number(position) } : null;
}
