import { invalidPair, tooLarge } from "./errors.ts";

/** A key's longest name, in UTF-8 bytes. @see https://developers.cloudflare.com/kv/platform/limits/ */
const MAX_KEY_BYTES = 512;
/** A value's largest size, 25 MiB. */
const MAX_VALUE_BYTES = 25 * 1024 * 1024;
/** Metadata's largest size as JSON. */
const MAX_METADATA_BYTES = 1024;
/** Seconds: nothing expires sooner. */
const MIN_TTL = 60;

/** When a pair goes away: at a time in seconds since 1970, or seconds from now. */
export interface Expiry {
  expiration?: number;
  expiration_ttl?: number;
}

/** @throws {ApiError} when the key is empty, a dot name, or longer than 512 bytes. */
export function checkKey(key: string): void {
  if (key === "") throw invalidPair("key name cannot be empty");
  if (key === "." || key === "..") throw invalidPair(`"${key}" is not allowed as a key name`);
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES) {
    throw invalidPair(`UTF-8 encoded length of ${bytes} exceeds key length limit of ${MAX_KEY_BYTES}`);
  }
}

/** @throws {ApiError} 413 when the value is larger than 25 MiB. */
export function checkValue(bytes: number): void {
  if (bytes > MAX_VALUE_BYTES) throw tooLarge(`value length of ${bytes} exceeds limit of ${MAX_VALUE_BYTES}`);
}

/** @throws {ApiError} 413 when the metadata, as JSON, is longer than 1024 bytes. */
export function checkMetadata(metadata: unknown): void {
  if (metadata === undefined) return;
  const bytes = Buffer.byteLength(JSON.stringify(metadata));
  if (bytes > MAX_METADATA_BYTES) throw tooLarge(`metadata length of ${bytes} exceeds limit of ${MAX_METADATA_BYTES}`);
}

/**
 * The options of the data plane for an expiry. `expiration_ttl` wins over `expiration`, as at Cloudflare.
 *
 * @param now ms
 * @throws {ApiError} when it is less than 60 seconds ahead.
 */
export function expiryOptions(expiry: Expiry, now: number): { expiration?: number; expirationTtl?: number } {
  const { expiration, expiration_ttl: ttl } = expiry;
  if (ttl !== undefined && ttl !== 0) {
    if (ttl < MIN_TTL)
      throw invalidPair(`Invalid expiration_ttl of ${ttl}. Expiration TTL must be at least ${MIN_TTL}.`);
    return { expirationTtl: ttl };
  }
  if (expiration === undefined || expiration === 0) return {};
  if (expiration < now / 1000 + MIN_TTL) {
    throw invalidPair(
      `Invalid expiration of ${expiration}. Expiration times must be at least ${MIN_TTL} seconds in the future.`,
    );
  }
  return { expiration };
}
