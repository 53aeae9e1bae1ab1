import type { Locks } from "../lock.ts";
import type { StateStore } from "../state-store.ts";
import { BucketError } from "./bucket-error.ts";
import { bucketLocks } from "./bucket-locks.ts";
import type { S3Client } from "./s3-client.ts";
import { child, parseXml } from "./xml.ts";

/** What an object was when it was read or written last; without a text there was none. */
interface Known {
  readonly text?: string;
  readonly etag?: string | undefined;
}

/** How many objects are deleted at once. */
const AT_ONCE = 8;

/**
 * States in a bucket. A file with a backup is only replaced when it is still the one that was read or written here last:
 * a run that was taken for dead writes nothing over what another has done since, nor does a request that was on its way
 * for long.
 *
 * @see https://developers.cloudflare.com/r2/api/s3/conditional-operations/
 */
export class BucketStore implements StateStore {
  readonly #client: S3Client;
  readonly #known = new Map<string, Known>();

  constructor(client: S3Client) {
    this.#client = client;
  }

  describe(key: string): string {
    return `s3://${this.#client.address.bucket}/${this.#key(key)}`;
  }

  async read(key: string): Promise<string | undefined> {
    const { status, body, etag } = await this.#client.send({ method: "GET", key: this.#key(key), expected: [404] });
    const known = status === 404 ? {} : { text: body, etag };
    this.#known.set(key, known);
    return known.text;
  }

  async write(key: string, text: string, backup?: string): Promise<void> {
    if (backup === undefined) {
      this.#known.set(key, { text, etag: await this.#put(key, text) });
      return;
    }
    if (!this.#known.has(key)) await this.read(key);
    const before = this.#known.get(key) ?? {};
    // Each is whole by itself, so neither waits for the other.
    const [etag] = await Promise.all([
      this.#replace(key, text, before),
      before.text === undefined ? undefined : this.#put(backup, before.text),
    ]);
    this.#known.set(key, { text, etag });
  }

  async keepAs(key: string, name: string): Promise<void> {
    const text = this.#known.get(key)?.text ?? (await this.read(key));
    if (text !== undefined) await this.#put(name, text);
  }

  async remove(key: string): Promise<void> {
    await this.#client.send({ method: "DELETE", key: this.#key(key), expected: [404] });
    this.#known.delete(key);
  }

  async removeAll(folder: string): Promise<void> {
    const keys = await this.#list(`${folder}/`);
    while (keys.length > 0) await Promise.all(keys.splice(0, AT_ONCE).map((key) => this.remove(key)));
  }

  async names(folder: string): Promise<string[]> {
    const keys = await this.#list(`${folder}/`, "/");
    return keys.map((key) => key.slice(folder.length + 1));
  }

  locks(folder: string): Locks {
    return bucketLocks(this, folder);
  }

  async #put(key: string, text: string, headers: Record<string, string> = {}): Promise<string | undefined> {
    const sent = { "content-type": contentType(key), ...headers };
    return (await this.#client.send({ method: "PUT", key: this.#key(key), body: text, headers: sent })).etag;
  }

  async #replace(key: string, text: string, before: Known): Promise<string | undefined> {
    // A server that gives no ETag cannot be asked for it.
    const condition = before.text === undefined ? { "if-none-match": "*" } : { "if-match": before.etag ?? "*" };
    try {
      return await this.#put(key, text, condition);
    } catch (error) {
      // A server without such conditions, of which there are some, is trusted as a folder is.
      if (error instanceof BucketError && error.code === "NotImplemented") return this.#put(key, text);
      if (!(error instanceof BucketError) || !["PreconditionFailed", "NoSuchKey", "412"].includes(error.code))
        throw error;
      // It may have been written by a try whose answer was lost.
      if ((await this.read(key)) === text) return this.#known.get(key)?.etag;
      this.#known.set(key, before);
      throw new BucketError(
        "Conflict",
        `${this.describe(key)} was changed by somebody else while this run held its lock; it is left as it is`,
        { cause: error },
      );
    }
  }

  /** Keys below a prefix, without the store's own. */
  async #list(prefix: string, delimiter?: string): Promise<string[]> {
    const keys: string[] = [];
    let next: string | undefined;
    do {
      const { body } = await this.#client.send({
        method: "GET",
        query: {
          "list-type": "2",
          prefix: this.#key(prefix),
          ...(delimiter === undefined ? {} : { delimiter }),
          ...(next === undefined ? {} : { "continuation-token": next }),
        },
      });
      const page = readPage(body);
      keys.push(...page.keys);
      next = page.next;
    } while (next !== undefined);
    return keys.map((key) => key.slice(this.#client.address.prefix.length));
  }

  #key(key: string): string {
    return this.#client.address.prefix + key;
  }
}

function readPage(body: string): { keys: string[]; next: string | undefined } {
  const root = parseXml(body);
  const contents = root.children.filter(({ name }) => name === "Contents");
  return {
    keys: contents.map((one) => child(one, "Key")?.text ?? ""),
    next: child(root, "IsTruncated")?.text === "true" ? child(root, "NextContinuationToken")?.text : undefined,
  };
}

function contentType(key: string): string {
  return key.endsWith(".json") || key.endsWith(".bak") ? "application/json" : "text/plain";
}
