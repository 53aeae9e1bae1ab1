/** Where an item's JSON lies. */
export interface PayloadPlace {
  /** Of the part's object in R2. */
  readonly key: string;
  /** Bytes from the object's start. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}

/** The parts of batches in R2: items as NDJSON, many in one object. */
export class PartStore {
  readonly #bucket: R2Bucket;

  constructor(bucket: R2Bucket) {
    this.#bucket = bucket;
  }

  /**
   * Writes a part and returns its key. The content is part of the key: when a chore that runs twice makes another part
   * of the same items, because the pipeline changed in between, the rows of the one never point into the other.
   */
  async put(batchId: string, part: number, payload: Blob): Promise<string> {
    const bytes = await payload.arrayBuffer();
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes), 0, 8);
    const name = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const key = `${partsPrefix(batchId)}${String(part).padStart(5, "0")}-${name}.ndjson`;
    await this.#bucket.put(key, bytes);
    return key;
  }

  /** The values of items, in the order of their places; those of one part are fetched with one request. */
  async read(places: readonly PayloadPlace[]): Promise<unknown[]> {
    const ranges = new Map(
      [...Map.groupBy(places, (place) => place.key)].map(([key, group]) => {
        const from = Math.min(...group.map((place) => place.offset));
        const to = Math.max(...group.map((place) => place.offset + place.length));
        return [key, { from, bytes: this.#range(key, from, to - from) }];
      }),
    );
    return Promise.all(
      places.map(async ({ key, offset, length }) => {
        const range = ranges.get(key);
        if (!range) throw new Error(`${key} was not read`);
        const start = offset - range.from;
        const bytes = (await range.bytes).subarray(start, start + length);
        return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
      }),
    );
  }

  async #range(key: string, offset: number, length: number): Promise<Uint8Array> {
    const object = await this.#bucket.get(key, { range: { offset, length } });
    if (!object) throw new Error(`${key} is gone`);
    return new Uint8Array(await object.arrayBuffer());
  }
}

/** What the keys of a batch's parts begin with. */
export function partsPrefix(batchId: string): string {
  return `parts/${batchId}/`;
}
