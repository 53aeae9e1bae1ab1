import type { Context } from "hono";
import type * as z from "zod";
import { ApiError } from "./api-error.ts";

/**
 * Parses the JSON body of a request with a schema. The content type is not looked at: some clients
 * send JSON as `text/plain`.
 *
 * @throws {ApiError} 400 when the body is not JSON or does not fit.
 */
export async function jsonBody<Schema extends z.ZodType>(context: Context, schema: Schema): Promise<z.output<Schema>> {
  const text = await context.req.text();
  let value: unknown;
  try {
    value = text === "" ? {} : JSON.parse(text);
  } catch (cause) {
    throw new ApiError(400, 6007, `Malformed JSON in request body: ${(cause as Error).message}`, { cause });
  }
  return schema.parse(value);
}
