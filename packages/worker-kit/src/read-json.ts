import type * as z from "zod";
import { Problem, type ProblemField } from "./problem.ts";

/**
 * Reads a JSON body and parses it with a schema.
 *
 * @throws Problem 415 when it is not JSON by its content type, 413 over `maxBytes`, 400 when it does not parse
 */
export async function readJson<T>(request: Request, schema: z.ZodType<T>, maxBytes: number): Promise<T> {
  return parseJson(await readBody(request, maxBytes), schema);
}

/** Reads a body of at most `maxBytes` as text, counting while it arrives. @throws Problem 415, 413, 400 */
export async function readBody(request: Request, maxBytes: number): Promise<string> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (!/^application\/([\w.-]+\+)?json$/.test(type)) {
    throw new Problem(415, "unsupported_media_type", `send application/json, not ${type || "a body without a type"}`, {
      headers: { accept: "application/json" },
    });
  }
  const length = request.headers.get("content-length");
  if (Number(length ?? 0) > maxBytes) throw tooLarge(maxBytes);
  // Who says how much comes is believed, and counted after: it cannot be more on the wire, and reading at once is cheaper.
  const bytes = length === null ? await readCounted(request, maxBytes) : await request.arrayBuffer();
  if (bytes.byteLength > maxBytes) throw tooLarge(maxBytes);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (cause) {
    throw new Problem(400, "invalid_json", "the body is not UTF-8", { cause });
  }
}

async function readCounted({ body }: Request, maxBytes: number): Promise<ArrayBuffer> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = body?.getReader();
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    size += read.value.byteLength;
    if (size > maxBytes) {
      await reader?.cancel();
      throw tooLarge(maxBytes);
    }
    chunks.push(read.value);
  }
  return new Blob(chunks).arrayBuffer();
}

/** Parses a JSON text with a schema. @throws Problem 400 with the path of every field that is wrong */
export function parseJson<T>(text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = text.trim() === "" ? "the body is empty" : "the body is not JSON";
    throw new Problem(400, "invalid_json", reason, { cause });
  }
  if (!isShallow(value))
    throw new Problem(400, "invalid_json", `the body is nested more than ${MAX_DEPTH} levels deep`);
  return parseValue(value, schema, "the body");
}

/** Parses a value with a schema. @throws Problem 400 with the path of every field that is wrong */
export function parseValue<T>(value: unknown, schema: z.ZodType<T>, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = problemFields(result.error.issues);
  throw new Problem(
    400,
    "invalid_request",
    `${what} is not as it should be: ${errors.length} problem${errors.length === 1 ? "" : "s"}`,
    { errors },
  );
}

/** Zod's issues as fields with JSON Pointers; an unknown key is named itself, not its parent. */
export function problemFields(issues: readonly z.core.$ZodIssue[]): ProblemField[] {
  return issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({ path: pointer([...issue.path, key]), message: "unknown field" }));
    }
    return [{ path: pointer(issue.path), message: issue.message }];
  });
}

/** How deep a value may be nested. */
export const MAX_DEPTH = 32;

/** Whether a value is nested at most `MAX_DEPTH` deep. Looks without recursion, so that everything after it may recurse. */
export function isShallow(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return false;
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []));
  }
  return true;
}

function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function tooLarge(maxBytes: number): Problem {
  return new Problem(413, "body_too_large", `the body may have ${maxBytes} bytes`);
}
