import * as z from "zod";
import type { RouteElement } from "./gateway.ts";

const Output = z.strictObject({ elementId: z.string().min(1) });
const id = z.string().min(1).max(64);
const onOrOff = { success: Output, fallback: Output };

/** JSON, or the text of it, as Cloudflare's provider types it. */
const Conditions = z.preprocess(readJson, z.record(z.string(), z.unknown(), { error: "is not a JSON object" }));

const Conditional = z
  .object({ conditions: Conditions.optional(), condition: Conditions.optional() })
  .refine(({ conditions, condition }) => (conditions ?? condition) !== undefined, {
    path: ["conditions"],
    error: 'is missing, e.g. {"metadata.plan": {"$eq": "free"}}',
  })
  .transform(({ conditions, condition }) => ({ conditions: conditions ?? condition }));

const Rate = z
  .object({
    key: z.string().optional(),
    limit: z.number().gt(0, "must be more than 0"),
    limitType: z.enum(["count", "cost"]),
    window: z.number().gt(0, "must be more than 0 seconds").optional(),
    interval: z.number().gt(0, "must be more than 0 seconds").optional(),
    technique: z.enum(["fixed", "sliding"]).optional(),
  })
  .refine(({ window, interval }) => (window ?? interval) !== undefined, {
    path: ["window"],
    error: "is missing: the seconds that the limit is for",
  })
  .transform(({ window, interval, ...rest }) => ({ ...rest, window: window ?? interval ?? 0 }));

const Model = z.object({
  provider: z.string().min(1),
  model: z.string().min(1),
  timeout: z.number().gt(0, "must be more than 0 ms"),
  retries: z.int().min(0),
});

/**
 * The elements of a dynamic route. Both spellings are taken: those of the API (`rate`, `conditions`, `window`) and those
 * of the documentation (`rate_limit`, `condition`, `interval`); parsed, it is the API's.
 *
 * @see https://developers.cloudflare.com/ai-gateway/features/dynamic-routing/json-configuration/
 */
const RouteElements = z.array(
  z.discriminatedUnion("type", [
    z.object({ id, type: z.literal("start"), outputs: z.strictObject({ next: Output }) }),
    z.object({
      id,
      type: z.literal("conditional"),
      properties: Conditional,
      outputs: z.strictObject({ true: Output, false: Output }),
    }),
    z.object({
      id,
      type: z.literal("percentage"),
      properties: z.unknown().optional(),
      outputs: z.record(z.string(), Output),
    }),
    z.object({ id, type: z.literal("rate"), properties: Rate, outputs: z.strictObject(onOrOff) }),
    z.object({ id, type: z.literal("rate_limit"), properties: Rate, outputs: z.strictObject(onOrOff) }),
    z.object({ id, type: z.literal("model"), properties: Model, outputs: z.strictObject(onOrOff) }),
    z.object({ id, type: z.literal("end"), outputs: z.strictObject({}) }),
  ]),
);

/** What the data plane walks, from what was sent. @throws {ZodError} */
export function readElements(sent: unknown): RouteElement[] {
  return z.object({ elements: RouteElements }).parse({ elements: sent }).elements;
}

function readJson(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
