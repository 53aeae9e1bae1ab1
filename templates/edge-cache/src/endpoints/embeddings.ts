import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import * as z from "zod";
import { failureOf, problemOf } from "../failure.ts";
import { type HttpEnv, workOf } from "../http-env.ts";
import { tally } from "../tally.ts";
import { relayOf } from "../upstream.ts";
import { accountError, moneyHeaders } from "./account.ts";

const Text = z.string({ error: "a text, not tokens" }).min(1, "a text of at least one character");

const EmbeddingRequest = z
  .looseObject({
    model: z.string().min(1).max(200),
    input: z.union([Text, z.array(Text).min(1).max(100)], {
      error: "a text, or 1 to 100 of them; tokens are not taken",
    }),
    encoding_format: z.enum(["float", "base64"]).nullish(),
    dimensions: z.undefined({ error: "the model has one size; leave it out" }).optional(),
  })
  .meta({ id: "EmbeddingRequest" });

const EmbeddingList = z
  .object({
    object: z.literal("list"),
    data: z.array(
      z.object({
        object: z.literal("embedding"),
        index: z.int(),
        embedding: z.union([z.array(z.number()), z.string()]),
      }),
    ),
    model: z.string(),
    usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
  })
  .meta({ id: "EmbeddingList" });

/** OpenAI's embeddings, by the stack's model. They are not kept. */
export const embeddingEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "post",
    path: "/v1/embeddings",
    operationId: "createEmbedding",
    summary: "Turn texts into vectors, as OpenAI's API does",
    description: "By the stack's embedding model, whatever `model` says; the answer names it. They are not cached.",
    tag: "OpenAI",
    guard: "submission",
    body: EmbeddingRequest,
    responses: { 200: { description: "A vector for each text", schema: EmbeddingList } },
    problems: [429, 502, 503, 504],
    async handle(c, { body }) {
      const work = workOf(c);
      const startedAt = Date.now();
      try {
        const relay = relayOf(c.env, c.get("settings"), work.tenant);
        const { value, model, usage, costNano, standIn } = await relay.embed([body.input].flat());
        const list: z.infer<typeof EmbeddingList> = {
          object: "list",
          data: value.map((vector, index) => ({
            object: "embedding",
            index,
            embedding: body.encoding_format === "base64" ? base64Of(vector) : vector,
          })),
          model,
          usage: { prompt_tokens: usage.inputTokens, total_tokens: usage.inputTokens },
        };
        const money = { costNano, savedNano: 0 };
        tally(c.env, work.later, {
          tenant: work.tenant,
          outcome: "bypass",
          model,
          ...money,
          ms: Date.now() - startedAt,
          inputTokens: usage.inputTokens,
        });
        return c.json(list, 200, {
          "x-cache": "bypass",
          ...moneyHeaders(money),
          ...(standIn && { "x-stand-in": "1" }),
          "cache-control": "no-store",
        });
      } catch (error) {
        accountError(work, body.model, error, startedAt);
        throw problemOf(failureOf(error));
      }
    },
  }),
];

/** Little-endian 32-bit numbers, as OpenAI's own client asks for them. */
function base64Of(vector: readonly number[]): string {
  const bytes = new Uint8Array(new Float32Array(vector).buffer);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
