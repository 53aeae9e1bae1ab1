import * as z from "zod";
import * as errors from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { findInvalidKey } from "./metadata.ts";

const Vector = z.object({
  id: z.string().min(1),
  values: z.custom<unknown[]>(Array.isArray, "expected a list of numbers"),
  namespace: z.string().nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
});
type Vector = z.infer<typeof Vector>;

/** Vectors as they are written: nothing about them is left to check. */
export interface VectorBatch {
  readonly ids: string[];
  readonly namespaces: (string | null)[];
  /** Compact JSON. */
  readonly metadata: (string | null)[];
  /** Euclidean lengths. */
  readonly norms: number[];
  /** Row after row, each padded to the stride. */
  readonly rows: Float32Array;
}

export interface ParseOptions {
  readonly operation: "insert" | "upsert";
  readonly dimensions: number;
  /** Numbers of a row with its padding. */
  readonly stride: number;
  /** Vectors at most. */
  readonly limit: number;
  /** Leaves out lines that are no vectors, in place of refusing them all. */
  readonly discardUnparsable: boolean;
}

/** Lines that are parsed before others get their turn. */
const TURN = 100;

/**
 * Reads vectors from NDJSON, a vector a line.
 *
 * @throws {ApiError} what is wrong with the first vector that is wrong, with the number of its line.
 */
export async function parseVectors(body: Uint8Array, options: ParseOptions): Promise<VectorBatch> {
  const lines = linesOf(body);
  if (lines.length > options.limit) throw errors.tooManyVectors(options.limit, lines.length);
  if (lines.length === 0) throw errors.unparsableVectors(options.operation, "there is no vector");
  const rows = new Float32Array(lines.length * options.stride);
  const batch: VectorBatch = { ids: [], namespaces: [], metadata: [], norms: [], rows };
  for (const [index, line] of lines.entries()) {
    if (index % TURN === TURN - 1) await new Promise((resolve) => setImmediate(resolve));
    const vector = parseLine(line, options);
    if (vector) addVector(batch, vector, options);
  }
  return { ...batch, rows: rows.subarray(0, batch.ids.length * options.stride) };
}

interface Line {
  readonly number: number;
  readonly text: string;
}

function linesOf(body: Uint8Array): Line[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const lines: Line[] = [];
  for (let start = 0, number = 1; start < bytes.length; number++) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    const text = bytes.toString("utf8", start, end).trim();
    if (text !== "") lines.push({ number, text });
    start = end + 1;
  }
  return lines;
}

function parseLine({ number, text }: Line, { operation, discardUnparsable }: ParseOptions): Vector | undefined {
  try {
    return readVector(text);
  } catch (error) {
    if (discardUnparsable) return undefined;
    throw errors.unparsableVectors(operation, `line ${number}: ${(error as Error).message}`);
  }
}

function readVector(text: string): Vector {
  const parsed = Vector.safeParse(JSON.parse(text));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Error([issue?.path.join("."), issue?.message].filter(Boolean).join(": "));
  }
  const wrong = parsed.data.values.findIndex((value) => typeof value !== "number");
  if (wrong !== -1)
    throw new Error(
      `values[${wrong}] is ${JSON.stringify(parsed.data.values[wrong])}, not a number (NaN and Infinity turn into null in JSON)`,
    );
  if (hasHalfCharacter(parsed.data)) throw new Error("a text holds half of a character, for which UTF-8 has no bytes");
  return parsed.data;
}

/** JSON.stringify escapes what is half of a surrogate pair, and nothing else this way. */
function hasHalfCharacter({ id, namespace, metadata }: Vector): boolean {
  return /(?<!\\)(\\\\)*\\ud[89a-f]/.test(JSON.stringify([id, namespace, metadata]));
}

function addVector(batch: VectorBatch, vector: Vector, { dimensions, stride }: ParseOptions): void {
  const { id, values, namespace, metadata } = vector;
  const idBytes = Buffer.byteLength(id);
  if (idBytes > LIMITS.idBytes) throw errors.idTooLong(idBytes);
  if (values.length !== dimensions) throw errors.wrongDimensions(id, dimensions, values.length);
  if (namespace) checkNamespace(namespace);
  const first = batch.ids.length * stride;
  // All of them are numbers.
  batch.rows.set(values as number[], first);
  batch.norms.push(lengthOf(batch.rows.subarray(first, first + dimensions), id));
  batch.ids.push(id);
  batch.namespaces.push(namespace || null);
  batch.metadata.push(metadata ? checkedMetadata(id, metadata) : null);
}

/** @throws {ApiError} 40009 */
export function checkNamespace(namespace: string): void {
  const bytes = Buffer.byteLength(namespace);
  if (bytes > LIMITS.namespaceBytes) throw errors.namespaceTooLong(bytes);
}

function checkedMetadata(id: string, metadata: Record<string, unknown>): string {
  const text = JSON.stringify(metadata);
  const bytes = Buffer.byteLength(text);
  if (bytes > LIMITS.metadataBytes) throw errors.metadataTooLarge(id, bytes);
  const key = findInvalidKey(metadata);
  if (key !== undefined) throw errors.invalidMetadataKey(id, key);
  return text;
}

/** @throws {ApiError} 40012 when a number is too large for 32 bits. */
function lengthOf(row: Float32Array, id: string): number {
  let sum = 0;
  for (const value of row) sum += value * value;
  if (Number.isFinite(sum)) return Math.sqrt(sum);
  const index = row.findIndex((value) => !Number.isFinite(value));
  throw errors.invalidVector(id, `values[${index}] is not a finite 32-bit float`);
}
