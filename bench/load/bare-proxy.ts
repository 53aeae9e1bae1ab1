import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import { parentPort, workerData } from "node:worker_threads";

/**
 * The least that a gateway in Node can cost: takes a request whole, sends it on over a socket that stays open, and gives
 * the answer back. No log, no limit, no cache. Runs as a worker thread and says its port.
 */
const target = new URL(workerData as string); // set by ./drive.ts
const agent = new Agent({ keepAlive: true });

const server = createServer((asked, answered) => {
  const body: Buffer[] = [];
  asked.on("data", (chunk: Buffer) => body.push(chunk));
  asked.on("end", () => {
    const headers = { "content-type": "application/json", "content-length": asked.headers["content-length"] };
    const upstream = request(target, { agent, method: "POST", headers });
    upstream.on("response", (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => answered.writeHead(answer.statusCode ?? 502, answer.headers).end(Buffer.concat(chunks)));
    });
    upstream.on("error", () => answered.destroy());
    upstream.end(Buffer.concat(body));
  });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
parentPort?.postMessage(typeof address === "object" ? address?.port : undefined);
