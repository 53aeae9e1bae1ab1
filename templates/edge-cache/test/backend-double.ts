import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { answerJson, bodyOf, endServers, listen } from "@tenner/local-cloud/testing";

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
    if (verb === "calls") return answerJson(response, { calls: paths.filter((path) => path.includes(word)).length });
    paths.push(url.pathname);
    if (verb === "open" || verb === "heal") {
      gate(word).resolve();
      done.add(word);
      return answerJson(response, {});
    }
    if (verb === "hang") return;
    if (verb === "status") return answerJson(response, { code: word }, Number(word));
    if (verb === "ill") return answerJson(response, {}, done.has(word) ? 200 : 500);
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
    const body = (await bodyOf(request)).toString();
    answerJson(response, { method: request.method, url: request.url, headers: request.headers, body });
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  return { url: await listen(server), close: () => endServers(server) };
}
