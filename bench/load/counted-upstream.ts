import { once } from "node:events";
import { createServer } from "node:http";
import { parentPort } from "node:worker_threads";

/**
 * An OpenAI-compatible server that takes the same time for every answer and counts what it is asked: `GET /calls` says
 * how often since it was asked last, `POST /delay/MS` sets the time. Runs as a worker thread and says its port.
 */
let calls = 0;
let delay = 0;

/** As many tokens as a usual question and its answer have. */
const USAGE = { prompt_tokens: 600, completion_tokens: 400, total_tokens: 1000 };
const message = { role: "assistant", content: "The quick brown fox jumps over the lazy dog." };
const answer = JSON.stringify({
  id: "chatcmpl-bench",
  object: "chat.completion",
  created: 1_790_000_000,
  model: "bench",
  choices: [{ index: 0, message, finish_reason: "stop" }],
  usage: USAGE,
});
const models = JSON.stringify({ object: "list", data: [{ id: "bench", object: "model" }] });

const server = createServer((request, response) => {
  const [, verb = "", value = ""] = (request.url ?? "").split("/");
  const say = (body: string) => response.writeHead(200, { "content-type": "application/json" }).end(body);
  request.resume();
  request.on("end", () => {
    if (verb === "calls") {
      say(JSON.stringify(calls));
      calls = 0;
    } else if (verb === "delay") {
      delay = Number(value);
      say("{}");
    } else if (request.method === "GET") say(models);
    else {
      calls += 1;
      if (delay === 0) say(answer);
      else setTimeout(say, delay, answer);
    }
  });
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 });
await once(server, "listening");
const address = server.address();
parentPort?.postMessage(typeof address === "object" ? address?.port : undefined);
