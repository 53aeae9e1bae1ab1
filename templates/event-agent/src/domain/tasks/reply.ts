import * as z from "zod";
import { MATERIAL_RULE, material, type Task } from "./task.ts";

export const ReplyInput = z
  .strictObject({
    message: z.string().trim().min(1).max(50_000).describe("What is to be answered."),
    tone: z.enum(["friendly", "formal", "brief", "apologetic"]).default("friendly"),
    instructions: z.string().max(4_000).optional().describe("What the reply has to say, or facts it may use."),
    signature: z.string().max(200).optional(),
    language: z.string().min(2).max(40).optional().describe("Default: that of the message."),
  })
  .meta({ id: "ReplyInput" });

export const ReplyOutput = z.object({ reply: z.string() }).meta({ id: "ReplyOutput" });

/** A reply to somebody's message. */
export const reply: Task<z.infer<typeof ReplyInput>, z.infer<typeof ReplyOutput>> = {
  input: ReplyInput,
  output: ReplyOutput,
  async run(input, { ai, ...limits }) {
    const answer = await ai.text({
      ...limits,
      temperature: 0.5,
      system: `You write replies to customers' messages. Tone: ${input.tone}. Write in ${input.language ?? "the message's own language"}. Answer with the reply only: no subject line, no placeholders, no promises that the instructions do not make. ${input.instructions ? `Instructions: ${input.instructions}` : ""} ${MATERIAL_RULE}`,
      prompt: material("message", input.message),
    });
    const text = input.signature ? `${answer.value}\n\n${input.signature}` : answer.value;
    return { ...answer, value: { reply: text } };
  },
};
