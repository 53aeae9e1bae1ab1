import * as z from "zod";
import { ApiError } from "../../core/api-error.ts";
import type { KvData } from "../../core/service.ts";
import { invalidPair, keyNotFound } from "./errors.ts";
import { checkKey, checkMetadata, checkValue, type Expiry, expiryOptions } from "./pair-limits.ts";

/** At most so many pairs in one bulk call. */
const MAX_BULK = 10_000;

const Seconds = z.coerce.number().int().min(0);

/** The expiry of a `PUT` in its query. */
export const ExpiryQuery = z.object({ expiration: Seconds.optional(), expiration_ttl: Seconds.optional() });

/** One pair of a bulk `PUT`. With `base64` the value is binary. */
export const BulkPair = z.object({
  key: z.string(),
  value: z.string(),
  base64: z.boolean().optional(),
  metadata: z.unknown().optional(),
  expiration: Seconds.nullish(),
  expiration_ttl: Seconds.nullish(),
});
export type BulkPair = z.infer<typeof BulkPair>;

/** What is asked of a bulk `GET`. */
export const BulkGet = z.object({
  keys: z.array(z.string()).min(1).max(100),
  type: z.enum(["text", "json"]).default("text"),
  withMetadata: z.boolean().default(false),
});
export type BulkGet = z.infer<typeof BulkGet>;

/** A pair as it is stored. `expiration` in seconds since 1970. */
export interface Pair {
  value: ArrayBuffer;
  metadata: unknown;
  expiration?: number;
}

/** @throws {ApiError} 10009 */
export async function readPair(data: KvData, key: string): Promise<Pair> {
  checkKey(key);
  const { value, metadata } = await data.getWithMetadata(key, "arrayBuffer");
  if (value === null) throw keyNotFound();
  // The list is sorted, so the first name with this prefix is the key itself, and only the list knows the expiry.
  const { keys } = await data.list({ prefix: key, limit: 1 });
  const expiration = keys[0]?.name === key ? keys[0].expiration : undefined;
  return { value, metadata: metadata ?? null, ...(expiration !== undefined && { expiration }) };
}

/** Writes one pair. `now` in ms. @throws {ApiError} when a limit is passed. */
export async function writePair(
  data: KvData,
  key: string,
  { value, metadata, expiry }: { value: Uint8Array; metadata?: unknown; expiry: Expiry },
  now: number,
): Promise<void> {
  checkKey(key);
  checkValue(value.byteLength);
  checkMetadata(metadata);
  const expires = expiryOptions(expiry, now);
  await data.put(key, value, { ...expires, ...(metadata !== undefined && { metadata }) });
}

/** Writes many pairs. Nothing is written when one of them is refused. `now` in ms. */
export async function writeBulk(data: KvData, pairs: readonly BulkPair[], now: number): Promise<number> {
  checkBulk(pairs.length);
  const writes = pairs.map((pair) => {
    const value = Buffer.from(pair.value, pair.base64 ? "base64" : "utf8");
    const metadata = pair.metadata ?? undefined;
    const expiry = {
      ...(typeof pair.expiration === "number" && { expiration: pair.expiration }),
      ...(typeof pair.expiration_ttl === "number" && { expiration_ttl: pair.expiration_ttl }),
    };
    checkKey(pair.key);
    checkValue(value.byteLength);
    checkMetadata(metadata);
    expiryOptions(expiry, now);
    return () => writePair(data, pair.key, { value, expiry, ...(metadata !== undefined && { metadata }) }, now);
  });
  await inGroups(writes);
  return pairs.length;
}

/** Deletes many keys; one that is not there is no failure. */
export async function deleteBulk(data: KvData, keys: readonly string[]): Promise<number> {
  checkBulk(keys.length);
  for (const key of keys) checkKey(key);
  await inGroups(keys.map((key) => () => data.delete(key)));
  return keys.length;
}

/** The values of up to 100 keys; null where there is none. */
export async function readBulk(data: KvData, { keys, type, withMetadata }: BulkGet): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const key of keys) {
    const pair = await readPair(data, key).catch(missing);
    const text = pair && new TextDecoder().decode(pair.value);
    const value = text === null || type === "text" ? text : parseValue(key, text);
    const expiration = pair?.expiration === undefined ? {} : { expiration: pair.expiration };
    values[key] = withMetadata && pair ? { value, metadata: pair.metadata, ...expiration } : value;
  }
  return values;
}

function missing(error: unknown): null {
  if (error instanceof ApiError && error.status === 404) return null;
  throw error;
}

function parseValue(key: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError(400, 10012, `get: 'the value of ${key} is not JSON'`, { cause });
  }
}

function checkBulk(count: number): void {
  if (count > MAX_BULK) throw invalidPair(`${count} keys are more than the ${MAX_BULK} of one bulk call`);
}

/** Sixteen at a time. */
async function inGroups(works: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (let start = 0; start < works.length; start += 16) {
    await Promise.all(works.slice(start, start + 16).map((work) => work()));
  }
}
