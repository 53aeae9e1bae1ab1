import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import process from "node:process";

/**
 * The least that a gateway in Node can cost: takes a request whole, sends it on over a socket that stays open, and gives
 * the answer back. No log, no limit, no cache. The script of a process: its command line names the target, and it says its port.
 */
const target = new URL(process.argv[2] ?? "");
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
process.send?.(typeof address === "object" ? address?.port : undefined);
process.once("disconnect", () => process.exit());
