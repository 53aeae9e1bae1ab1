import type { Context } from "hono";
import * as z from "zod";
import { ApiError } from "../../core/api-error.ts";
import { failure } from "../../core/envelope.ts";

/*
 * Codes of AI Gateway's own API. 7001 (bad input) and 7002 (no such thing) are those of chanfana, the framework its
 * API is built with, and 7001 has been seen on the wire (https://github.com/cloudflare/chanfana). 7003 is what the
 * gateway says of a model that it does not know. What Cloudflare answers to a name that is taken and to one gateway too
 * many is not on record: both carry 7001, with 400, since its clients retry a 409.
 */

const INVALID = 7001;

export const gatewayNotFound = (id: string) => new ApiError(404, 7002, `gateway "${id}" not found`);

export const gatewayExists = (id: string) =>
  new ApiError(400, INVALID, `a gateway with the id "${id}" already exists in this account`);

export const tooManyGateways = (limit: number) =>
  new ApiError(400, INVALID, `the account has ${limit} gateways, and its plan has no more: delete one first`);

export const routeNotFound = (id: string) => new ApiError(404, 7002, `dynamic route "${id}" not found`);

export const routeExists = (name: string) =>
  new ApiError(400, INVALID, `a dynamic route with the name "${name}" already exists in this gateway`);

export const versionNotFound = (id: string) => new ApiError(404, 7002, `version "${id}" of the route not found`);

export const invalidRoute = (problems: readonly RouteProblem[]) => {
  const errors = problems.map(({ model, message }) => ({ code: model ? 7003 : INVALID, message }));
  const [first, ...others] = errors;
  return new ApiError(400, first?.code ?? INVALID, first?.message ?? "the route is not valid", { others });
};

/** Why a route is refused. `model`: because of a model that nobody has. */
export interface RouteProblem {
  readonly message: string;
  readonly model?: true;
}

export const logNotFound = (id: string) => new ApiError(404, 7002, `log "${id}" not found`);

export const payloadNotFound = (id: string) =>
  new ApiError(404, 7002, `log "${id}" has no payload: the gateway or the call did not keep it`);

export const invalidFilter = (message: string) => new ApiError(400, INVALID, `filters: ${message}`);

/** Anything a route of AI Gateway throws, in the envelope; bad input with this API's code. */
export function gatewayFailure(error: unknown, context: Context): Response {
  if (!(error instanceof z.ZodError)) return failure(error, context);
  const errors = error.issues.map(({ path, message }) => ({
    code: INVALID,
    message: path.length > 0 ? `${path.map(String).join(".")}: ${message}` : message,
  }));
  const [first, ...others] = errors;
  return failure(new ApiError(400, INVALID, first?.message ?? "invalid request", { others }), context);
}
