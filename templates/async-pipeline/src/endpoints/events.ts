import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import { EVENT_STREAM_HEADERS, EventStream, lastEventId } from "@tenner/worker-kit/event-stream";
import { BatchStore } from "../adapters/batch-store.ts";
import { type BatchRecord, isEnded, toBatch } from "../domain/batch.ts";
import type { HttpEnv } from "../http-env.ts";
import { ownBatch } from "./own-batch.ts";

const LOOK_EVERY_MS = 1_000;
const LONGEST_MS = 5 * 60_000;

/** A batch's progress, live. */
export const eventEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "get",
    path: "/v1/batches/:id/events",
    operationId: "watchBatch",
    summary: "Watch a batch",
    description:
      "Server-Sent Events: each `batch` event holds the batch as it then is, at most one a second; its id is the batch's `version`. The stream ends with the batch, or after five minutes. Resume with `Last-Event-ID`; when nothing can follow the answer is 204.",
    tag: "Batches",
    guard: "tenant",
    headers: { "Last-Event-ID": "The id of the last event seen." },
    responses: {
      200: { description: "Events", contentType: "text/event-stream" },
      204: { description: "The batch has ended and everything was seen" },
    },
    problems: [400, 404],
    async handle(c) {
      let seen = lastEventId(c.req.header("last-event-id"));
      const batch = await ownBatch(c);
      // HEAD: nobody would ever read the stream, so none is opened.
      if (c.req.method === "HEAD") return c.body(null, 200, EVENT_STREAM_HEADERS);
      if (isEnded(batch) && seen === batch.version) return c.body(null, 204);

      const batches = new BatchStore(c.env.DB);
      const stream = new EventStream({
        lookEveryMs: LOOK_EVERY_MS,
        longestMs: LONGEST_MS,
        async look() {
          const found = await batches.get(batch.tenant, batch.id);
          if (found) tell(found);
          else stream.close(); // Removed meanwhile: whoever comes back is told so.
        },
      });
      const tell = (found: BatchRecord) => {
        if (found.version === seen) return;
        seen = found.version;
        stream.send({ id: seen, name: "batch", data: JSON.stringify(toBatch(found)), last: isEnded(found) });
      };
      tell(batch);
      return stream.response();
    },
  }),
];
