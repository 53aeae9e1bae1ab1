import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";

const ITERATIONS = 1_000_000;
const CHECK_WORD = "pulumi";

/** Encrypts and decrypts text as Pulumi's passphrase secrets provider does. */
export interface Crypter {
  /** `v1:<base64 of 8 bytes>:<the check word, encrypted>`, as it stands in `Pulumi.<stack>.yaml`. */
  readonly salt: string;
  encrypt(text: string): string;
  decrypt(ciphertext: string): string;
}

/** The passphrase does not belong to this salt. */
export class WrongPassphraseError extends Error {
  override readonly name = "WrongPassphraseError";
}

const derivedKeys = new Map<string, Promise<Buffer>>();

/**
 * Makes the crypter for a salt that exists. The key takes about a third of a second of another thread, once per process.
 * @throws WrongPassphraseError
 */
export async function openCrypter(passphrase: string, salt: string): Promise<Crypter> {
  const [version, encoded, ...check] = salt.split(":");
  if (version !== "v1" || encoded === undefined || check.length === 0) {
    throw new Error(`the encryption salt ${JSON.stringify(salt)} is not in Pulumi's form "v1:…:v1:…"`);
  }
  const crypter = makeCrypter(await deriveKey(passphrase, encoded), salt);
  let word: string;
  try {
    word = crypter.decrypt(check.join(":"));
  } catch (cause) {
    throw new WrongPassphraseError("the passphrase is not the one this stack was encrypted with", { cause });
  }
  if (word !== CHECK_WORD)
    throw new WrongPassphraseError("the passphrase is not the one this stack was encrypted with");
  return crypter;
}

/** Makes a crypter with a fresh salt. */
export async function createCrypter(passphrase: string): Promise<Crypter> {
  const encoded = randomBytes(8).toString("base64");
  const key = await deriveKey(passphrase, encoded);
  const salt = `v1:${encoded}:${encryptWith(key, CHECK_WORD)}`;
  return makeCrypter(key, salt);
}

function makeCrypter(key: Buffer, salt: string): Crypter {
  return {
    salt,
    encrypt: (text) => encryptWith(key, text),
    decrypt: (ciphertext) => decryptWith(key, ciphertext),
  };
}

function deriveKey(passphrase: string, encodedSalt: string): Promise<Buffer> {
  const name = `${encodedSalt}:${passphrase}`;
  let key = derivedKeys.get(name);
  if (!key) {
    key = promisify(pbkdf2)(passphrase, Buffer.from(encodedSalt, "base64"), ITERATIONS, 32, "sha256");
    derivedKeys.set(name, key);
  }
  return key;
}

function encryptWith(key: Buffer, text: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
}

function decryptWith(key: Buffer, ciphertext: string): string {
  const [version, nonce, data] = ciphertext.split(":");
  if (version !== "v1" || nonce === undefined || data === undefined) throw new Error("not a Pulumi ciphertext");
  const bytes = Buffer.from(data, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"), { authTagLength: 16 });
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString("utf8");
}
