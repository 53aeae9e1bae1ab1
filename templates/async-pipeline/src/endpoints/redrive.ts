import { now } from "@tenner/worker-kit/clock";
import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import { IDEMPOTENCY_KEY, idempotencyKey } from "@tenner/worker-kit/idempotency-key";
import { answerOnce } from "@tenner/worker-kit/idempotent-answers";
import { Problem } from "@tenner/worker-kit/problem";
import * as z from "zod";
import { ItemStore } from "../adapters/item-store.ts";
import { Batch, toBatch } from "../domain/batch.ts";
import type { HttpEnv } from "../http-env.ts";
import { wakeFeeder } from "../wake-feeder.ts";
import { ownBatch } from "./own-batch.ts";

const RedriveRequest = z
  .strictObject({
    reason: z.string().min(1).max(100).optional().describe("Only items that are dead for this reason."),
    positions: z.array(z.int().min(0)).min(1).max(10_000).optional().describe("Only these items."),
  })
  .describe("All dead items, unless it says which.")
  .meta({ id: "RedriveRequest" });

const Redriven = z
  .object({ redriven: z.int().min(0).describe("Items that go round again."), batch: Batch })
  .meta({ id: "Redriven" });

/** Sends dead items round again. */
export const redriveEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "post",
    path: "/v1/batches/:id/redrive",
    operationId: "redriveBatch",
    summary: "Send dead items round again",
    description:
      "With all their attempts. The batch runs again and ends again, as its next `run`. Items that could not be read from the source stay dead.",
    tag: "Batches",
    guard: "submission",
    headers: { "Idempotency-Key": `${IDEMPOTENCY_KEY["Idempotency-Key"].split(";")[0]}; holds for a day.` },
    body: RedriveRequest,
    responses: { 202: { description: "How many, and the batch as it now is", schema: Redriven } },
    problems: [404, 409, 429],
    async handle(c, { body }) {
      const batch = await ownBatch(c);
      const at = now(c.env);
      const request = {
        tenant: batch.tenant,
        key: idempotencyKey(c.req.header("idempotency-key")),
        operation: `POST /v1/batches/${batch.id}/redrive`,
        body,
        at,
      };
      return answerOnce(c.env.DB, request, async () => {
        const redriven = await new ItemStore(c.env.DB).redrive(batch.id, body, at);
        const after = await ownBatch(c);
        if (redriven === 0) throw notRedriven(after.status, after.dead);
        await wakeFeeder(c.env, batch.tenant);
        return { status: 202, body: { redriven, batch: toBatch(after) } satisfies z.infer<typeof Redriven> };
      });
    },
  }),
];

function notRedriven(status: Batch["status"], dead: number): Problem {
  if (dead === 0) return new Problem(409, "nothing_to_redrive", "the batch has no dead items");
  if (status === "failed" || status === "loading" || status === "receiving") {
    return new Problem(409, "not_redrivable", `the batch is ${status}`);
  }
  return new Problem(409, "nothing_to_redrive", "none of its dead items is of that choice and was readable");
}
