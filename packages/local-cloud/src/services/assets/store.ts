import { createHash } from "node:crypto";
import { existsSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ServiceContext } from "../../core/service.ts";
import { errors } from "./errors.ts";
import { type AssetsClaims, readToken, signToken } from "./token.ts";

/** Path of each file, with the hash that its client computed, and its size in bytes. */
export type Manifest = Record<string, { hash: string; size: number }>;

/** Files in `_headers` and `_redirects` form that shape the answers. */
export interface SiteRules {
  readonly headers?: string | null;
  readonly redirects?: string | null;
}

/** A folder that the runtime serves. */
export interface Site {
  readonly directory: string;
  /** Content type by path. */
  readonly contentTypes: Record<string, string>;
}

const MAX_FILE = 25 * 1024 * 1024;
const FILES_A_BUCKET = 500;

/** Uploaded asset files, each once an account, and the manifests that use them. */
export class AssetsStore {
  readonly #ctx: ServiceContext;
  readonly #key: string;

  constructor(ctx: ServiceContext, key: string) {
    this.#ctx = ctx;
    this.#key = key;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS assets_manifests (
        account_id TEXT NOT NULL, id TEXT NOT NULL, manifest TEXT NOT NULL, PRIMARY KEY (account_id, id));
      CREATE TABLE IF NOT EXISTS assets_files (
        account_id TEXT NOT NULL, hash TEXT NOT NULL, size INTEGER NOT NULL, content_type TEXT NOT NULL,
        PRIMARY KEY (account_id, hash));`);
  }

  /** Begins an upload. Answers which files are missing, in buckets, or at once the proof that none is. */
  openSession(accountId: string, manifest: Manifest): { jwt: string; buckets: string[][] } {
    const limit = this.#ctx.limits(accountId).assetFiles;
    const entries = Object.entries(manifest);
    if (entries.length > limit) throw errors.tooManyFiles(entries.length, limit);
    for (const [path, { size }] of entries) {
      if (size > MAX_FILE) throw errors.fileTooLarge(path);
      if (!path.startsWith("/") || path.split("/").some((part) => part === ".." || part === "."))
        throw errors.malformed(`Asset path ${path} must begin with / and have no dots as parts.`);
    }
    const text = JSON.stringify(manifest);
    const manifestId = createHash("sha256").update(text).digest("hex").slice(0, 32);
    this.#ctx.store.run("INSERT OR REPLACE INTO assets_manifests VALUES (?, ?, ?)", accountId, manifestId, text);
    const missing = this.#missing(accountId, manifest);
    const state = missing.length === 0 ? "complete" : "session";
    return { jwt: this.#sign({ accountId, manifestId, state }), buckets: chunks(missing, FILES_A_BUCKET) };
  }

  /** Takes files of a session. Answers the proof of completion when they were the last ones. */
  addFiles(
    accountId: string,
    token: string,
    files: readonly { hash: string; contentType: string; contents: Uint8Array }[],
  ): string | undefined {
    const claims = this.#read(accountId, token);
    const manifest = this.#manifest(accountId, claims.manifestId);
    const wanted = new Map(Object.values(manifest).map(({ hash, size }) => [hash, size]));
    for (const { hash, contents } of files) {
      const size = wanted.get(hash);
      if (size === undefined) throw errors.notInManifest(hash);
      if (size !== contents.byteLength) throw errors.wrongSize(hash, contents.byteLength, size);
    }
    for (const file of files) this.#addFile(accountId, file);
    if (this.#missing(accountId, manifest).length > 0) return undefined;
    return this.#sign({ ...claims, state: "complete" });
  }

  /** The manifest that a completion token stands for. */
  complete(accountId: string, token: string): string {
    const { manifestId } = this.#read(accountId, token);
    const missing = this.#missing(accountId, this.#manifest(accountId, manifestId));
    if (missing.length > 0) throw errors.missingFiles(missing.length);
    return manifestId;
  }

  /** Lays a manifest's files out as a folder. Files are linked, not copied; a folder that is there is used again. */
  site(accountId: string, manifestId: string, rules: SiteRules): Site {
    const manifest = this.#manifest(accountId, manifestId);
    const id = createHash("sha256")
      .update(JSON.stringify([manifestId, rules.headers, rules.redirects]))
      .digest("hex");
    const directory = join(this.#folder(accountId), "sites", id.slice(0, 32));
    if (!existsSync(directory)) this.#layOut(accountId, manifest, rules, directory);
    const contentTypes: Record<string, string> = {};
    for (const [path, { hash }] of Object.entries(manifest)) {
      const row = this.#ctx.store.get(
        "SELECT content_type FROM assets_files WHERE account_id = ? AND hash = ?",
        accountId,
        hash,
      );
      contentTypes[path] = String(row?.["content_type"] ?? "application/octet-stream");
    }
    return { directory, contentTypes };
  }

  #layOut(accountId: string, manifest: Manifest, rules: SiteRules, directory: string): void {
    const draft = `${directory}.draft`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true });
    for (const [path, { hash }] of Object.entries(manifest)) {
      const file = join(draft, path);
      mkdirSync(dirname(file), { recursive: true });
      linkSync(join(this.#folder(accountId), "files", hash), file);
    }
    if (rules.headers) writeFileSync(join(draft, "_headers"), rules.headers);
    if (rules.redirects) writeFileSync(join(draft, "_redirects"), rules.redirects);
    renameSync(draft, directory);
  }

  #addFile(accountId: string, file: { hash: string; contentType: string; contents: Uint8Array }): void {
    const folder = join(this.#folder(accountId), "files");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${file.hash}.draft`), file.contents);
    renameSync(join(folder, `${file.hash}.draft`), join(folder, file.hash));
    this.#ctx.store.run(
      "INSERT OR REPLACE INTO assets_files VALUES (?, ?, ?, ?)",
      accountId,
      file.hash,
      file.contents.byteLength,
      file.contentType,
    );
  }

  #missing(accountId: string, manifest: Manifest): string[] {
    const hashes = new Set(Object.values(manifest).map(({ hash }) => hash));
    for (const row of this.#ctx.store.all("SELECT hash FROM assets_files WHERE account_id = ?", accountId))
      hashes.delete(String(row["hash"]));
    return [...hashes];
  }

  #manifest(accountId: string, id: string): Manifest {
    const row = this.#ctx.store.get(
      "SELECT manifest FROM assets_manifests WHERE account_id = ? AND id = ?",
      accountId,
      id,
    );
    if (row === undefined) throw errors.invalidToken();
    return JSON.parse(String(row["manifest"])) as Manifest;
  }

  #folder(accountId: string): string {
    return join(this.#ctx.directory, "assets", accountId);
  }

  #sign(claims: AssetsClaims): string {
    return signToken(claims, this.#key, this.#ctx.clock.now());
  }

  #read(accountId: string, token: string): AssetsClaims {
    const claims = readToken(token, this.#key, this.#ctx.clock.now());
    if (claims.accountId !== accountId) throw errors.invalidToken();
    return claims;
  }
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
