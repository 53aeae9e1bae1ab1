import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

/** Who calls and what for. The runtime puts it into headers that a Worker can neither see nor forge. */
export interface InnerCall {
  readonly kind: string;
  readonly accountId: string;
  readonly script: string;
}

/** Answers one kind of call. */
export interface InnerHandler {
  request(call: InnerCall, request: IncomingMessage, response: ServerResponse): void;
  upgrade?(call: InnerCall, request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** The listener that only our own workerd processes may call. */
export interface InnerServer {
  /** `127.0.0.1:port` */
  readonly address: string;
  readonly secret: string;
  close(): Promise<void>;
}

/** @param handlers by kind of call. */
export async function startInnerServer(handlers: Readonly<Record<string, InnerHandler>>): Promise<InnerServer> {
  const secret = randomBytes(32).toString("hex");
  // workerd sends no Host header where the request line has the whole address.
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    const call = authenticate(request, secret);
    const handler = call && handlers[call.kind];
    if (!call || !handler) {
      response.writeHead(403).end();
      return;
    }
    handler.request(call, request, response);
  });
  server.on("upgrade", (request, socket, head) => {
    const call = authenticate(request, secret);
    const handler = call && handlers[call.kind];
    if (!call || !handler?.upgrade) {
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    handler.upgrade(call, request, socket, head);
  });
  // A Worker's request may take as long as it wants.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  await listen(server);
  const { port } = server.address() as AddressInfo;
  return { address: `127.0.0.1:${port}`, secret, close: () => closeServer(server) };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve());
  });
}

/** Ends a server with all its connections. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Reads who calls, and removes the secret so that it is not passed on. */
function authenticate(request: IncomingMessage, secret: string): InnerCall | undefined {
  const given = Buffer.from(String(request.headers["x-local-secret"] ?? ""));
  const wanted = Buffer.from(secret);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
  const call = {
    kind: String(request.headers["x-local-kind"] ?? ""),
    accountId: String(request.headers["x-local-account"] ?? ""),
    script: String(request.headers["x-local-script"] ?? ""),
  };
  delete request.headers["x-local-secret"];
  delete request.headers["x-local-kind"];
  return call;
}
