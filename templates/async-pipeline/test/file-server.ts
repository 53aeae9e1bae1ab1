import { createServer, type ServerResponse } from "node:http";
import { endServers, listen } from "@tenner/local-cloud/testing";

/**
 * A web server with files that a batch may be made of, good and bad. `/count/PATH` says how often a path was asked for.
 * The others answer what their name says; `?to=` is where a redirect leads.
 */
export async function startFileServer(): Promise<{ url: string; close(): void }> {
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://files.test");
    if (url.pathname.startsWith("/count/")) {
      response.end(String(counts.get(url.pathname.slice("/count".length)) ?? 0));
      return;
    }
    counts.set(url.pathname, (counts.get(url.pathname) ?? 0) + 1);
    const answer = ANSWERS[url.pathname];
    if (answer) answer(response, url);
    else response.writeHead(404).end();
  });
  return { url: await listen(server), close: () => endServers(server) };
}

const CSV = { "content-type": "text/csv" };

const ANSWERS: Readonly<Record<string, (response: ServerResponse, url: URL) => void>> = {
  "/three.csv": (response) => response.end("text\none\ntwo\nthree\n"),
  "/once.csv": (response) => response.end(`text\n${"one\n".repeat(600)}`),
  "/typed": (response) => response.writeHead(200, { "content-type": "application/x-ndjson" }).end('{"text":"one"}\n'),
  "/untyped": (response) => response.end("text\none\n"),
  "/login.csv": (response) => response.writeHead(200, { "content-type": "text/html" }).end("<h1>Please log in</h1>"),
  "/empty.csv": (response) => response.writeHead(200, CSV).end(),
  "/redirect": (response, url) =>
    response.writeHead(302, { location: url.searchParams.get("to") ?? "/three.csv" }).end(),
  "/for-ever": (response) => response.writeHead(302, { location: "/for-ever" }).end(),
  "/busy.csv": (response) => response.writeHead(503).end(),
  /** Says how large it is, and is larger than the tests allow. */
  "/large.csv": (response) => response.writeHead(200, { ...CSV, "content-length": "200000" }).end("x".repeat(200_000)),
  /** Says nothing of its size, and never ends, as fast as it is read. */
  "/endless.csv": (response) => {
    response.writeHead(200, CSV);
    const more = () => {
      while (!response.destroyed && response.write("x".repeat(10_000)));
    };
    response.on("drain", more);
    more();
  },
  /** A byte now and then, for ever. */
  "/drip.csv": (response) => {
    response.writeHead(200, CSV);
    const timer = setInterval(() => response.write("x"), 20);
    response.on("close", () => clearInterval(timer));
  },
  /** Takes the connection and never says anything. */
  "/silent.csv": () => undefined,
  /** Ends the connection before the announced end. */
  "/cut.csv": (response) => {
    response.writeHead(200, { ...CSV, "content-length": "1000" });
    response.write("text\none\n", () => response.destroy());
  },
};
