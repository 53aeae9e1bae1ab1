import * as z from "zod";

/** What the cloud sends to the process that runs the model. One `ask` at a time. */
export const ToRunner = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("ask"),
    id: z.int(),
    messages: z.array(z.object({ role: z.enum(["system", "user", "assistant", "tool"]), content: z.string() })).min(1),
    maxTokens: z.int().min(1),
    temperature: z.number().min(0),
    /** Texts before which the answer ends. */
    stop: z.array(z.string().min(1)),
    seed: z.int().optional(),
    /** `schema`: a grammar's JSON Schema, see `grammarSchema`; `json`: any JSON; absent: any text. */
    grammar: z
      .discriminatedUnion("type", [
        z.object({ type: z.literal("json") }),
        z.object({ type: z.literal("schema"), schema: z.record(z.string(), z.unknown()) }),
      ])
      .optional(),
  }),
  /** Ends the answer early; the runner still sends its `end`. */
  z.object({ type: z.literal("abort"), id: z.int() }),
]);
export type ToRunner = z.infer<typeof ToRunner>;
export type Ask = Extract<ToRunner, { type: "ask" }>;

/** What the process that runs the model sends to the cloud. */
export const FromRunner = z.discriminatedUnion("type", [
  /** The weights are in memory. */
  z.object({ type: z.literal("ready") }),
  /** Another piece of the prompt was read: a sign of life. */
  z.object({ type: z.literal("progress"), id: z.int() }),
  z.object({ type: z.literal("text"), id: z.int(), text: z.string() }),
  z.object({
    type: z.literal("end"),
    id: z.int(),
    finishReason: z.enum(["stop", "length"]),
    promptTokens: z.int().min(0),
    completionTokens: z.int().min(0),
  }),
  /** `input`: the caller's fault, e.g. too long; `model`: the model's own. The process goes on. */
  z.object({ type: z.literal("failed"), id: z.int(), reason: z.enum(["input", "model"]), message: z.string() }),
]);
export type FromRunner = z.infer<typeof FromRunner>;
