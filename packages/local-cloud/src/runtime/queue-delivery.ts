import { Agent, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { NotDeliveredError, type QueueBatch, type QueueOutcome } from "../core/queue-batch.ts";

const agent = new Agent({ keepAlive: true, maxSockets: 512 });

/**
 * Gives a batch to the hidden Worker, which calls the consumer. Bodies go as bytes behind a JSON head, so that what comes
 * out of a consumer's hands is what the producer put in.
 *
 * @param base address of the hidden Worker.
 */
export function deliverBatch(
  base: string,
  secret: string,
  script: string,
  { queue, messages, backlog }: QueueBatch,
  signal: AbortSignal,
): Promise<QueueOutcome> {
  const head = Buffer.from(
    JSON.stringify({
      queue,
      backlog,
      messages: messages.map(({ id, sentAt, attempts, contentType, body }) => ({
        id,
        sentAt,
        attempts,
        contentType,
        bytes: body.byteLength,
      })),
    }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.byteLength);
  const body = Buffer.concat([length, head, ...messages.map((message) => message.body)]);
  return new Promise((resolve, reject) => {
    const headers = { "x-local-secret": secret, "content-length": body.byteLength };
    // `fetch` would give up after five minutes without an answer; a consumer has fifteen.
    const call = request(`${base}/queue/${encodeURIComponent(script)}`, { agent, method: "POST", headers, signal });
    call.once("error", reject);
    call.once("response", (response) => {
      buffer(response).then((answer) => {
        if (response.statusCode === 200) resolve(JSON.parse(answer.toString()) as QueueOutcome);
        else if (response.statusCode === 410) reject(new NotDeliveredError(answer.toString()));
        else reject(new Error(answer.toString()));
      }, reject);
    });
    call.end(body);
  });
}
