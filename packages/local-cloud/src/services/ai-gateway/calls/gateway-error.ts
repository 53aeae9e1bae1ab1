import type { SpendRule } from "../gateway.ts";

/**
 * A refusal of the gateway itself, in Cloudflare's own codes. The binding throws it as
 * `AiGatewayError: <code>: <message>`.
 */
export class GatewayError extends Error {
  override readonly name = "AiGatewayError";
  /** Cloudflare's code, e.g. 2045. */
  readonly code: number;
  /** HTTP status. */
  readonly status: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** 2001: the account has no gateway of this id. */
export const noSuchGateway = (id: string) =>
  new GatewayError(400, 2001, `Please configure AI Gateway in the Cloudflare dashboard: there is no gateway "${id}"`);

/** 2003: the gateway's rate limit refuses the call. */
export const rateLimited = () => new GatewayError(429, 2003, "Rate limited");

/** 2009: the gateway wants the account's token. */
export const unauthorized = () =>
  new GatewayError(
    401,
    2009,
    "Unauthorized: this gateway wants the account's API token in the header cf-aig-authorization: Bearer TOKEN",
  );

/** 7003: the request does not have the form it must have. */
export const invalidCall = (message: string) => new GatewayError(400, 7003, message);

/** 2045: a spend rule refuses the call. Its text is Cloudflare's. */
export const spendExceeded = (rule: SpendRule, provider: string, model: string) =>
  new GatewayError(
    429,
    2045,
    `Spend limit exceeded: rule '${rule.id}' (cost limit ${rule.limit} per ${rule.window}s, ${rule.technique}) for ${provider} ${model}`,
  );

/** A fault is set: the gateway does not answer. Only where a connection cannot be broken instead. */
export const unreachable = (id: string) =>
  new GatewayError(502, 10000, `gateway "${id}" cannot be reached: a fault is set`);

/** What the local gateway does not have says so by name. */
export const notEmulatedByGateway = (what: string) =>
  new GatewayError(501, 7501, `${what} is not emulated by the local cloud`);
