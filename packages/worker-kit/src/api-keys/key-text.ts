import { sha256Hex } from "../timing-safe.ts";

/** A key as it is made: `key` is shown once, `hash` and `hint` are stored. */
export interface NewApiKey {
  /** `tnr_` and 43 characters: 256 random bits in base64url. */
  readonly key: string;
  /** SHA-256 of the key in hexadecimal. A plain hash is enough: nobody guesses 256 random bits. */
  readonly hash: string;
  /** The last four characters, to tell keys apart in a list. */
  readonly hint: string;
}

/** Makes an API key. */
export async function newApiKey(): Promise<NewApiKey> {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const key = `tnr_${btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "")}`;
  return { key, hash: await hashApiKey(key), hint: key.slice(-4) };
}

/** What is stored of a key and what a given key is looked up by. */
export function hashApiKey(key: string): Promise<string> {
  return sha256Hex(key);
}

/** The key in an `Authorization: Bearer …` header, or null when there is none that could be one. */
export function bearerKey(authorization: string | undefined): string | null {
  return /^Bearer +([\x21-\x7e]{16,256})$/i.exec(authorization ?? "")?.[1] ?? null;
}

/** The JSON Web Token in such a header: three parts with dots between them, the last of which may be empty. */
export function bearerToken(authorization: string | undefined): string | null {
  return /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(authorization ?? "")?.[1] ?? null;
}
