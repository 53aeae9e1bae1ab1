import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import * as z from "zod";
import type { HttpEnv } from "../http-env.ts";
import { PIPELINES } from "../pipelines/index.ts";

const JsonSchema = z.record(z.string(), z.unknown());

const PipelineList = z
  .object({
    pipelines: z.array(
      z.object({
        name: z.string(),
        description: z.string(),
        steps: z.array(z.object({ name: z.string(), kind: z.enum(["compute", "ask"]) })),
        shared: z
          .object({ items: z.int(), bytes: z.int() })
          .nullable()
          .describe("How many small items share a question to the model; null: each is asked alone."),
        item: JsonSchema.describe("JSON Schema of an item as it is sent."),
        options: JsonSchema.describe("JSON Schema of a batch's `options`."),
        result: JsonSchema.describe("JSON Schema of an item's result."),
      }),
    ),
  })
  .meta({ id: "PipelineList" });

/** Which pipelines there are, and what they take. */
export const pipelineEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "get",
    path: "/v1/pipelines",
    operationId: "listPipelines",
    summary: "List the pipelines, with their JSON Schemas",
    tag: "Pipelines",
    guard: "tenant",
    responses: { 200: { description: "All of them", schema: PipelineList } },
    handle(c) {
      const pipelines = PIPELINES.map(({ name, description, steps, share, item, options, result }) => ({
        name,
        description,
        steps: steps.map((step) => ({ name: step.name, kind: step.kind })),
        shared: share,
        item: z.toJSONSchema(item, { io: "input" }),
        options: z.toJSONSchema(options, { io: "input" }),
        result: z.toJSONSchema(result),
      }));
      return c.json({ pipelines } satisfies z.infer<typeof PipelineList>);
    },
  }),
];
