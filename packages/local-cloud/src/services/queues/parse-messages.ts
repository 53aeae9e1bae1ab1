import * as z from "zod";
import { dataErrors } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { CONTENT_TYPES, type ContentType } from "./message.ts";

/** A message as a producer sent it. */
export interface ParsedMessage {
  readonly contentType: ContentType;
  readonly body: Uint8Array;
  /** Seconds. Undefined: what the queue or the binding says. */
  readonly delay: number | undefined;
}

const BindingBatch = z.object({
  messages: z.array(z.object({ body: z.base64(), contentType: z.string().nullish(), delaySecs: z.number().nullish() })),
});
const RestMessage = z.object({
  body: z.unknown(),
  content_type: z.string().nullish(),
  delay_seconds: z.number().nullish(),
});
const RestBatch = z.object({ messages: z.array(RestMessage), delay_seconds: z.number().nullish() });

/** A message of a binding's `send`: the body as it is, the rest in headers. @throws {ApiError} 10203, 10204 */
export function bindingMessage(headers: Headers, body: Uint8Array): ParsedMessage {
  const message = { contentType: contentTypeOf(headers.get("x-msg-fmt")), body, delay: headerDelay(headers) };
  checkBodies([message]);
  return message;
}

/** The messages of a binding's `sendBatch`. @throws {ApiError} 10202 … 10208 */
export function bindingBatch(headers: Headers, text: string): ParsedMessage[] {
  const { messages } = parse(BindingBatch, json(text));
  const batchDelay = checkDelay(headerNumber(headers));
  const parsed = messages.map(({ body, contentType, delaySecs }) => ({
    contentType: contentTypeOf(contentType),
    body: Buffer.from(body, "base64"),
    delay: messageDelay(delaySecs) ?? batchDelay,
  }));
  checkBatch(parsed);
  return parsed;
}

/** A message sent over REST. @throws {ApiError} 10203 … 10208 */
export function restMessage(text: string): ParsedMessage {
  const message = fromRest(parse(RestMessage, json(text)));
  checkBodies([message]);
  return message;
}

/** Messages sent over REST at once. @throws {ApiError} 10202 … 10208 */
export function restBatch(text: string): ParsedMessage[] {
  const { messages, delay_seconds: delay } = parse(RestBatch, json(text));
  const batchDelay = checkDelay(delay);
  const parsed = messages.map(fromRest).map((message) => ({ ...message, delay: message.delay ?? batchDelay }));
  checkBatch(parsed);
  return parsed;
}

/** The delay of a retry, in seconds. @throws {ApiError} 10203 */
export function messageDelay(seconds: number | null | undefined): number | undefined {
  if (seconds === null || seconds === undefined) return undefined;
  if (isDelay(seconds)) return seconds;
  throw dataErrors.metadata(`the message delay of ${seconds} is not within 0 and ${LIMITS.delaySeconds} seconds`);
}

function fromRest({ body, content_type: type, delay_seconds: delay }: z.output<typeof RestMessage>): ParsedMessage {
  const contentType = type ?? (typeof body === "string" ? "text" : "json");
  if (contentType !== "text" && contentType !== "json")
    throw dataErrors.metadata(`content_type ${contentType} cannot be sent over HTTP: text or json`);
  if (body === undefined) throw dataErrors.schema("body: a message needs one");
  if (contentType === "json")
    return { contentType, body: Buffer.from(JSON.stringify(body)), delay: messageDelay(delay) };
  if (typeof body !== "string") throw dataErrors.schema("body: of content_type text is a string");
  return { contentType, body: Buffer.from(body), delay: messageDelay(delay) };
}

function checkBatch(messages: readonly ParsedMessage[]): void {
  if (messages.length === 0 || messages.length > LIMITS.batchMessages)
    throw dataErrors.batchCount(messages.length, LIMITS.batchMessages);
  checkBodies(messages);
  const bytes = messages.reduce((sum, { body }) => sum + body.byteLength, 0);
  if (bytes > LIMITS.batchBytes) throw dataErrors.batchSize(bytes, LIMITS.batchBytes);
}

function checkBodies(messages: readonly ParsedMessage[]): void {
  for (const { body, contentType } of messages) {
    if (body.byteLength > LIMITS.messageBytes) throw dataErrors.messageSize(body.byteLength, LIMITS.messageBytes);
    // Nobody could read it later.
    if (contentType === "json") json(Buffer.from(body).toString());
  }
}

function contentTypeOf(name: string | null | undefined): ContentType {
  // A binding that names none uses workerd's own serialisation.
  const found = CONTENT_TYPES.find((known) => known === (name ?? "v8"));
  if (found === undefined) throw dataErrors.metadata(`content type ${name} is none of ${CONTENT_TYPES.join(", ")}`);
  return found;
}

function headerNumber(headers: Headers): number | undefined {
  const text = headers.get("x-msg-delay-secs");
  return text === null ? undefined : Number(text);
}

function headerDelay(headers: Headers): number | undefined {
  return messageDelay(headerNumber(headers));
}

function checkDelay(seconds: number | null | undefined): number | undefined {
  if (seconds === null || seconds === undefined) return undefined;
  if (!isDelay(seconds)) throw dataErrors.batchDelay(seconds, LIMITS.delaySeconds);
  return seconds;
}

function isDelay(seconds: number): boolean {
  return Number.isInteger(seconds) && seconds >= 0 && seconds <= LIMITS.delaySeconds;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw dataErrors.malformed((cause as Error).message);
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw dataErrors.schema(z.prettifyError(parsed.error));
  return parsed.data;
}
