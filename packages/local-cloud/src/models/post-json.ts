import { type Dispatcher, errors, Pool } from "undici";

/** An answer that began. Its body is read once, whole or piece by piece. */
export interface PostedAnswer {
  readonly status: number;
  /** The whole body. */
  text(): Promise<string>;
  /** The body piece by piece; leaving the loop ends the connection. */
  pieces(): AsyncIterable<string>;
}

/** Ends a call. `timeout` in ms, until the answer is complete. */
export interface PostLimits {
  readonly signal: AbortSignal;
  readonly timeout: number;
}

/** Sockets at once; further calls wait. */
const CONNECTIONS = 256;
/** Bytes of a body that wait for their reader before the server is made to wait. */
const AHEAD = 64 * 1024;

/**
 * Posts JSON to one address over sockets that stay open. Every call of a gateway goes through here, so answers are taken
 * from undici's dispatcher as it hands them over: undici's own `request` makes a stream of Node's for each, which costs
 * more of the processor, and `node:http` and `fetch` cost more than that.
 *
 * @throws {DOMException} `TimeoutError` or `AbortError` where the limits end it.
 * @see https://undici.nodejs.org/#/docs/api/Dispatcher?id=dispatcherdispatchoptions-handler
 */
export function jsonPoster(address: string): (body: string, limits: PostLimits) => Promise<PostedAnswer> {
  const { origin, pathname, search } = new URL(address);
  const pool = new Pool(origin, { connections: CONNECTIONS, headersTimeout: 0, bodyTimeout: 0 });
  const path = pathname + search;
  const headers = { "content-type": "application/json" };
  const begin = (body: string, limits: PostLimits) => {
    const answer = new Answer(limits);
    pool.dispatch({ path, method: "POST", headers, body }, answer);
    return answer.begun;
  };
  return async (body, limits) => {
    const asked = performance.now();
    try {
      return await begin(body, limits);
    } catch (error) {
      // The server closed an idle socket in the moment it was used again: nothing of the request was read.
      if (wasIdle(error)) return begin(body, { ...limits, timeout: limits.timeout - (performance.now() - asked) });
      throw error;
    }
  };
}

/** How an answer ended: whole, or with what went wrong. */
type End = { readonly error?: Error };

/** One request and its answer. */
class Answer implements PostedAnswer, Dispatcher.DispatchHandler {
  status = 0;
  readonly #begun = Promise.withResolvers<PostedAnswer>();
  /** Kept when the head of the answer is there. */
  readonly begun = this.#begun.promise;
  readonly #signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #leave = () => this.#stop(new DOMException("the caller is gone", "AbortError"));
  #controller: Dispatcher.DispatchController | undefined;
  #waiting: Buffer[] = [];
  #ahead = 0;
  #end: End | undefined;
  /** Tells whoever reads that there is more, or the end. */
  #tell: (() => void) | undefined;

  constructor({ signal, timeout }: PostLimits) {
    this.#signal = signal;
    this.#timer = setTimeout(() => this.#stop(new DOMException("no answer in time", "TimeoutError")), timeout);
    signal.addEventListener("abort", this.#leave, { once: true });
    if (signal.aborted) this.#leave();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#end?.error) controller.abort(this.#end.error);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.status = status;
    // What comes before the answer, e.g. "100 Continue", is none.
    if (status >= 200) this.#begun.resolve(this);
  }

  onResponseData(controller: Dispatcher.DispatchController, piece: Buffer): void {
    this.#waiting.push(piece);
    this.#ahead += piece.byteLength;
    if (this.#ahead > AHEAD) controller.pause();
    this.#tell?.();
  }

  onResponseEnd(): void {
    this.#finish({});
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#finish({ error });
  }

  async text(): Promise<string> {
    const all: Buffer[] = [];
    for (let pieces = await this.#next(); pieces; pieces = await this.#next()) all.push(...pieces);
    return Buffer.concat(all).toString();
  }

  async *pieces(): AsyncIterable<string> {
    const decoder = new TextDecoder();
    try {
      for (let pieces = await this.#next(); pieces; pieces = await this.#next())
        for (const piece of pieces) yield decoder.decode(piece, { stream: true });
    } finally {
      this.#leave();
    }
  }

  /** What has come since the last time, at least one piece; nothing after the end. */
  async #next(): Promise<Buffer[] | undefined> {
    while (this.#waiting.length === 0) {
      if (this.#end?.error) throw this.#end.error;
      if (this.#end) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#tell = resolve;
      if (this.#controller?.paused) this.#controller.resume();
      await promise;
    }
    const pieces = this.#waiting;
    this.#waiting = [];
    this.#ahead = 0;
    return pieces;
  }

  #stop(error: Error): void {
    if (this.#end) return;
    this.#finish({ error });
    this.#controller?.abort(error);
  }

  #finish(end: End): void {
    if (this.#end) return;
    this.#end = end;
    clearTimeout(this.#timer);
    this.#signal.removeEventListener("abort", this.#leave);
    if (end.error) this.#begun.reject(end.error);
    this.#tell?.();
  }
}

/** Whether a socket that had answered before was closed at its next request. */
function wasIdle(error: unknown): boolean {
  return error instanceof errors.SocketError && (error.socket?.bytesRead ?? 0) > 0;
}
