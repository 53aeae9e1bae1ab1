import { createServer, type OutgoingHttpHeaders, request } from "node:http";
import type { AddressInfo } from "node:net";
import { createGzip } from "node:zlib";

const COMPRESSED = /^(?:text\/|application\/(?:javascript|json|manifest)|image\/svg)/;

/** Stands before a server and does what Cloudflare's edge does and the local cloud does not: texts go out compressed. */
export async function startCompressingProxy(target: string): Promise<{ url: string; end(): void }> {
  const server = createServer((incoming, response) => {
    // The page's own address is the one that the browser asked for: links and the content policy agree with it.
    const outgoing = request(new URL(incoming.url ?? "/", target), {
      method: incoming.method,
      headers: incoming.headers,
    });
    outgoing.on("error", () => response.destroy());
    outgoing.on("response", (answer) => {
      const headers: OutgoingHttpHeaders = { ...answer.headers };
      const accepted = /\bgzip\b/.test(String(incoming.headers["accept-encoding"]));
      if (!accepted || !COMPRESSED.test(answer.headers["content-type"] ?? "") || answer.headers["content-encoding"]) {
        response.writeHead(answer.statusCode ?? 502, headers);
        answer.pipe(response);
        return;
      }
      delete headers["content-length"];
      response.writeHead(answer.statusCode ?? 502, { ...headers, "content-encoding": "gzip" });
      answer.pipe(createGzip()).pipe(response);
    });
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a TCP server's is never a string
  return {
    url: `http://127.0.0.1:${port}`,
    end() {
      server.closeAllConnections();
      server.close();
    },
  };
}
