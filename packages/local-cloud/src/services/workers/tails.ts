import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type Context, Hono } from "hono";
import { accountOf } from "../../core/account.ts";
import { ApiError } from "../../core/api-error.ts";
import { timestamp } from "../../core/clock.ts";
import { ok } from "../../core/envelope.ts";
import type { ServiceContext } from "../../core/service.ts";
import type { TraceEvent } from "../../core/trace-event.ts";
import type { Scripts } from "./scripts.ts";
import { acceptTailSocket, type TailSocket } from "./tail-socket.ts";

interface Tail {
  readonly id: string;
  readonly accountId: string;
  readonly script: string;
  readonly expires: number;
  sockets: Set<TailSocket>;
}

const LIFETIME = 6 * 3600_000;

export interface TailsOptions {
  readonly ctx: ServiceContext;
  readonly scripts: Scripts;
  /** Asks the runtime for all events of a script, or no longer. */
  watch(accountId: string, script: string, on: boolean): void;
  /** `ws://127.0.0.1:port`, where tails are read. */
  origin(): string;
}

/** Live logs of Workers. @see https://developers.cloudflare.com/workers/observability/logs/real-time-logs/ */
export class Tails {
  readonly routes = new Hono();
  readonly #options: TailsOptions;
  readonly #tails = new Map<string, Tail>();

  constructor(options: TailsOptions) {
    this.#options = options;
    const find = (context: Context) => options.scripts.get(accountOf(context), context.req.param("script") ?? "");
    this.routes.get("/scripts/:script/tails", (context) => {
      const { accountId, name } = find(context);
      return ok(
        context,
        this.#of(accountId, name).map((tail) => this.#answer(tail)),
      );
    });
    this.routes.post("/scripts/:script/tails", (context) => {
      const { accountId, name } = find(context);
      const expires = options.ctx.clock.now() + LIFETIME;
      const tail: Tail = { id: options.ctx.ids.hex(), accountId, script: name, expires, sockets: new Set() };
      this.#tails.set(tail.id, tail);
      options.watch(accountId, name, true);
      return ok(context, this.#answer(tail));
    });
    this.routes.delete("/scripts/:script/tails/:id", (context) => {
      const { accountId, name } = find(context);
      const tail = this.#of(accountId, name).find(({ id }) => id === context.req.param("id"));
      if (tail === undefined) throw new ApiError(404, 10_057, "this tail does not exist");
      this.#end(tail);
      return ok(context, null);
    });
  }

  /** Takes the WebSocket of a tail. Answers false when the path is none. */
  upgrade(request: IncomingMessage, socket: Duplex): boolean {
    const id = /^\/_tail\/([0-9a-f]{32})$/.exec(request.url ?? "")?.[1];
    const tail = id === undefined ? undefined : this.#tails.get(id);
    if (tail === undefined) return false;
    const tailSocket = acceptTailSocket(request, socket, () => {
      tail.sockets.delete(tailSocket);
      if (tail.sockets.size === 0) this.#end(tail);
    });
    tail.sockets.add(tailSocket);
    return true;
  }

  /** Sends what happened to those who watch. */
  publish(accountId: string, script: string, events: readonly TraceEvent[]): void {
    for (const tail of this.#of(accountId, script))
      for (const event of events)
        for (const socket of tail.sockets) socket.send(JSON.stringify({ ...event, scriptName: script }));
  }

  close(): void {
    for (const tail of this.#tails.values()) this.#end(tail);
  }

  #of(accountId: string, script: string): Tail[] {
    return [...this.#tails.values()].filter((tail) => tail.accountId === accountId && tail.script === script);
  }

  #end(tail: Tail): void {
    if (!this.#tails.delete(tail.id)) return;
    for (const socket of tail.sockets) socket.close();
    if (this.#of(tail.accountId, tail.script).length === 0) this.#options.watch(tail.accountId, tail.script, false);
  }

  #answer({ id, expires }: Tail) {
    return { id, url: `${this.#options.origin()}/_tail/${id}`, expires_at: timestamp(expires) };
  }
}
