import type { Context, Hono, Env as HonoEnv } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import * as z from "zod";
import { log } from "./log.ts";
import { setHeaders } from "./set-headers.ts";

/** One field that is wrong; `path` is a JSON Pointer (`/input/text`) into the body, or names the query parameter. */
export const ProblemField = z.object({ path: z.string(), message: z.string() });
export type ProblemField = z.infer<typeof ProblemField>;

/** The body of every error: RFC 9457 with a stable `code`. */
export const ProblemBody = z
  .object({
    type: z.string().describe("urn:tenner:problem:CODE"),
    title: z.string(),
    status: z.int(),
    code: z.string().describe("Stable: programs decide by it."),
    detail: z.string().optional(),
    errors: z.array(ProblemField).optional(),
    request_id: z.string().optional(),
  })
  .meta({ id: "Problem" });
export type ProblemBody = z.infer<typeof ProblemBody>;

const TITLES: Record<number, string> = {
  400: "The request is not valid",
  401: "Not authenticated",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  410: "Gone",
  413: "The body is too large",
  415: "Unsupported media type",
  429: "Too many requests",
  500: "Internal error",
  503: "Not available",
};

/** A failure that the caller is told about. Thrown anywhere below the HTTP edge, answered by `answerProblems`. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly errors: readonly ProblemField[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: ContentfulStatusCode,
    code: string,
    detail: string,
    extra: { errors?: readonly ProblemField[]; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(detail, { cause: extra.cause });
    this.status = status;
    this.code = code;
    this.errors = extra.errors ?? [];
    this.headers = extra.headers ?? {};
  }

  /** The answer for this problem. */
  toResponse(requestId?: string): Response {
    const body: ProblemBody = {
      type: `urn:tenner:problem:${this.code}`,
      title: TITLES[this.status] ?? "Error",
      status: this.status,
      code: this.code,
      detail: this.message,
      ...(this.errors.length > 0 && { errors: [...this.errors] }),
      ...(requestId !== undefined && { request_id: requestId }),
    };
    return new Response(JSON.stringify(body), {
      status: this.status,
      headers: { ...this.headers, "content-type": "application/problem+json", "cache-control": "no-store" },
    });
  }
}

/** What `answerProblems` puts into a Hono context. */
export interface RequestVariables {
  requestId: string;
}

/**
 * Gives every answer an `x-request-id`, logs every request in one line, and turns what is thrown into problem+json.
 * A caller's own `x-request-id` is kept when it looks like one.
 */
export function answerProblems<E extends HonoEnv & { Variables: RequestVariables }>(app: Hono<E>): void {
  app.use(async (c, next) => {
    const started = Date.now();
    const given = c.req.header("x-request-id");
    const requestId = given !== undefined && /^[\w-]{8,64}$/.test(given) ? given : crypto.randomUUID();
    c.set("requestId", requestId);
    await next();
    setHeaders(c, { "x-request-id": requestId });
    log(c.res.status >= 500 ? "error" : "info", "request", {
      request_id: requestId,
      method: c.req.method,
      path: new URL(c.req.url).pathname,
      status: c.res.status,
      ms: Date.now() - started,
    });
  });
  app.onError((error, c) => toProblem(error, c).toResponse(c.get("requestId")));
  app.notFound((c) =>
    new Problem(404, "not_found", `there is nothing at ${new URL(c.req.url).pathname}`).toResponse(c.get("requestId")),
  );
}

function toProblem<E extends HonoEnv & { Variables: RequestVariables }>(error: Error, c: Context<E>): Problem {
  if (error instanceof Problem) return error;
  log("error", "unexpected_error", {
    request_id: c.get("requestId"),
    name: error.name,
    message: error.message,
    stack: error.stack,
  });
  return new Problem(500, "internal", "something went wrong here; the request id names it in the log");
}
