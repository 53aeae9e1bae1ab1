import { Problem } from "@tenner/worker-kit/problem";
import type { Context } from "hono";
import { BatchStore } from "../adapters/batch-store.ts";
import type { BatchRecord } from "../domain/batch.ts";
import type { HttpEnv } from "../http-env.ts";

/** A batch's id: `batch_` and a ULID in lower case. */
export const BATCH_ID = /^batch_[0-9a-z]{26}$/;

/**
 * The caller's own batch by the id in the path. Another tenant's is not found, like one that does not exist.
 *
 * @throws Problem 404
 */
export async function ownBatch(c: Context<HttpEnv>): Promise<BatchRecord> {
  const id = c.req.param("id") ?? "";
  const batch = BATCH_ID.test(id) ? await new BatchStore(c.env.DB).get(c.get("caller").tenant, id) : null;
  if (!batch) throw new Problem(404, "not_found", "there is no such batch");
  return batch;
}
