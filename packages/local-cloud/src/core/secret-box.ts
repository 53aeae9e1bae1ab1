import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Keeps secrets unreadable in the store. */
export interface SecretBox {
  /** Encrypts a text (AES-256-GCM). Answers base64. */
  seal(text: string): string;
  /** @throws when the text was sealed with another key or was changed. */
  open(sealed: string): string;
  /** A key for signatures of one purpose. */
  signingKey(purpose: string): string;
}

/** A box whose key is in `<directory>/secret.key`, mode 0600. Made at the first use. */
export function createSecretBox(directory: string): SecretBox {
  const file = join(directory, "secret.key");
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString("hex"), { mode: 0o600 });
  const key = Buffer.from(readFileSync(file, "utf8").trim(), "hex");
  return {
    signingKey: (purpose) => createHmac("sha256", key).update(purpose).digest("hex"),
    seal(text) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64");
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, "base64");
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12)).setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
    },
  };
}
