import type { createServer, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * How long a connection may be idle. A request over a connection that is ended just then fails, and on a busy machine
 * the five seconds that Node gives pass between two requests of one test.
 */
const KEEP_ALIVE_MS = 120_000;

/** Lets a test's server listen on a free port of 127.0.0.1. Answers its address. */
export async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1", backlog: 2_048 }, resolve));
  // Tools that only read a test's configuration (editors, knip) must be able to end.
  server.unref();
  // An address of a TCP server is never a string.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Ends servers with the connections that are open. */
export function endServers(...servers: readonly ReturnType<typeof createServer>[]): void {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
}

export function answerJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // a request without encoding gives buffers
  return Buffer.concat(chunks);
}

/** Forwards a request to the same path of `url`, its answer as it comes, and its end when the caller is gone. */
export async function passOn(
  url: string,
  request: IncomingMessage,
  body: Buffer<ArrayBuffer>,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const headers = Object.entries(request.headers).filter(([name]) => !/^(host|connection|content-length)$/.test(name));
  const init = { method: request.method ?? "GET", headers: headers as [string, string][], signal: gone.signal }; // single values, as sent
  try {
    const answer = await fetch(`${url}${request.url}`, init.method === "GET" ? init : { ...init, body });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.flushHeaders();
    for await (const part of answer.body ?? []) response.write(part);
    response.end();
  } catch {
    response.destroy();
  }
}
