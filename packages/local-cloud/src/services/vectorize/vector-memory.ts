/** Bytes of a block: vectors of one index only. */
export const BLOCK_BYTES = 256 * 1024;
/** Rows that one scan takes at most. */
export const SCAN_ROWS = 256 * 1024;
/** Where things are in the memory. The first page holds the words by which the scanning threads agree. */
export const QUERY_ADDRESS = 1024;
export const ROWS_ADDRESS = 64 * 1024;
export const SCORES_ADDRESS = ROWS_ADDRESS + SCAN_ROWS * 4;
const BLOCKS_ADDRESS = 9 * BLOCK_BYTES;
const PAGE_BYTES = 64 * 1024;
/** 4 GiB: where WebAssembly's addresses end. */
const MAX_PAGES = 65_536;

/**
 * The vectors of all indexes, in one WebAssembly memory that the scanning threads share. Untouched parts of it cost
 * nothing.
 */
export class VectorMemory {
  readonly memory = new WebAssembly.Memory({ initial: BLOCKS_ADDRESS / PAGE_BYTES, maximum: MAX_PAGES, shared: true });
  readonly #free: number[] = [];
  #pages = BLOCKS_ADDRESS / PAGE_BYTES;

  /** The address of a block, with anything in it; undefined when there is no more room. */
  allocate(): number | undefined {
    const reused = this.#free.pop();
    if (reused !== undefined) return reused;
    const address = this.#pages * PAGE_BYTES;
    const pages = BLOCK_BYTES / PAGE_BYTES;
    if (this.#pages + pages > MAX_PAGES) return undefined;
    try {
      this.memory.grow(pages);
    } catch {
      return undefined;
    }
    this.#pages += pages;
    return address;
  }

  release(blocks: readonly number[]): void {
    this.#free.push(...blocks);
  }

  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, length);
  }

  words(address: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, address, length);
  }
}
