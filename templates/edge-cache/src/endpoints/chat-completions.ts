import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import { EVENT_STREAM_HEADERS } from "@tenner/worker-kit/event-stream";
import { Problem } from "@tenner/worker-kit/problem";
import * as z from "zod";
import { answerChat, type ChatWork, type Served, wholeAnswer } from "../answer-chat.ts";
import { failureOf, problemOf } from "../failure.ts";
import { type HttpEnv, wishOf, workOf } from "../http-env.ts";
import { ChatRequest } from "../openai/chat-request.ts";
import { openAiError } from "../openai/openai-error.ts";
import { account, accountError, answerHeaders, cacheHeaders } from "./account.ts";

/** The headers by which a request says what it wants of the cache. */
export const CACHE_HEADERS = {
  "cache-control":
    "`no-store`: past the cache. `no-cache`: a new answer, which is kept. `max-age=SECONDS`: no older one. `only-if-cached`: no new one.",
  "x-cache-ttl": "Seconds that the answer is kept, from 60 to 2592000.",
  "x-cache-tags": "Up to ten tags, separated by commas, by which the answer can be purged.",
  "x-cache-semantic":
    "`off`: only an answer to this very question, which is not given for others either. Without it, or `on`, one to a question that means the same will do.",
  "x-experiment-subject":
    "For whom is asked: experiments give it one variant. Without it the request's `user`, or the key.",
};

const Completion = z
  .looseObject({ id: z.string(), object: z.literal("chat.completion"), choices: z.array(z.looseObject({})) })
  .meta({ id: "ChatCompletion" });

/** OpenAI's chat completions. */
export const chatCompletionEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "post",
    path: "/v1/chat/completions",
    operationId: "createChatCompletion",
    summary: "Answer a conversation, as OpenAI's API does",
    description:
      "Takes what OpenAI's clients send. `model` is one of `GET /v1/models`; any other name means `auto`: `x-route` and `x-route-reason` say who was asked and why, `x-experiment` as what, and the answer which model it was. `x-cache` says where the answer came from: `hit-exact`, `hit-semantic`, `stale`, `coalesced`, `miss` or `bypass`. With `stream` the answer comes as server-sent events. Errors have OpenAI's form.",
    tag: "OpenAI",
    guard: "submission",
    body: ChatRequest,
    headers: CACHE_HEADERS,
    responses: { 200: { description: "The answer, or its chunks", schema: Completion } },
    problems: [429, 502, 503, 504],
    async handle(c, { body }) {
      const work = workOf(c);
      const startedAt = Date.now();
      try {
        const served = await answerChat(work, body, wishOf(c));
        if (body.stream) return streamed(work, served, body, startedAt);
        const answer = await wholeAnswer(served.events);
        account(work, body, served, answer, startedAt);
        return c.json(answer.completion, 200, answerHeaders(served, answer));
      } catch (error) {
        accountError(work, body.model, error, startedAt);
        throw error;
      }
    },
  }),
];

const DONE = "data: [DONE]\n\n";

/** Server-sent events, one for each chunk; what goes wrong after the first is told in one, as OpenAI does. */
function streamed(work: ChatWork, served: Served, request: ChatRequest, startedAt: number): Response {
  const withUsage = request.stream_options?.include_usage === true;
  const encoder = new TextEncoder();
  const events = served.events;
  let left = false;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const write = (text: string) => {
          if (!left) controller.enqueue(encoder.encode(text));
        };
        try {
          for (;;) {
            const step = await events.next();
            if (step.done || left) {
              if (!left) controller.close();
              return;
            }
            if (step.value.kind === "answer") {
              account(work, request, served, step.value.answer, startedAt);
              write(DONE);
              continue;
            }
            const { chunk } = step.value;
            if (chunk.choices.length === 0 && !withUsage) continue;
            const { usage, ...rest } = chunk;
            // With usage asked for, every chunk before the last one says that it is not known yet.
            write(`data: ${JSON.stringify(withUsage ? { ...rest, usage: usage ?? null } : rest)}\n\n`);
            return;
          }
        } catch (error) {
          if (left) return;
          accountError(work, request.model, error, startedAt);
          const problem = error instanceof Problem ? error : problemOf(failureOf(error));
          const { message, status, code } = problem;
          write(`data: ${JSON.stringify(openAiError({ type: "", title: "", detail: message, status, code }))}\n\n`);
          controller.close();
        }
      },
      async cancel() {
        // The call behind it is settled before this isolate may go.
        left = true;
        const ended = events.return();
        work.later(ended);
        await ended;
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { ...EVENT_STREAM_HEADERS, ...cacheHeaders(served), ...NO_TRANSFORM } });
}

/** Nothing on the way may gather the events. */
const NO_TRANSFORM = { "cache-control": EVENT_STREAM_HEADERS["cache-control"] };
