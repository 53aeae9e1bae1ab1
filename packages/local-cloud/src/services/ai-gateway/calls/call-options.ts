import * as z from "zod";
import { invalidCall } from "./gateway-error.ts";

/** How one call wants to be treated. What is absent, the gateway's own settings decide. */
export interface CallOptions {
  skipCache?: boolean;
  /** Seconds. */
  cacheTtl?: number;
  /** Takes the place of the request in the cache's key. */
  cacheKey?: string;
  /** Null: what was sent cannot be kept, so all of it is lost, as at Cloudflare. */
  metadata?: Metadata | null;
  collectLog?: boolean;
  eventId?: string;
  customCost?: CustomCost;
  /** ms until the answer must have begun. */
  requestTimeout?: number;
  /** Attempts in all. */
  maxAttempts?: number;
  /** ms */
  retryDelay?: number;
  backoff?: Backoff;
}

export type Metadata = Record<string, string | number | boolean>;
export type Backoff = "constant" | "linear" | "exponential";
/** US dollars: a total, or for each token. */
export type CustomCost = { total_cost: number } | { per_token_in?: number; per_token_out?: number };

const MINUTE = 60;
const MONTH = 2_678_400;
const MAX_METADATA = 5;
/** Request timeouts beyond this are a mistake: seconds for milliseconds have no such range. */
const MAX_TIMEOUT = 600_000;

/**
 * Reads the `cf-aig-…` headers of a call or of a step of it.
 *
 * @throws {GatewayError} 7003 that names the header.
 * @see https://developers.cloudflare.com/ai-gateway/glossary/
 */
export function optionsOfHeaders(header: (name: string) => string | undefined): CallOptions {
  const options: CallOptions = {};
  const take = <Value>(name: string, read: (text: string, name: string) => Value, set: (value: Value) => void) => {
    const text = header(`cf-aig-${name}`);
    if (text !== undefined && text !== "") set(read(text, `the header cf-aig-${name}`));
  };
  take("skip-cache", flag, (value) => (options.skipCache = value));
  take("cache-ttl", cacheTtl, (value) => (options.cacheTtl = value));
  take("cache-key", word, (value) => (options.cacheKey = value));
  take("metadata", json, (value) => (options.metadata = metadataOf(value)));
  take("collect-log", flag, (value) => (options.collectLog = value));
  take("event-id", word, (value) => (options.eventId = value));
  take(
    "custom-cost",
    (text, name) => customCost(json(text, name), name),
    (value) => (options.customCost = value),
  );
  take("request-timeout", timeout, (value) => (options.requestTimeout = value));
  take("max-attempts", attempts, (value) => (options.maxAttempts = value));
  take("retry-delay", delay, (value) => (options.retryDelay = value));
  take("backoff", backoff, (value) => (options.backoff = value));
  return options;
}

/** `gateway` of `env.AI.run`'s options, as workerd sends them. */
const BindingOptions = z.object({
  id: z.string(),
  skipCache: z.boolean().nullish(),
  cacheTtl: z.number().nullish(),
  cacheKey: z.string().nullish(),
  metadata: z.unknown().optional(),
  collectLog: z.boolean().nullish(),
  eventId: z.string().nullish(),
  requestTimeoutMs: z.number().nullish(),
  retries: z
    .object({
      maxAttempts: z.number().nullish(),
      retryDelayMs: z.number().nullish(),
      backoff: z.string().nullish(),
    })
    .nullish(),
});

/**
 * Reads the `gateway` option of the binding's `run`. A `cacheTtl` of 0 counts as absent, as in workerd.
 *
 * @throws {GatewayError} 7003 that names the option.
 */
export function optionsOfBinding(value: unknown): { gatewayId: string; options: CallOptions } {
  const parsed = BindingOptions.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalidCall(`gateway.${(issue?.path ?? []).map(String).join(".")}: ${issue?.message ?? "invalid"}`);
  }
  const {
    id,
    skipCache,
    cacheTtl: ttl,
    cacheKey,
    metadata,
    collectLog,
    eventId,
    requestTimeoutMs,
    retries,
  } = parsed.data;
  return {
    gatewayId: id,
    options: {
      ...(isSet(skipCache) && { skipCache }),
      ...(isSet(ttl) && ttl !== 0 && { cacheTtl: cacheTtl(ttl, "gateway.cacheTtl") }),
      ...(isSet(cacheKey) && cacheKey !== "" && { cacheKey: word(cacheKey, "gateway.cacheKey") }),
      ...(isSet(metadata) && { metadata: metadataOf(metadata) }),
      ...(isSet(collectLog) && { collectLog }),
      ...(isSet(eventId) && { eventId: word(eventId, "gateway.eventId") }),
      ...(isSet(requestTimeoutMs) && { requestTimeout: timeout(requestTimeoutMs, "gateway.requestTimeoutMs") }),
      ...(isSet(retries?.maxAttempts) && { maxAttempts: attempts(retries.maxAttempts, "gateway.retries.maxAttempts") }),
      ...(isSet(retries?.retryDelayMs) && { retryDelay: delay(retries.retryDelayMs, "gateway.retries.retryDelayMs") }),
      ...(isSet(retries?.backoff) && { backoff: backoff(retries.backoff, "gateway.retries.backoff") }),
    },
  };
}

