/** The three headers of a Standard Webhooks message. @see https://www.standardwebhooks.com */
export interface WebhookHeaders {
  readonly "webhook-id": string;
  /** Seconds since 1970. */
  readonly "webhook-timestamp": string;
  /** One or more `v1,BASE64`, separated by spaces. */
  readonly "webhook-signature": string;
}

/** Why a message was refused. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
  readonly code: "missing_headers" | "bad_timestamp" | "bad_signature" | "bad_secret";

  constructor(code: WebhookError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** How far a message's timestamp may be from now: five minutes, as the standard's libraries have it. */
const TOLERANCE_SECONDS = 300;

/** The signed headers of a message. `at` is in milliseconds; `secret` is `whsec_` and base64. */
export async function signWebhook(
  secret: string,
  message: { id: string; at: number; body: string },
): Promise<WebhookHeaders> {
  const timestamp = String(Math.floor(message.at / 1_000));
  const bytes = signedBytes(message.id, timestamp, message.body);
  const signature = await crypto.subtle.sign("HMAC", await hmacKey(secret), bytes);
  return {
    "webhook-id": message.id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${btoa(String.fromCharCode(...new Uint8Array(signature)))}`,
  };
}

/**
 * Checks a message and returns its id. Any one of several signatures may match, so that a sender can change its
 * secret; `crypto.subtle.verify` compares in constant time.
 *
 * @param at now, in milliseconds
 * @throws WebhookError
 */
export async function verifyWebhook(secret: string, headers: Headers, body: string, at: number): Promise<string> {
  const id = headers.get("webhook-id");
  const timestamp = headers.get("webhook-timestamp");
  const signatures = headers.get("webhook-signature");
  if (!id || !timestamp || !signatures) {
    throw new WebhookError("missing_headers", "webhook-id, webhook-timestamp and webhook-signature are required");
  }
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(at / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS) {
    throw new WebhookError("bad_timestamp", `webhook-timestamp is not within ${TOLERANCE_SECONDS} seconds of now`);
  }
  const key = await hmacKey(secret);
  const bytes = signedBytes(id, timestamp, body);
  // At most eight, or a header full of signatures would be work for nothing.
  for (const signature of signatures.split(" ").slice(0, 8)) {
    const [version, value] = signature.split(",");
    const given = version === "v1" ? fromBase64(value ?? "") : null;
    if (given && (await crypto.subtle.verify("HMAC", key, given, bytes))) return id;
  }
  throw new WebhookError("bad_signature", "no signature matches the body");
}

function signedBytes(id: string, timestamp: string, body: string): Uint8Array {
  return new TextEncoder().encode(`${id}.${timestamp}.${body}`);
}

async function hmacKey(secret: string): Promise<CryptoKey> {
  // A secret that was never set is undefined at run time, whatever its type says.
  const bytes = fromBase64((secret ?? "").replace(/^whsec_/, ""));
  if (!bytes || bytes.byteLength < 16) {
    throw new WebhookError("bad_secret", "the secret must be whsec_ and the base64 of at least 16 bytes");
  }
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null; // Not base64: the caller says what that means.
  }
}
