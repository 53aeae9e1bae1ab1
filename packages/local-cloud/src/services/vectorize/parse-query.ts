import * as z from "zod";
import { invalidQueryVector, topKTooLarge, topKTooLargeWithContent, unparsableBody } from "./errors.ts";
import { parseFilter } from "./filter.ts";
import type { Query } from "./indexes-on-disk.ts";
import { LIMITS } from "./limits.ts";
import { checkNamespace } from "./parse-vectors.ts";
import type { IndexConfig } from "./store.ts";

const QueryBody = z.object({
  vector: z.array(z.number()).nullish(),
  vectorId: z.string().nullish(),
  topK: z.int().min(1).nullish(),
  filter: z.unknown().optional(),
  namespace: z.string().nullish(),
  returnValues: z.boolean().nullish(),
  returnMetadata: z.enum(["none", "indexed", "all"]).nullish(),
});

/**
 * Reads a query's body.
 *
 * @throws {ApiError} what is wrong with it.
 * @see https://developers.cloudflare.com/api/resources/vectorize/subresources/indexes/methods/query/
 */
export function parseQuery(text: string, { dimensions, metric }: IndexConfig): Query {
  const body = parseBody(text, QueryBody);
  const { returnValues, returnMetadata, namespace, filter } = body;
  const topK = body.topK ?? 5;
  const hasContent = returnValues === true || returnMetadata === "all";
  if (topK > LIMITS.topK) throw topKTooLarge(topK);
  if (hasContent && topK > LIMITS.topKWithContent) throw topKTooLargeWithContent(topK);
  if (namespace) checkNamespace(namespace);
  return {
    metric,
    near: readNear(body, dimensions),
    topK,
    namespace: namespace || undefined,
    conditions: filter === undefined || filter === null ? [] : parseFilter(filter),
    returnValues: returnValues ?? false,
    returnMetadata: returnMetadata ?? "none",
  };
}

function readNear({ vector, vectorId }: z.infer<typeof QueryBody>, dimensions: number): Query["near"] {
  if (vector && vectorId) throw unparsableBody("vector and vectorId exclude each other");
  if (vectorId) return vectorId;
  if (!vector) throw unparsableBody("expected a vector or a vectorId");
  if (vector.length !== dimensions) throw invalidQueryVector(dimensions, vector.length);
  const near = Float32Array.from(vector);
  const wrong = near.findIndex((value) => !Number.isFinite(value));
  if (wrong !== -1) throw unparsableBody(`vector[${wrong}] is not a finite 32-bit float`);
  return near;
}

/** @throws {ApiError} 40026 when the body is not JSON of this form. */
export function parseBody<Schema extends z.ZodType>(text: string, schema: Schema): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unparsableBody((cause as Error).message);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw unparsableBody([issue?.path.join("."), issue?.message].filter(Boolean).join(": "));
}
