import { once } from "node:events";
import { createServer } from "node:net";
import { parentPort } from "node:worker_threads";
import { wholeMessage } from "./http-messages.ts";

/**
 * An OpenAI-compatible server that does nothing but answer: one chat completion, always the same bytes, as fast as a
 * socket takes them. Runs as a worker thread and says its port.
 */
const answer = JSON.stringify({
  id: "chatcmpl-bench",
  object: "chat.completion",
  created: 1_790_000_000,
  model: "bench",
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: "The quick brown fox jumps over the lazy dog." },
      finish_reason: "stop",
    },
  ],
  usage: { prompt_tokens: 12, completion_tokens: 10, total_tokens: 22 },
});
const models = JSON.stringify({ object: "list", data: [{ id: "bench", object: "model" }] });
const bytes = (body: string) =>
  Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
const [chat, list] = [bytes(answer), bytes(models)];

const server = createServer({ noDelay: true }, (socket) => {
  let buffered: Buffer = Buffer.alloc(0);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
    for (let request = wholeMessage(buffered); request; request = wholeMessage(buffered)) {
      buffered = buffered.subarray(request.length);
      socket.write(request.start.startsWith("GET ") ? list : chat);
    }
  });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
parentPort?.postMessage(typeof address === "object" ? address?.port : undefined);
