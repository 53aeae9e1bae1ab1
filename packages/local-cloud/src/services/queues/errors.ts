import { ApiError } from "../../core/api-error.ts";

/**
 * Codes of the control plane. Those marked "seen" are what Cloudflare's users report; the others are our best guess,
 * since Cloudflare documents none of them.
 */
export const errors = {
  /** Seen. */
  queueNotFound: (id: string) =>
    new ApiError(404, 11000, `Queue ${id} not found. Check the id or the name in the list of queues.`),
  /** Seen. */
  handlerMissing: (script: string) =>
    new ApiError(
      400,
      11001,
      `queue handler is missing: Worker ${script} exports no queue() handler. Deploy one that does, then add the consumer.`,
    ),
  consumerNotFound: (id: string) => new ApiError(404, 11001, `Consumer ${id} not found.`),
  /** Seen. */
  invalidName: (name: string) =>
    new ApiError(400, 11003, `Invalid queue name: ${name}. Must match ^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`),
  /** Seen. */
  consumerExists: (queue: string) =>
    new ApiError(
      400,
      11004,
      `workers.api.error.consumer_exists: queue ${queue} has a consumer already. Change or delete that one.`,
    ),
  nameTaken: (name: string) =>
    new ApiError(400, 11009, `Queue name '${name}' is already taken. Please use a different name and try again.`),
  tooManyQueues: (limit: number) =>
    new ApiError(400, 11010, `You have reached the limit of ${limit} queues on your account.`),
  scriptNotFound: (script: string) => new ApiError(404, 10007, `Worker ${script} does not exist on your account.`),
  /** The code that wrangler knows. */
  invalidConsumer: (message: string) => new ApiError(400, 100127, `invalid consumer settings: ${message}`),
  /** The code that wrangler knows. */
  invalidQueue: (message: string) => new ApiError(400, 100128, `invalid queue settings: ${message}`),
  notPullable: (queue: string) =>
    new ApiError(
      405,
      10252,
      `queue ${queue} has no http_pull consumer. Add one: wrangler queues consumer http add ${queue}`,
    ),
  /** The status and the word are documented, the code is not. */
  paused: () => new ApiError(409, 10252, "queue_delivery_paused: resume the delivery of the queue first"),
  purgeNotConfirmed: () =>
    new ApiError(400, 100128, "a purge deletes all messages: confirm it with delete_messages_permanently: true"),
  bindingQueueNotFound: (binding: string, queue: string) =>
    new ApiError(400, 11000, `binding ${binding}: Queue ${queue} not found. Create it first.`),
};

/**
 * Codes of sending and receiving.
 *
 * @see https://developers.cloudflare.com/queues/reference/error-codes/
 */
export const dataErrors = {
  queueNotFound: () => new ApiError(404, 10104, "QueueNotFound: Queue does not exist"),
  batchDelay: (seconds: unknown, most: number) =>
    new ApiError(400, 10202, `BatchDelayInvalid: batch delay ${String(seconds)} is not within 0 and ${most} seconds`),
  metadata: (what: string) => new ApiError(400, 10203, `MessageMetadataInvalid: ${what}`),
  messageSize: (bytes: number, most: number) =>
    new ApiError(413, 10204, `MessageSizeOutOfBounds: message length of ${bytes} bytes exceeds limit of ${most}`),
  batchSize: (bytes: number, most: number) =>
    new ApiError(413, 10205, `BatchSizeOutOfBounds: batch size of ${bytes} bytes exceeds limit of ${most}`),
  batchCount: (count: number, most: number) =>
    new ApiError(413, 10206, `BatchCountOutOfBounds: batch message count of ${count} is not within 1 and ${most}`),
  schema: (message: string) => new ApiError(400, 10207, `JSONRequestBodyInvalid: ${message}`),
  malformed: (message: string) => new ApiError(400, 10208, `JSONRequestBodyMalformed: ${message}`),
};
