import { log } from "@tenner/worker-kit/log";
import type { JobRecord, JobResult } from "../domain/job.ts";

type Owned = Pick<JobRecord, "id" | "tenant">;

/**
 * Answers in R2, found through a lookup key in KV. The KV value is only an address: an answer counts once the job's
 * record in D1 names it, and a tenant's name is part of both keys, so no caller can reach another's.
 */
export class ResultStore {
  readonly #results: R2Bucket;
  readonly #lookup: KVNamespace;

  constructor(env: { readonly RESULTS: R2Bucket; readonly LOOKUP: KVNamespace }) {
    this.#results = env.RESULTS;
    this.#lookup = env.LOOKUP;
  }

  /** Writes an attempt's answer and returns its key. A repeat of the same attempt writes the same again. */
  async put(job: Owned & Pick<JobRecord, "run">, attempt: number, result: JobResult): Promise<string> {
    const key = `${folder(job)}${job.run}-${attempt}.json`;
    await this.#results.put(key, JSON.stringify(result), { httpMetadata: { contentType: "application/json" } });
    return key;
  }

  /** Makes an answer findable without D1. Its loss costs a query, so a failure is noted and no more. */
  async remember(job: Owned, key: string, ttlSeconds: number): Promise<void> {
    try {
      await this.#lookup.put(lookupKey(job), key, { expirationTtl: Math.max(60, ttlSeconds) });
    } catch (error) {
      log("warn", "lookup_not_written", { job: job.id, message: String(error) });
    }
  }

  /** The key of a finished job's answer, if KV has it. */
  lookUp(job: Owned): Promise<string | null> {
    return this.#lookup.get(lookupKey(job));
  }

  get(key: string): Promise<R2ObjectBody | null> {
    return this.#results.get(key);
  }

  /** Drops an answer that came too late to count. */
  async drop(key: string): Promise<void> {
    await this.#results.delete(key);
  }

  /** Removes everything of a job. */
  async remove(job: Owned): Promise<void> {
    const { objects } = await this.#results.list({ prefix: folder(job) });
    if (objects.length > 0) await this.#results.delete(objects.map((object) => object.key));
    await this.#lookup.delete(lookupKey(job));
  }
}

function folder(job: Owned): string {
  return `results/${job.tenant}/${job.id}/`;
}

function lookupKey(job: Owned): string {
  return `result/${job.tenant}/${job.id}`;
}
