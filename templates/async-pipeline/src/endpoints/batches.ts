import { now } from "@tenner/worker-kit/clock";
import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import { IDEMPOTENCY_KEY, idempotencyKey, REPLAYED } from "@tenner/worker-kit/idempotency-key";
import { pageOf, pageParameters } from "@tenner/worker-kit/paging";
import { Problem } from "@tenner/worker-kit/problem";
import * as z from "zod";
import { BatchStore } from "../adapters/batch-store.ts";
import { Batch, BatchStatus, isEnded, toBatch } from "../domain/batch.ts";
import { BatchRequest } from "../domain/batch-request.ts";
import type { HttpEnv } from "../http-env.ts";
import { readSubmission } from "../incoming.ts";
import { sendChore } from "../send-chore.ts";
import { submitBatch } from "../submit-batch.ts";
import { BATCH_ID, ownBatch } from "./own-batch.ts";

const tag = "Batches";

const BatchQuery = z.strictObject({ status: BatchStatus.optional(), ...pageParameters(BATCH_ID) });
const BatchList = z.object({ batches: z.array(Batch), next_cursor: z.string().nullable() }).meta({ id: "BatchList" });

/** Batches: submit, look, cancel, remove. */
export const batchEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "post",
    path: "/v1/batches",
    operationId: "submitBatch",
    summary: "Submit a batch",
    description:
      "Answers once the items have arrived; they are read and worked on afterwards. In JSON the items stand in the body, or `file_url` says where they are. An upload of NDJSON or CSV says `pipeline`, `options` and `agent_job` (as JSON) and `webhook_url` in the query. With an `Idempotency-Key` the same submission gives the same batch, however often it is sent.",
    tag,
    guard: "submission",
    headers: IDEMPOTENCY_KEY,
    describedBody: BatchRequest,
    otherBodies: {
      "application/x-ndjson": "One item in JSON a line.",
      "text/csv": "A header row, then one item a row: its columns are the item's fields.",
    },
    responses: { 202: { description: "Taken. `location` is the batch's address.", schema: Batch } },
    problems: [409, 429],
    async handle(c) {
      const key = idempotencyKey(c.req.header("idempotency-key"));
      const settings = c.get("settings");
      const { facts, incoming } = await readSubmission({
        request: c.req.raw,
        query: c.req.query(),
        settings,
        files: c.env.FILES,
        hasEventAgent: c.env.EVENT_AGENT !== undefined,
        waitUntil: (promise) => c.executionCtx.waitUntil(promise),
      });
      const { tenant } = c.get("caller");
      const submitted = submitBatch(c.env, settings, { tenant, facts, incoming, idempotencyKey: key });
      // A sender who hangs up in the middle does not leave half a batch.
      c.executionCtx.waitUntil(submitted.catch(() => {}));
      const { batch, created } = await submitted;
      return c.json(toBatch(batch), 202, { location: `/v1/batches/${batch.id}`, ...(!created && REPLAYED) });
    },
  }),

  endpoint({
    method: "get",
    path: "/v1/batches",
    operationId: "listBatches",
    summary: "List batches, newest first",
    tag,
    guard: "tenant",
    query: BatchQuery,
    responses: { 200: { description: "A page of batches", schema: BatchList } },
    async handle(c, { query }) {
      const records = await new BatchStore(c.env.DB).list(c.get("caller").tenant, {
        status: query.status,
        before: query.cursor,
        limit: query.limit + 1,
      });
      const { page, nextCursor } = pageOf(records, query.limit, (record) => record.id);
      return c.json({ batches: page.map(toBatch), next_cursor: nextCursor } satisfies z.infer<typeof BatchList>);
    },
  }),

  endpoint({
    method: "get",
    path: "/v1/batches/:id",
    operationId: "getBatch",
    summary: "Get a batch",
    tag,
    guard: "tenant",
    responses: { 200: { description: "The batch", schema: Batch } },
    problems: [404],
    handle: async (c) => c.json(toBatch(await ownBatch(c))),
  }),

  endpoint({
    method: "post",
    path: "/v1/batches/:id/cancel",
    operationId: "cancelBatch",
    summary: "Cancel a batch",
    description: "What has not begun is cancelled; what has is finished, and its results are kept.",
    tag,
    guard: "tenant",
    responses: { 200: { description: "The batch, cancelled or being so", schema: Batch } },
    problems: [404, 409],
    async handle(c) {
      const batch = await ownBatch(c);
      const batches = new BatchStore(c.env.DB);
      const cancelled = await batches.cancel(batch.tenant, batch.id, now(c.env));
      if (cancelled) {
        if (isEnded(cancelled)) await sendChore(c.env, { kind: "notify", batchId: batch.id });
        return c.json(toBatch(cancelled));
      }
      const found = toBatch(await ownBatch(c));
      if (!found.cancelling) throw new Problem(409, "already_ended", `the batch is ${found.status}`);
      return c.json(found);
    },
  }),

  endpoint({
    method: "delete",
    path: "/v1/batches/:id",
    operationId: "deleteBatch",
    summary: "Remove an ended batch with everything of it",
    tag,
    guard: "tenant",
    responses: { 204: { description: "It is gone" } },
    problems: [404, 409],
    async handle(c) {
      const batch = await ownBatch(c);
      const hidden = await new BatchStore(c.env.DB).hide(batch.tenant, batch.id, now(c.env));
      if (!hidden) throw new Problem(409, "not_ended", "the batch has not ended; cancel it first");
      await sendChore(c.env, { kind: "remove", batchId: batch.id });
      return c.body(null, 204);
    },
  }),
];
