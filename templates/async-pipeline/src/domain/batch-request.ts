import * as z from "zod";
import { PIPELINES } from "../pipelines/index.ts";

/** A job of the event-agent: as far as it is looked at here. */
const AgentJob = z
  .looseObject({ task: z.string().min(1).max(100), input: z.record(z.string(), z.unknown()) })
  .describe(
    "A `JobRequest` of the stack's event-agent: the job is made when the batch has ended; how it ended is in the job's `metadata`.",
  )
  .meta({ id: "AgentJob" });

const facts = {
  pipeline: z.enum(PIPELINES.map(({ name }) => name)).describe("See `/v1/pipelines`."),
  options: z.record(z.string(), z.unknown()).default({}).describe("The pipeline's, for all items."),
  webhook_url: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional()
    .describe("Told when the batch has ended."),
  agent_job: AgentJob.optional(),
};

/** What a submission says about its batch, besides the items. */
export const BatchFacts = z.strictObject(facts);
export type BatchFacts = z.infer<typeof BatchFacts>;

/** A submission in JSON: its items, or the address of a file with them. */
export const BatchRequest = z
  .strictObject({
    ...facts,
    items: z.array(z.unknown()).min(1).optional().describe("As the pipeline's `item` schema has them."),
    file_url: z
      .url({ protocol: /^https?$/ })
      .max(2_000)
      .optional()
      .describe("Instead of `items`: an NDJSON, CSV or JSON file, fetched in the background."),
  })
  .refine((request) => (request.items === undefined) !== (request.file_url === undefined), {
    path: ["items"],
    message: "give items or file_url, one of the two",
  })
  .meta({ id: "BatchRequest" });
export type BatchRequest = z.infer<typeof BatchRequest>;

/** The same facts in the address of an upload; objects as JSON. */
export const UploadQuery = z.strictObject({
  ...facts,
  options: jsonText(facts.options).default({}).describe("The pipeline's, as a JSON object."),
  agent_job: jsonText(AgentJob).optional().describe("As in the body of a JSON submission, as a JSON object."),
});

function jsonText<T>(schema: z.ZodType<T>): z.ZodType<T, string> {
  return z
    .string()
    .max(20_000)
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: "custom", message: "is not JSON" });
        return z.NEVER;
      }
    })
    .pipe(schema);
}
