import { Problem } from "./problem.ts";

const BEAT_MS = 15_000;

/** What every stream of events is sent with. */
export const EVENT_STREAM_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store, no-transform",
};

/** One Server-Sent Event. */
export interface StreamedEvent {
  /** Counts up, so that a listener can resume after it. */
  readonly id: number;
  readonly name: string;
  /** One line, such as JSON. */
  readonly data: string;
  /** Nothing follows: the stream ends after it. */
  readonly last: boolean;
}

/** When a stream looks for news, and when it ends. */
export interface EventStreamOptions {
  /** Called again and again to send what is new; one that fails is followed by the next, and no two run at once. */
  readonly look: () => Promise<void>;
  /** Milliseconds between two looks. @default 15 000 */
  readonly lookEveryMs?: number;
  /** Milliseconds until the stream ends; clients come back with `last-event-id` and miss nothing. @default 10 minutes */
  readonly longestMs?: number;
  readonly onClose?: () => void;
}

/** One listener's Server-Sent Events. It ends by itself with the last event, or after its longest time. */
export class EventStream {
  readonly #onClose: () => void;
  readonly #beat: ReturnType<typeof setInterval>;
  readonly #look: ReturnType<typeof setInterval>;
  readonly #end: ReturnType<typeof setTimeout>;
  readonly #readable: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;

  constructor({ look, lookEveryMs = BEAT_MS, longestMs = 10 * 60_000, onClose = () => {} }: EventStreamOptions) {
    this.#onClose = onClose;
    this.#readable = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
        this.#write("retry: 2000\n\n");
      },
      cancel: () => this.#stop(),
    });
    this.#beat = setInterval(() => this.#write(": still here\n\n"), BEAT_MS);
    let looking = false;
    this.#look = setInterval(() => {
      if (looking) return;
      looking = true;
      // A failed look at the record is no reason to end the stream: the next one looks again.
      look()
        .catch(() => {})
        .finally(() => {
          looking = false;
        });
    }, lookEveryMs);
    this.#end = setTimeout(() => this.close(), longestMs);
  }

  response(): Response {
    return new Response(this.#readable, { headers: EVENT_STREAM_HEADERS });
  }

  send({ id, name, data, last }: StreamedEvent): void {
    this.#write(`id: ${id}\nevent: ${name}\ndata: ${data}\n\n`);
    if (last) this.close();
  }

  close(): void {
    this.#controller?.close();
    this.#stop();
  }

  #write(text: string): void {
    this.#controller?.enqueue(new TextEncoder().encode(text));
  }

  #stop(): void {
    this.#controller = null;
    clearInterval(this.#beat);
    clearInterval(this.#look);
    clearTimeout(this.#end);
    this.#onClose();
  }
}

/** The id of the last event that a listener has seen, 0 for none. @throws Problem 400 */
export function lastEventId(header: string | undefined): number {
  const seen = header ?? "0";
  if (!/^\d{1,15}$/.test(seen)) throw new Problem(400, "invalid_event_id", "Last-Event-ID must be a number");
  return Number(seen);
}
