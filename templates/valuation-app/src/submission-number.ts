/** What a form's number looks like. */
const NUMBER = /^[0-9a-f]{32}$/;

/** A number for one form, so that it is one valuation however often it is sent. */
export function newSubmission(): string {
  // Unlike randomUUID, this is there on plain http, too.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Reads a number from a form; null when it is none. */
export function readSubmission(value: unknown): string | null {
  return typeof value === "string" && NUMBER.test(value) ? value : null;
}
