import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** What `name` and `size` of a ustar header can hold. */
const LONGEST_PATH = 100;
const LARGEST = 8 ** 11 - 1;
const BLOCK = 512;

/**
 * Packs a folder's files as a .tar.gz, which is there as a whole or not at all.
 *
 * @param root what the paths in the archive begin with
 * @throws RangeError for a path of more than 100 bytes, or a file of 8 GiB and more
 */
export async function packFolder(folder: string, root: string, file: string): Promise<void> {
  const temporary = `${file}.${process.pid}.partial`;
  try {
    await pipeline(Readable.from(blocksOf(folder, root)), createGzip(), createWriteStream(temporary, { mode: 0o600 }));
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function* blocksOf(folder: string, root: string): AsyncGenerator<Uint8Array> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  for (const file of files.sort()) {
    const { size, mtimeMs } = await stat(file);
    const name = [root, ...path.relative(folder, file).split(path.sep)].join("/");
    yield header(name, size, Math.floor(mtimeMs / 1000));
    for await (const chunk of createReadStream(file)) yield chunk as Uint8Array; // without an encoding it gives bytes
    const rest = size % BLOCK;
    if (rest > 0) yield new Uint8Array(BLOCK - rest);
  }
  yield new Uint8Array(2 * BLOCK);
}

/** A file's header in the POSIX format "ustar". @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html */
function header(name: string, size: number, seconds: number): Uint8Array {
  if (Buffer.byteLength(name) > LONGEST_PATH) throw new RangeError(`${name}: is longer than ${LONGEST_PATH} bytes`);
  if (size > LARGEST) throw new RangeError(`${name}: is larger than 8 GiB`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  block.write(name, 0);
  block.write(`${octal(0o600, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100);
  block.write(`${octal(size, 11)}\0${octal(seconds, 11)}\0`, 124);
  block.write(" ".repeat(8), 148);
  block.write("0", 156);
  block.write("ustar\0" + "00", 257);
  block.write(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
    148,
  );
  return block;
}
