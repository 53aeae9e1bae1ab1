import type { RawAnswer } from "./raw-answer.ts";

/** What an API makes of a model's parts, as server-sent events. */
export interface EventStreamOptions<Part> {
  parts: AsyncIterable<Part>;
  render: (part: Part) => string[];
  /** After the last part. */
  end?: string;
}

/** The first part is awaited before the answer begins, so that a model that fails at once gives an error status. */
export async function eventStream<Part>({ parts, render, end = "" }: EventStreamOptions<Part>): Promise<RawAnswer> {
  const iterator = parts[Symbol.asyncIterator]();
  let next = await iterator.next();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (next.done) {
        if (end !== "") controller.enqueue(encoder.encode(end));
        controller.close();
        return;
      }
      controller.enqueue(encoder.encode(render(next.value).join("")));
      try {
        next = await iterator.next();
      } catch (error) {
        controller.error(error);
      }
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  return { status: 200, headers: { "content-type": "text/event-stream", "cache-control": "no-cache" }, body };
}

/** An event without a name. */
export const dataEvent = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;

/** An event whose name stands in its data as `type`, too. */
export const namedEvent = (type: string, value: object) => `event: ${type}\n${dataEvent({ type, ...value })}`;
