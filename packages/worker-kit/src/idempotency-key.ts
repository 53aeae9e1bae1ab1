import { Problem } from "./problem.ts";

/** How endpoints describe the header. */
export const IDEMPOTENCY_KEY = {
  "Idempotency-Key": "Yours, at most 255 characters; holds as long as what it made is kept.",
} as const;

/** The header's value, null without one. @throws Problem 400 when it cannot be a key */
export function idempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (/^[\x21-\x7e]{1,255}$/.test(header)) return header;
  throw new Problem(400, "invalid_idempotency_key", "Idempotency-Key: 1 to 255 visible ASCII characters");
}

/** For a key that comes again with another request. */
export function idempotencyConflict(): Problem {
  return new Problem(409, "idempotency_conflict", "this Idempotency-Key was used with another body");
}

/** Says on an answer that it was given before. */
export const REPLAYED = { "idempotent-replayed": "true" } as const;
