import { log } from "@tenner/worker-kit/log";
import type { Settings } from "@tenner/worker-kit/settings";
import { colo } from "./colo-level.ts";
import { type CacheEntry, parseEntry } from "./entry.ts";
import { kvLevel } from "./kv-level.ts";
import { memory } from "./memory-level.ts";

/** The kept answers on their three levels: this isolate, this data centre, everywhere. */
export interface Answers {
  /** The nearest one. The levels before it get it, too, after the answer. */
  find(tenant: string, key: string): Promise<CacheEntry | null>;
  /** Keeps an answer on every level. */
  keep(entry: CacheEntry): Promise<void>;
  /** Keeps it near by only: somebody else has written it to KV. */
  keepNear(entry: CacheEntry): Promise<void>;
  /** Removes it where it can be reached; elsewhere its generation ends it. */
  remove(tenant: string, key: string): Promise<void>;
}

/** @param later for work that may go on after the answer: `ctx.waitUntil` */
export function answers(
  env: Pick<Env, "ANSWERS">,
  { memoryBytes }: Pick<Settings["cache"], "memoryBytes">,
  later: (work: Promise<unknown>) => void,
): Answers {
  const kv = kvLevel(env.ANSWERS);
  const keepNear = (entry: CacheEntry, text: string) => {
    memory.put(entry, text, memoryBytes);
    return failOpen("cache_api_put_failed", () => colo.put(entry, text));
  };
  return {
    async find(tenant, key) {
      const near = memory.get(tenant, key);
      if (near) return near;
      // Of many who ask the same at once, one looks; all of them go to the flight, which has or gets the answer.
      if (memory.isAbsent(tenant, key, Date.now())) return null;
      const local = await failOpen("cache_api_get_failed", () => colo.get(tenant, key));
      const fromColo = local ? parseEntry(local, tenant, key) : null;
      if (fromColo && local) {
        memory.put(fromColo, local, memoryBytes);
        return fromColo;
      }
      const far = await failOpen("kv_get_failed", () => kv.get(tenant, key));
      const entry = far ? parseEntry(far, tenant, key) : null;
      if (entry && far) later(keepNear(entry, far));
      else memory.miss(tenant, key, Date.now());
      return entry;
    },
    async keep(entry) {
      const text = JSON.stringify(entry);
      await Promise.all([keepNear(entry, text), failOpen("kv_put_failed", () => kv.put(entry, text))]);
    },
    async keepNear(entry) {
      await keepNear(entry, JSON.stringify(entry));
    },
    async remove(tenant, key) {
      memory.delete(tenant, key);
      await Promise.all([
        failOpen("cache_api_delete_failed", () => colo.delete(tenant, key)),
        failOpen("kv_delete_failed", () => kv.delete(tenant, key)),
      ]);
    },
  };
}

/** A level that does not answer is a miss: the cache never stands in the way of an answer. */
async function failOpen<T>(event: string, act: () => Promise<T>): Promise<T | null> {
  try {
    return await act();
  } catch (error) {
    log("error", event, { message: String(error) });
    return null;
  }
}
