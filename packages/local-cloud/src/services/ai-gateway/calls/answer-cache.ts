import type { Clock } from "../../../core/clock.ts";
import type { Store } from "../../../core/store.ts";

/** An answer as it is kept: complete, successful, and replayed byte for byte. */
export interface KeptAnswer {
  readonly provider: string;
  readonly model: string;
  readonly step: number;
  readonly contentType: string;
  /** What the local cloud says of it, e.g. that it is a stand-in's: headers. */
  readonly marks: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Where a kept answer belongs: an account's gateway. Both are part of the key's hash, too. */
interface CacheOwner {
  readonly accountId: string;
  readonly gatewayId: string;
}

/** Answers of the gateways, for exactly the same requests. */
export interface AnswerCache {
  find(key: string): KeptAnswer | undefined;
  /**
   * Keeps an answer for so many seconds. It is found from now on; the promise is kept once it is on disk, at most
   * {@link WRITE_DELAY} later. Larger than {@link MAX_ANSWER}: nothing is kept.
   */
  keep(owner: CacheOwner, key: string, answer: KeptAnswer, seconds: number): Promise<void>;
  /** Writes what waits. */
  close(): void;
}

/** Bytes. @see https://developers.cloudflare.com/ai-gateway/reference/limits/ */
export const MAX_ANSWER = 25 * 1024 * 1024;
/** ms: answers that come together are written together. */
const WRITE_DELAY = 10;
/** Bytes of answers in memory; the rest is read from disk. */
const MEMORY = 64 * 1024 * 1024;
/** Bytes of answers on disk. The oldest go first. */
const DISK = 512 * 1024 * 1024;
/** Writes between two looks for what is over. */
const SWEEP_EVERY = 100;

interface Entry {
  readonly owner: CacheOwner;
  readonly key: string;
  readonly answer: KeptAnswer;
  /** ms */
  readonly expires: number;
}

/** Bounded by bytes in memory and on disk, where it outlives the cloud. */
export function answerCache({ store, clock }: { store: Store; clock: Clock }): AnswerCache {
  store.define(`CREATE TABLE IF NOT EXISTS ai_gateway_answers (
    key TEXT PRIMARY KEY, account_id TEXT NOT NULL, gateway_id TEXT NOT NULL, expires INTEGER NOT NULL,
    kept INTEGER NOT NULL, size INTEGER NOT NULL, facts TEXT NOT NULL, body BLOB NOT NULL);
    CREATE INDEX IF NOT EXISTS ai_gateway_answers_expires ON ai_gateway_answers (expires)`);
  const memory = new Map<string, Entry>();
  let bytes = 0;
  let waiting: Entry[] = [];
  let written: PromiseWithResolvers<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let writes = 0;

  function remember(entry: Entry): void {
    forget(entry.key);
    memory.set(entry.key, entry);
    bytes += sizeOf(entry);
    for (const [key] of memory) {
      if (bytes <= MEMORY) break;
      forget(key);
    }
  }

  function forget(key: string): void {
    const entry = memory.get(key);
    if (entry === undefined) return;
    memory.delete(key);
    bytes -= sizeOf(entry);
  }

  function write(): void {
    clearTimeout(timer);
    timer = undefined;
    const entries = waiting;
    const done = written;
    waiting = [];
    written = undefined;
    try {
      store.quickTransaction(() => {
        for (const { key, owner, answer, expires } of entries) {
          const { body, ...facts } = answer;
          store.run(
            "INSERT OR REPLACE INTO ai_gateway_answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            key,
            owner.accountId,
            owner.gatewayId,
            expires,
            clock.now(),
            body.byteLength,
            JSON.stringify(facts),
            body,
          );
        }
        if (writes++ % SWEEP_EVERY === 0) sweep();
      });
    } catch (error) {
      // A full disk costs the next caller a cache hit, and this one nothing.
      console.error("AI Gateway's cache was not written:", error);
    }
    done?.resolve();
  }

  function sweep(): void {
    store.run("DELETE FROM ai_gateway_answers WHERE expires <= ?", clock.now());
    store.run(
      `DELETE FROM ai_gateway_answers WHERE key IN (
         SELECT key FROM (SELECT key, SUM(size) OVER (ORDER BY kept DESC, key) AS so_far FROM ai_gateway_answers)
         WHERE so_far > ?)`,
      DISK,
    );
  }

  function read(key: string): Entry | undefined {
    const row = store.get("SELECT * FROM ai_gateway_answers WHERE key = ?", key);
    if (row === undefined) return undefined;
    const owner = { accountId: String(row["account_id"]), gatewayId: String(row["gateway_id"]) };
    // Written by `write`, so it has the shape of the answer without its body.
    const facts = JSON.parse(String(row["facts"])) as Omit<KeptAnswer, "body">;
    const body = row["body"] as Uint8Array<ArrayBuffer>;
    return { key, owner, answer: { ...facts, body }, expires: Number(row["expires"]) };
  }

  return {
    find(key) {
      const entry = memory.get(key) ?? read(key);
      if (entry === undefined || entry.expires <= clock.now()) return undefined;
      remember(entry);
      return entry.answer;
    },
    keep(owner, key, answer, seconds) {
      if (answer.body.byteLength > MAX_ANSWER) return Promise.resolve();
      const entry = { owner, key, answer, expires: clock.now() + seconds * 1000 };
      remember(entry);
      waiting.push(entry);
      written ??= Promise.withResolvers<void>();
      timer ??= setTimeout(write, WRITE_DELAY);
      return written.promise;
    },
    close() {
      if (waiting.length > 0) write();
    },
  };
}

/** The names and the map's own share are counted roughly. */
const sizeOf = ({ answer }: Entry): number => answer.body.byteLength + 300;
