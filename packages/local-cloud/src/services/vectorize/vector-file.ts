import { closeSync, constants, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";

const HEADER_BYTES = 64;

/** The vectors of an index on disk: a header, then rows of 32-bit floats, by slot. Only ever appended to. */
export class VectorFile {
  readonly path: string;
  readonly #descriptor: number;
  readonly #rowBytes: number;

  /**
   * @param rowBytes a row with its padding.
   * @throws {Error} when it is not there and not to be created, or is another kind of file.
   */
  constructor(
    path: string,
    { dimensions, rowBytes, create }: { dimensions: number; rowBytes: number; create: boolean },
  ) {
    this.path = path;
    this.#rowBytes = rowBytes;
    this.#descriptor = openSync(path, create ? constants.O_RDWR | constants.O_CREAT : constants.O_RDWR);
    const header = Buffer.alloc(HEADER_BYTES);
    header.write(`vectors 1, ${dimensions} dimensions, ${rowBytes} bytes a row\n`);
    if (create) {
      ftruncateSync(this.#descriptor, 0);
      writeAll(this.#descriptor, header, 0);
      return;
    }
    const found = Buffer.alloc(HEADER_BYTES);
    readSync(this.#descriptor, found, 0, HEADER_BYTES, 0);
    if (!found.equals(header)) {
      this.close();
      throw new Error(`its header is not that of vectors with ${dimensions} dimensions`);
    }
  }

  /** Whole rows that are there. */
  rows(): number {
    return Math.floor((fstatSync(this.#descriptor).size - HEADER_BYTES) / this.#rowBytes);
  }

  /** Writes rows from `slot` on. */
  write(slot: number, rows: Uint8Array): void {
    writeAll(this.#descriptor, rows, HEADER_BYTES + slot * this.#rowBytes);
  }

  /** What was written is on the disk when this returns. */
  sync(): void {
    fdatasyncSync(this.#descriptor);
  }

  /** Reads as many rows as `target` holds. @throws {Error} when the file ends before. */
  read(slot: number, target: Uint8Array): void {
    let done = 0;
    while (done < target.length) {
      const position = HEADER_BYTES + slot * this.#rowBytes + done;
      const count = readSync(this.#descriptor, target, done, target.length - done, position);
      if (count === 0) throw new Error("it is too short");
      done += count;
    }
  }

  /** Cuts off what is behind the first `rows`: it was never acknowledged. */
  cut(rows: number): void {
    const bytes = HEADER_BYTES + rows * this.#rowBytes;
    if (fstatSync(this.#descriptor).size > bytes) ftruncateSync(this.#descriptor, bytes);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

function writeAll(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
}
