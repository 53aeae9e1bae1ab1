import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";

/** Addresses that open a page with its key, without the key in the terminal's scrollback or a log. */
export interface EntryLinks {
  /** A link that leads to `target` for as long as this process lives. */
  linkTo(target: string): string;
  close(): Promise<void>;
}

/** Serves the links on a free loopback port. They end with the process that printed them. */
export async function serveEntryLinks(): Promise<EntryLinks> {
  const targets = new Map<string, string>();
  const server = createServer((request, response) => {
    const target = targets.get(new URL(request.url ?? "/", "http://127.0.0.1").pathname);
    response.setHeader("cache-control", "no-store");
    response.setHeader("referrer-policy", "no-referrer");
    if (target) response.writeHead(303, { location: target }).end();
    else
      response
        .writeHead(404, { "content-type": "text/plain" })
        .end("This link has ended. npm start prints a new one.\n");
  });
  const port = await listen(server);
  return {
    linkTo(target) {
      const path = `/${randomBytes(18).toString("base64url")}`;
      targets.set(path, target);
      return `http://127.0.0.1:${port}${path}`;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no port"));
      else resolve(address.port);
    });
  });
}
