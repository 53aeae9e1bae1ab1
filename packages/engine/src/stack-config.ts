import { join } from "node:path";
import { type Document, isMap, parseDocument } from "yaml";
import { readIfThere, writeDurably } from "./durable-file.ts";
import { type Crypter, createCrypter, openCrypter } from "./passphrase.ts";
import type { Project } from "./project.ts";
import { isObject } from "./values.ts";

/** A configuration value as the program gets it. */
export interface ConfigValue {
  readonly value: string;
  readonly secret: boolean;
}

/** `Pulumi.<stack>.yaml`: a stack's configuration and its encryption salt. Comments stay when it is changed. */
export class StackConfig {
  readonly path: string;
  readonly #project: Project;
  readonly #document: Document;
  #changed = false;

  private constructor(path: string, project: Project, document: Document) {
    this.path = path;
    this.#project = project;
    this.#document = document;
  }

  static async read(project: Project, stack: string): Promise<StackConfig> {
    const path = join(project.directory, `Pulumi.${stack}.yaml`);
    const document = parseDocument((await readIfThere(path)) ?? "");
    const problem = document.errors[0];
    if (problem) throw new Error(`${path}: ${problem.message}`, { cause: problem });
    if (document.contents !== null && !isMap(document.contents)) throw new Error(`${path}: is not a map`);
    return new StackConfig(path, project, document);
  }

  get salt(): string | undefined {
    const salt = this.#document.get("encryptionsalt");
    return typeof salt === "string" ? salt : undefined;
  }

  /** Whether any value is encrypted, so that the passphrase is needed before the program can start. */
  get hasSecrets(): boolean {
    return Object.values(this.#stored()).some(holdsSecure);
  }

  /**
   * The stack's crypter. A stack without a salt gets the one its state has, or a new one, which `save` writes down.
   * @throws WrongPassphraseError
   */
  async crypter(passphrase: string, saltOfState?: string): Promise<Crypter> {
    const salt = this.salt ?? saltOfState;
    const crypter = salt === undefined ? await createCrypter(passphrase) : await openCrypter(passphrase, salt);
    if (this.salt === undefined) {
      this.#document.set("encryptionsalt", crypter.salt);
      this.#changed = true;
    }
    return crypter;
  }

  /** Every key with its namespace, `project:key`. Values of `Pulumi.yaml` fill what the stack leaves open. */
  values(crypter: Crypter | undefined): Map<string, ConfigValue> {
    const values = new Map<string, ConfigValue>();
    for (const [key, declared] of Object.entries(this.#project.config)) {
      const value = isObject(declared) ? (declared["value"] ?? declared["default"]) : declared;
      if (value === undefined || value === null) continue;
      values.set(this.qualify(key), {
        value: asText(value),
        secret: isObject(declared) && declared["secret"] === true,
      });
    }
    for (const [key, stored] of Object.entries(this.#stored()))
      values.set(this.qualify(key), open(stored, crypter, key));
    return values;
  }

  /** As `values`, with `[secret]` in place of what is encrypted: no passphrase is needed. */
  hiddenValues(): Map<string, ConfigValue> {
    const decrypt = () => "[secret]";
    const values = this.values({ salt: "", encrypt: decrypt, decrypt });
    return new Map(
      [...values].map(([key, value]) => [key, value.secret ? { value: "[secret]", secret: true } : value]),
    );
  }

  /** Configuration as the history keeps it: secrets encrypted. */
  sealedValues(): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(this.#stored()).map(([key, value]) => [
        this.qualify(key),
        isSecure(value) ? value : asText(value),
      ]),
    );
  }

  set(key: string, value: string): void {
    this.#document.setIn(["config", this.#existing(key)], plainScalar(value));
    this.#changed = true;
  }

  setSecret(key: string, value: string, crypter: Crypter): void {
    this.#document.setIn(
      ["config", this.#existing(key)],
      this.#document.createNode({ secure: crypter.encrypt(value) }),
    );
    this.#changed = true;
  }

  /** @returns whether the key was there */
  remove(key: string): boolean {
    // Nothing can be taken from an empty file.
    const removed = this.#document.contents !== null && this.#document.deleteIn(["config", this.#existing(key)]);
    this.#changed ||= removed;
    return removed;
  }

  async save(): Promise<void> {
    if (!this.#changed) return;
    await writeDurably(this.path, this.#document.toString());
    this.#changed = false;
  }

  /** `key` → `project:key` */
  qualify(key: string): string {
    return key.includes(":") ? key : `${this.#project.name}:${key}`;
  }

  #existing(key: string): string {
    return (
      Object.keys(this.#stored()).find((stored) => this.qualify(stored) === this.qualify(key)) ?? this.qualify(key)
    );
  }

  #stored(): Record<string, unknown> {
    const config: unknown = this.#document.toJS()?.config;
    return isObject(config) ? config : {};
  }
}

function open(stored: unknown, crypter: Crypter | undefined, key: string): ConfigValue {
  if (!holdsSecure(stored)) return { value: asText(stored), secret: false };
  if (!crypter) throw new Error(`the configuration value ${key} is encrypted: a passphrase is needed`);
  return { value: asText(decryptAll(stored, crypter)), secret: true };
}

function decryptAll(stored: unknown, crypter: Crypter): unknown {
  if (isSecure(stored)) return crypter.decrypt(stored.secure);
  if (Array.isArray(stored)) return stored.map((item) => decryptAll(item, crypter));
  if (!isObject(stored)) return stored;
  return Object.fromEntries(Object.entries(stored).map(([key, value]) => [key, decryptAll(value, crypter)]));
}

function isSecure(stored: unknown): stored is { secure: string } {
  return isObject(stored) && Object.keys(stored).length === 1 && typeof stored["secure"] === "string";
}

function holdsSecure(stored: unknown): boolean {
  if (isSecure(stored)) return true;
  if (Array.isArray(stored)) return stored.some(holdsSecure);
  return isObject(stored) && Object.values(stored).some(holdsSecure);
}

/** Pulumi's configuration values are text; structured ones are JSON. */
function asText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** As the CLI writes `config set`: true and false and whole numbers without quotes. */
function plainScalar(value: string): string | number | boolean {
  if (value === "true" || value === "false") return value === "true";
  return /^(0|-?[1-9]\d{0,14})$/.test(value) ? Number(value) : value;
}
