import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import * as z from "zod";
import { ApiError, diskFull } from "./api-error.ts";

/** Paging facts beside a list. */
export interface ResultInfo {
  page?: number;
  per_page?: number;
  count?: number;
  total_count?: number;
  total_pages?: number;
  cursor?: string;
  cursors?: { after: string };
}

/** Answers `result` in Cloudflare's envelope `{success, errors, messages, result, result_info?}`. */
export function ok(context: Context, result: unknown, resultInfo?: ResultInfo, status = 200): Response {
  return context.json(
    { success: true, errors: [], messages: [], result, ...(resultInfo && { result_info: resultInfo }) },
    status as ContentfulStatusCode,
  );
}

/** Turns anything thrown by a route into Cloudflare's envelope. What is not an expected refusal is a 500 and is logged. */
export function failure(error: unknown, context: Context): Response {
  const refusal = asApiError(error);
  if (refusal.status === 507) console.error(refusal.message);
  else if (refusal.status >= 500 && refusal.status !== 501) console.error(error);
  context.header("x-should-retry", "false");
  return context.json(
    {
      success: false,
      errors: [{ code: refusal.code, message: refusal.message }, ...refusal.others],
      messages: [],
      result: null,
    },
    refusal.status as ContentfulStatusCode,
  );
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof z.ZodError) {
    const errors = error.issues.map((issue) => ({ code: 10001, message: describeIssue(issue) }));
    return new ApiError(400, 10001, errors[0]?.message ?? "invalid request", { others: errors.slice(1) });
  }
  if (error instanceof HTTPException) return new ApiError(error.status, 10000, error.message);
  if (isDiskFull(error)) return diskFull(error);
  return new ApiError(500, 10002, "internal error of the local cloud: see its terminal", { cause: error });
}

function isDiskFull(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === "ENOSPC" || String(message).includes("database or disk is full");
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join(".");
  return path ? `${path}: ${issue.message}` : issue.message;
}
