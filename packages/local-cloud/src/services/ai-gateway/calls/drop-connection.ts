import type { IncomingMessage } from "node:http";
import type { Context } from "hono";

/** Breaks the caller's connection, as a server that cannot be reached does. Without a socket: 502. */
export function dropConnection(context: Context): Response {
  // The server that carries the app puts it there; an app called in its own process has none.
  const { incoming } = (context.env ?? {}) as { incoming?: IncomingMessage };
  incoming?.socket.destroy();
  return new Response("the gateway cannot be reached: a fault is set\n", { status: 502 });
}
