import { createWriteStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { PassThrough, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32, createInflateRaw } from "node:zlib";

/** The archive cannot be read. */
export class ZipError extends Error {
  override readonly name = "ZipError";
}

interface Entry {
  method: number;
  crc: number;
  packed: number;
  size: number;
  /** Where its local header begins. */
  offset: number;
}

const STORED = 0;
const DEFLATED = 8;
/** The end of the central directory, with the longest comment it may have. */
const LONGEST_END = 22 + 65_535;

/**
 * Unpacks one entry of a zip archive (a wheel is one) into a file; its length and CRC are checked.
 *
 * @throws {ZipError} no archive, damaged, without this entry, or one with encryption or of zip64's size
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export async function unzipEntry(archive: string, name: string, target: string): Promise<void> {
  const handle = await open(archive, "r");
  try {
    const entry = await findEntry(handle, name);
    const header = await read(handle, entry.offset, 30);
    if (header.readUInt32LE(0) !== 0x04034b50) throw new ZipError(`${name}: its header is not where it should be`);
    const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
    let crc = 0;
    let size = 0;
    const check = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        crc = crc32(chunk, crc);
        size += chunk.length;
        done(size > entry.size ? new ZipError(`${name}: longer than its ${entry.size} bytes`) : null, chunk);
      },
    });
    const packed = handle.createReadStream({ start, end: start + entry.packed - 1, autoClose: false });
    const inflate = entry.method === DEFLATED ? createInflateRaw() : new PassThrough();
    await pipeline(packed, inflate, check, createWriteStream(target, { flush: true }));
    if (size !== entry.size || crc !== entry.crc) throw new ZipError(`${name}: damaged (CRC or length is wrong)`);
  } finally {
    await handle.close();
  }
}

/** Looks the entry up in the central directory, at the archive's end. */
async function findEntry(handle: FileHandle, name: string): Promise<Entry> {
  const { size } = await handle.stat();
  const tail = await read(handle, Math.max(0, size - LONGEST_END), Math.min(size, LONGEST_END));
  const end = tail.lastIndexOf(Buffer.from("PK\x05\x06"));
  if (end < 0 || tail.length < end + 22) throw new ZipError("this is no zip archive, or its end is missing");
  const length = tail.readUInt32LE(end + 12);
  const offset = tail.readUInt32LE(end + 16);
  if (offset + length > size) throw new ZipError("its directory is not inside the archive (zip64 is not read)");
  const directory = await read(handle, offset, length);
  for (let at = 0; at + 46 <= directory.length; ) {
    if (directory.readUInt32LE(at) !== 0x02014b50) throw new ZipError("its directory is damaged");
    const nameLength = directory.readUInt16LE(at + 28);
    const next = at + 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    if (directory.toString("utf8", at + 46, at + 46 + nameLength) !== name) {
      at = next;
      continue;
    }
    const method = directory.readUInt16LE(at + 10);
    if (directory.readUInt16LE(at + 8) & 1) throw new ZipError(`${name} is encrypted`);
    if (method !== STORED && method !== DEFLATED) throw new ZipError(`${name} is packed by method ${method}`);
    return {
      method,
      crc: directory.readUInt32LE(at + 16),
      packed: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    };
  }
  throw new ZipError(`the archive has no ${name}`);
}

async function read(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead < length) throw new ZipError("the archive ends too early");
  return buffer;
}
