import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Hono } from "hono";
import type { ServiceContext } from "../../core/service.ts";

/** A signed address works for an hour. */
const LIFETIME = 3_600_000;

/** A file that goes to or comes from a database by a signed address, as R2's presigned URLs do at Cloudflare. */
interface Transfer {
  path: string;
  expires: number;
  upload: boolean;
}

/** The files of imports and exports, in the service's own folder. Addresses live as long as the process. */
export class TransferFiles {
  readonly #directory: string;
  readonly #now: () => number;
  readonly #token: () => string;
  readonly #transfers = new Map<string, Transfer>();

  constructor({ directory, clock, ids }: ServiceContext) {
    this.#directory = join(directory, "d1");
    this.#now = () => clock.now();
    this.#token = () => ids.hex() + ids.hex();
  }

  /** Where the SQL of this name is kept. */
  #path(databaseId: string, filename: string): string {
    return join(this.#directory, `${databaseId}.${filename.replace(/[^\w.-]/g, "_")}`);
  }

  /** A token that may be uploaded to once. */
  async allowUpload(databaseId: string, filename: string): Promise<string> {
    await mkdir(this.#directory, { recursive: true });
    return this.#sign(this.#path(databaseId, filename), true);
  }

  /** Keeps `sql` under a name and answers a token to download it. */
  async offer(databaseId: string, filename: string, sql: string): Promise<string> {
    await mkdir(this.#directory, { recursive: true });
    const path = this.#path(databaseId, filename);
    await writeFile(path, sql);
    return this.#sign(path, false);
  }

  /** The uploaded text, or undefined when there is none. */
  async read(databaseId: string, filename: string): Promise<string | undefined> {
    return await readFile(this.#path(databaseId, filename), "utf8").catch(() => undefined);
  }

  async remove(databaseId: string, filename: string): Promise<void> {
    await rm(this.#path(databaseId, filename), { force: true });
  }

  #sign(path: string, upload: boolean): string {
    const token = this.#token();
    this.#transfers.set(token, { path, upload, expires: this.#now() + LIFETIME });
    for (const [known, { expires }] of this.#transfers) if (expires < this.#now()) this.#transfers.delete(known);
    return token;
  }

  /** `GET` and `PUT` `/:token`, for whoever has the address. The etag of an upload is its MD5, as R2's is. */
  routes(): Hono {
    const routes = new Hono();
    const find = (token: string, upload: boolean) => {
      const transfer = this.#transfers.get(token);
      return transfer && transfer.upload === upload && transfer.expires >= this.#now() ? transfer : undefined;
    };
    routes.put("/:token", async (context) => {
      const transfer = find(context.req.param("token"), true);
      if (!transfer) return context.text("the address is unknown or has expired", 403);
      const md5 = createHash("md5");
      const hashing = new Transform({
        transform(chunk, _encoding, done) {
          md5.update(chunk);
          done(null, chunk);
        },
      });
      const part = `${transfer.path}.part`;
      // The DOM's and Node's stream types differ, the object is the same.
      const body = context.req.raw.body as Parameters<typeof Readable.fromWeb>[0] | null;
      await pipeline(body ? Readable.fromWeb(body) : Readable.from([]), hashing, createWriteStream(part));
      await rename(part, transfer.path);
      this.#transfers.delete(context.req.param("token"));
      return context.body(null, 200, { etag: `"${md5.digest("hex")}"` });
    });
    routes.get("/:token", async (context) => {
      const transfer = find(context.req.param("token"), false);
      if (!transfer) return context.text("the address is unknown or has expired", 403);
      const { size } = await stat(transfer.path);
      return context.body(Readable.toWeb(createReadStream(transfer.path)) as ReadableStream<Uint8Array>, 200, {
        "content-type": "application/sql",
        "content-length": String(size),
      });
    });
    return routes;
  }
}
