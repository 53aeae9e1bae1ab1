import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A connection that is ended as it is used again fails its request: Node's five seconds pass on a busy machine. */
const LONGER_THAN_ANY_PAUSE_MS = 120_000;

/**
 * A service behind the proxy. By the first part of its path: `echo` tells what it was sent, `status/CODE` answers that,
 * `flaky/NAME` breaks the first connection and answers the second, `hang` never answers, `stall` falls silent in the
 * middle, `slow/NAME` sends its second word when `open/NAME` was called, `hop` brings headers of its connection,
 * `redirect?to=` leads elsewhere, `ill/NAME` answers 500 until `heal/NAME` was called. `calls/WORD` counts the requests
 * whose path has the word.
 */
export async function startBackendDouble(): Promise<{ url: string; close(): void }> {
  const paths: string[] = [];
  const done = new Set<string>();
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const gate = (name: string) => {
    const found = gates.get(name) ?? Promise.withResolvers<void>();
    gates.set(name, found);
    return found;
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://backend.invalid");
    const [, verb, word = ""] = url.pathname.split("/");
    if (verb === "calls") return tell(response, { calls: paths.filter((path) => path.includes(word)).length });
    paths.push(url.pathname);
    if (verb === "open" || verb === "heal") {
      gate(word).resolve();
      done.add(word);
      return tell(response, {});
    }
    if (verb === "hang") return;
    if (verb === "status") return tell(response, { code: word }, Number(word));
    if (verb === "ill") return tell(response, {}, done.has(word) ? 200 : 500);
    if (verb === "flaky" && !done.has(word)) {
      done.add(word);
      request.socket.destroy();
      return;
    }
    if (verb === "redirect") {
      response.writeHead(302, { location: url.searchParams.get("to") ?? "/" }).end();
      return;
    }
    if (verb === "slow" || verb === "stall") {
      response.writeHead(200, { "content-type": "text/plain" }).write("first ");
      if (verb === "stall") return;
      await gate(word).promise;
      response.end("second");
      return;
    }
    if (verb === "hop") {
      response.setHeader("connection", "x-hop");
      response.setHeader("x-hop", "1");
      response.setHeader("set-cookie", ["a=1", "b=2"]);
      response.setHeader("x-own", "kept");
    }
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer); // a request without encoding gives buffers
    const body = Buffer.concat(parts).toString();
    tell(response, { method: request.method, url: request.url, headers: request.headers, body });
  }

  const server = createServer({ keepAliveTimeout: LONGER_THAN_ANY_PAUSE_MS }, (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Tools that only read the configuration must be able to end.
  server.unref();
  return {
    // An address of a TCP server is never a string.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function tell(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}
