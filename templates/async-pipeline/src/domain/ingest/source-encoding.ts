import { SourceError } from "./source-error.ts";

/** How a source's text is written. */
export interface SourceEncoding {
  readonly name: "utf-8" | "utf-16le" | "utf-16be";
  /** Bytes of the byte-order mark in front. */
  readonly bom: number;
}

/**
 * Finds a source's encoding from its first bytes: by its byte-order mark, or without one by where the zero bytes of its
 * first two characters are, which are ASCII in JSON and in nearly every CSV header.
 *
 * @throws SourceError `unsupported_encoding` for UTF-32, compressed files and other binaries
 */
export function detectEncoding(head: Uint8Array): SourceEncoding {
  const [a, b, c, d] = head;
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff)) {
    throw new SourceError("unsupported_encoding", "the file is UTF-32; send UTF-8");
  }
  if (a === 0xef && b === 0xbb && c === 0xbf) return { name: "utf-8", bom: 3 };
  if (a === 0xff && b === 0xfe) return { name: "utf-16le", bom: 2 };
  if (a === 0xfe && b === 0xff) return { name: "utf-16be", bom: 2 };
  if (a === 0x1f && b === 0x8b) {
    throw new SourceError("unsupported_encoding", "the file is compressed with gzip; send it unpacked");
  }
  if (a === 0x50 && b === 0x4b && c === 0x03 && d === 0x04) {
    throw new SourceError(
      "unsupported_encoding",
      "the file is a ZIP archive or an Excel workbook; unpack it, or save the sheet as CSV (UTF-8)",
    );
  }
  if (isText(a) && b === 0 && (c === undefined || (isText(c) && d === 0))) return { name: "utf-16le", bom: 0 };
  if (a === 0 && isText(b) && (c === undefined || (c === 0 && isText(d)))) return { name: "utf-16be", bom: 0 };
  if (head.subarray(0, 4).includes(0)) {
    throw new SourceError("unsupported_encoding", "the file is not text; send UTF-8 or UTF-16");
  }
  return { name: "utf-8", bom: 0 };
}

function isText(byte: number | undefined): boolean {
  return byte !== undefined && byte !== 0;
}

/** Turns the bytes of a source after its byte-order mark into UTF-8, chunk by chunk. */
export interface ToUtf8 {
  push(chunk: Uint8Array): Uint8Array;
  /** What a character cut off at the end becomes. */
  end(): Uint8Array;
}

/**
 * Makes the converter of an encoding. Half a surrogate pair becomes a byte that UTF-8 never has, so that it spoils its
 * own line and no other. UTF-8 passes as it is: each line is checked when it is decoded.
 */
export function toUtf8(encoding: SourceEncoding): ToUtf8 {
  return encoding.name === "utf-8" ? PASS : new Utf16ToUtf8(encoding.name === "utf-16le");
}

const NOTHING = new Uint8Array();
const PASS: ToUtf8 = { push: (chunk) => chunk, end: () => NOTHING };
const NEVER_UTF8 = 0xff;

class Utf16ToUtf8 implements ToUtf8 {
  readonly #littleEndian: boolean;
  /** The first byte of a code unit whose second is still to come. */
  #halfUnit: number | null = null;
  /** The first unit of a surrogate pair whose second is still to come. */
  #highSurrogate: number | null = null;

  constructor(littleEndian: boolean) {
    this.#littleEndian = littleEndian;
  }

  push(chunk: Uint8Array): Uint8Array {
    // A unit of two bytes becomes at most three, and what was held back adds at most one unit more.
    const out = new Uint8Array(Math.ceil((chunk.length + 4) / 2) * 3);
    let length = 0;
    for (const byte of chunk) {
      if (this.#halfUnit === null) {
        this.#halfUnit = byte;
        continue;
      }
      const unit = this.#littleEndian ? this.#halfUnit | (byte << 8) : (this.#halfUnit << 8) | byte;
      this.#halfUnit = null;
      length = this.#write(unit, out, length);
    }
    return out.subarray(0, length);
  }

  end(): Uint8Array {
    return this.#halfUnit === null && this.#highSurrogate === null ? NOTHING : Uint8Array.of(NEVER_UTF8);
  }

  #write(unit: number, out: Uint8Array, at: number): number {
    let length = at;
    const high = this.#highSurrogate;
    this.#highSurrogate = null;
    const isLow = unit >= 0xdc00 && unit < 0xe000;
    if (high !== null) {
      if (isLow) {
        const point = 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00);
        out[length++] = 0xf0 | (point >> 18);
        out[length++] = 0x80 | ((point >> 12) & 63);
        out[length++] = 0x80 | ((point >> 6) & 63);
        out[length++] = 0x80 | (point & 63);
        return length;
      }
      out[length++] = NEVER_UTF8;
    }
    if (unit < 0x80) {
      out[length++] = unit;
    } else if (unit < 0x800) {
      out[length++] = 0xc0 | (unit >> 6);
      out[length++] = 0x80 | (unit & 63);
    } else if (unit >= 0xd800 && unit < 0xdc00) {
      this.#highSurrogate = unit;
    } else if (isLow) {
      out[length++] = NEVER_UTF8;
    } else {
      out[length++] = 0xe0 | (unit >> 12);
      out[length++] = 0x80 | ((unit >> 6) & 63);
      out[length++] = 0x80 | (unit & 63);
    }
    return length;
  }
}
