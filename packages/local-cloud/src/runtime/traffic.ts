import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** What goes on in an account right now, so that a reload can let it end and an idle account can be told. */
export class Traffic {
  /** Requests, data calls, crons and message batches under way. */
  #active = 0;
  /** Cloud-independent milliseconds of the last use. */
  lastUse = Date.now();
  /** Answers of the type `text/event-stream`. Their clients come again and resume by id. */
  readonly streams = new Set<ServerResponse>();
  /** WebSockets. They cannot outlive a reload. */
  readonly sockets = new Set<Duplex>();
  #whenQuiet: (() => void) | undefined;

  enter(): void {
    this.#active += 1;
  }

  /** @param used whether the account counts as used by it */
  leave(used = true): void {
    this.#active -= 1;
    if (used) this.lastUse = Date.now();
    if (this.#active === 0) this.#whenQuiet?.();
  }

  get busy(): boolean {
    return this.#active > 0 || this.sockets.size > 0 || this.streams.size > 0;
  }

  /** Runs `work` as part of the traffic. @param used as of `leave` */
  async during<Result>(work: () => Promise<Result>, used = true): Promise<Result> {
    this.enter();
    try {
      return await work();
    } finally {
      this.leave(used);
    }
  }

  /** Closes event streams and WebSockets and waits until all else has ended, at most `patience` ms. */
  async drain(patience: number): Promise<void> {
    for (const stream of this.streams) stream.end();
    for (const socket of this.sockets) socket.end(CLOSE_SERVICE_RESTART, () => socket.destroy());
    if (this.#active > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, patience);
        this.#whenQuiet = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#whenQuiet = undefined;
    }
    for (const socket of this.sockets) socket.destroy();
  }
}

/** A WebSocket close frame with the code 1012, "service restart". */
const CLOSE_SERVICE_RESTART = Buffer.from([0x88, 0x02, 0x03, 0xf4]);
