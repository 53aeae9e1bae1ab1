import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import { usdOf } from "@tenner/worker-kit/ledger";
import * as z from "zod";
import { answerChat, wholeAnswer } from "../answer-chat.ts";
import { type HttpEnv, wishOf, workOf } from "../http-env.ts";
import { ChatRequest } from "../openai/chat-request.ts";
import { ROUTE } from "../upstream.ts";
import { account, accountError, answerHeaders, moneyOf } from "./account.ts";
import { CACHE_HEADERS } from "./chat-completions.ts";

const Prompt = z
  .strictObject({
    prompt: z.string().min(1),
    system: z.string().optional(),
    model: z.string().min(1).max(200).default(ROUTE),
    temperature: z.number().min(0).max(2).optional(),
    max_tokens: z.int().min(1).optional(),
  })
  .meta({ id: "Prompt" });

const Reply = z
  .object({
    response: z.string(),
    cached: z.boolean().describe("It came from the cache."),
    similarity: z.number().nullable().describe("Of the kept question and this one, up to 1; null without a kept one."),
    model: z.string(),
    cost_usd: z.number(),
    saved_usd: z.number(),
  })
  .meta({ id: "Reply" });

/** The short way to ask: one prompt, one text. */
export const promptEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "post",
    path: "/chat",
    operationId: "chat",
    summary: "Ask with one prompt",
    tag: "Chat",
    guard: "submission",
    body: Prompt,
    headers: CACHE_HEADERS,
    responses: { 200: { description: "The answer", schema: Reply } },
    problems: [429, 502, 503, 504],
    async handle(c, { body }) {
      const work = workOf(c);
      const startedAt = Date.now();
      const { prompt, system, ...parameters } = body;
      const messages = [
        ...(system === undefined ? [] : [{ role: "system", content: system }]),
        { role: "user", content: prompt },
      ];
      try {
        const request = ChatRequest.parse({ ...parameters, messages });
        const served = await answerChat(work, request, wishOf(c));
        const answer = await wholeAnswer(served.events);
        account(work, request, served, answer, startedAt);
        const cached = served.entry !== null;
        const money = moneyOf(served, answer);
        const reply: z.infer<typeof Reply> = {
          response: answer.completion.choices[0]?.message.content ?? "",
          cached,
          similarity: served.entry ? (served.entry.alike?.similarity ?? 1) : null,
          model: answer.model,
          cost_usd: usdOf(money.costNano),
          saved_usd: usdOf(money.savedNano),
        };
        return c.json(reply, 200, answerHeaders(served, answer));
      } catch (error) {
        accountError(work, body.model, error, startedAt);
        throw error;
      }
    },
  }),
];