const StepConfig = z.object({
  cacheTtl: z.number().optional(),
  cacheKey: z.string().optional(),
  skipCache: z.boolean().optional(),
  requestTimeout: z.number().optional(),
  maxAttempts: z.number().optional(),
  retryDelay: z.number().optional(),
  backoff: z.string().optional(),
});

/** Reads `config` of a step of a universal request. @throws {GatewayError} 7003 that names the setting. */
export function optionsOfStep(config: unknown): CallOptions {
  if (!isSet(config)) return {};
  const parsed = StepConfig.safeParse(config);
  if (!parsed.success) throw invalidCall(`config: ${z.prettifyError(parsed.error)}`);
  const { data } = parsed;
  return {
    ...(isSet(data.skipCache) && { skipCache: data.skipCache }),
    ...(isSet(data.cacheTtl) && data.cacheTtl !== 0 && { cacheTtl: cacheTtl(data.cacheTtl, "config.cacheTtl") }),
    ...(isSet(data.cacheKey) && { cacheKey: word(data.cacheKey, "config.cacheKey") }),
    ...(isSet(data.requestTimeout) && { requestTimeout: timeout(data.requestTimeout, "config.requestTimeout") }),
    ...(isSet(data.maxAttempts) && { maxAttempts: attempts(data.maxAttempts, "config.maxAttempts") }),
    ...(isSet(data.retryDelay) && { retryDelay: delay(data.retryDelay, "config.retryDelay") }),
    ...(isSet(data.backoff) && { backoff: backoff(data.backoff, "config.backoff") }),
  };
}

/**
 * What of the metadata is kept: the first five entries; nothing at all where a value is null, an object or a list.
 *
 * @see https://developers.cloudflare.com/ai-gateway/observability/custom-metadata/
 */
function metadataOf(value: unknown): Metadata | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const kept: Metadata = {};
  for (const [number, [name, entry]] of Object.entries(value as Record<string, unknown>).entries()) {
    if (typeof entry !== "string" && typeof entry !== "number" && typeof entry !== "boolean") return null;
    if (number < MAX_METADATA) kept[name] = entry;
  }
  return kept;
}

const isSet = <Value>(value: Value): value is NonNullable<Value> => value !== undefined && value !== null;

const cacheTtl = (given: string | number, name: string) => wholeNumber(given, name, MINUTE, MONTH, " seconds");
const timeout = (given: string | number, name: string) => wholeNumber(given, name, 1, MAX_TIMEOUT, " ms");
const attempts = (given: string | number, name: string) => wholeNumber(given, name, 1, 5, "");
const delay = (given: string | number, name: string) => wholeNumber(given, name, 0, 5000, " ms");

function wholeNumber(given: string | number, name: string, least: number, most: number, unit: string): number {
  const value = typeof given === "string" ? (/^\d{1,9}$/.test(given) ? Number(given) : Number.NaN) : given;
  if (!Number.isInteger(value) || value < least || value > most)
    throw invalidCall(`${name} must be a whole number from ${least} to ${most}${unit}, not "${given}"`);
  return value;
}

function flag(text: string, name: string): boolean {
  if (/^(true|1)$/i.test(text)) return true;
  if (/^(false|0)$/i.test(text)) return false;
  throw invalidCall(`${name} must be true or false, not "${text}"`);
}

function word(text: string, name: string): string {
  if (text.length > 1024) throw invalidCall(`${name} must have at most 1024 characters`);
  return text;
}

function backoff(text: string, name: string): Backoff {
  if (text === "constant" || text === "linear" || text === "exponential") return text;
  throw invalidCall(`${name} must be constant, linear or exponential, not "${text}"`);
}

function json(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidCall(`${name} is not JSON`);
  }
}

const Dollars = z.number().min(0);
const CustomCost = z.union([
  z.strictObject({ total_cost: Dollars }),
  z
    .strictObject({ per_token_in: Dollars.optional(), per_token_out: Dollars.optional() })
    .refine((cost) => Object.keys(cost).length > 0),
]);

function customCost(value: unknown, name: string): CustomCost {
  const parsed = CustomCost.safeParse(value);
  if (!parsed.success)
    throw invalidCall(`${name} must be {"per_token_in": dollars, "per_token_out": dollars} or {"total_cost": dollars}`);
  const cost = parsed.data;
  if ("total_cost" in cost) return cost;
  return {
    ...(cost.per_token_in !== undefined && { per_token_in: cost.per_token_in }),
    ...(cost.per_token_out !== undefined && { per_token_out: cost.per_token_out }),
  };
}
