import { once } from "node:events";
import { createServer } from "node:net";
import { parentPort } from "node:worker_threads";

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
    for (let request = next(buffered); request; request = next(buffered)) {
      buffered = buffered.subarray(request.length);
      socket.write(request.isList ? list : chat);
    }
  });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
parentPort?.postMessage(typeof address === "object" ? address?.port : undefined);

/** The first whole request of what has arrived. Chunked bodies end at their empty chunk. */
function next(data: Buffer): { length: number; isList: boolean } | undefined {
  const end = data.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = data.toString("latin1", 0, end).toLowerCase();
  const isList = head.startsWith("get ");
  if (/\r\ntransfer-encoding: chunked/.test(head)) {
    const last = data.indexOf("\r\n0\r\n\r\n", end);
    return last < 0 ? undefined : { length: last + 7, isList };
  }
  const length = end + 4 + Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0);
  return data.length < length ? undefined : { length, isList };
}
