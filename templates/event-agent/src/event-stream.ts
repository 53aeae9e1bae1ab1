import type { JobEvent } from "./adapters/job-log.ts";

const BEAT_MS = 15_000;
/** A stream ends after this long; clients come back with `last-event-id` and miss nothing. */
const LONGEST_MS = 10 * 60_000;

/** What every stream of events is sent with. */
export const EVENT_STREAM_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store, no-transform",
};

/** One listener's Server-Sent Events. It ends by itself with the job's last event. */
export class EventStream {
  readonly #onClose: () => void;
  readonly #beat: ReturnType<typeof setInterval>;
  readonly #end: ReturnType<typeof setTimeout>;
  readonly #readable: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;

  constructor(options: { onBeat: () => Promise<void>; onClose: () => void }) {
    this.#onClose = options.onClose;
    this.#readable = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
        this.#write("retry: 2000\n\n");
      },
      cancel: () => this.#stop(),
    });
    this.#beat = setInterval(() => {
      this.#write(": still here\n\n");
      // A failed look at the record is no reason to end the stream: the next beat looks again.
      options.onBeat().catch(() => {});
    }, BEAT_MS);
    this.#end = setTimeout(() => this.close(), LONGEST_MS);
  }

  response(): Response {
    return new Response(this.#readable, { headers: EVENT_STREAM_HEADERS });
  }

  send(event: JobEvent): void {
    this.#write(`id: ${event.seq}\nevent: job\ndata: ${event.data}\n\n`);
    if (event.last) this.close();
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
    clearTimeout(this.#end);
    this.#onClose();
  }
}
