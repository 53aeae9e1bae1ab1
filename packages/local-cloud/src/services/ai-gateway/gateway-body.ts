import * as z from "zod";
import { SpendLimitsBody } from "./spend-rule.ts";

/** Null is what the API calls 0: seen of `cache_ttl`. */
const orNull = (schema: z.ZodInt) => schema.nullable().transform((value) => value ?? 0);
const kept = z.record(z.string(), z.unknown()).nullable().default(null);

/**
 * What replaces a gateway's settings. Every field left out is as if it had never been set.
 *
 * @see https://developers.cloudflare.com/api/resources/ai_gateway/
 */
export const GatewaySettings = z.object({
  authentication: z.boolean().default(false),
  cache_invalidate_on_update: z.boolean(),
  cache_ttl: orNull(z.int().min(0).max(2_678_400, "at most a month: 2678400 seconds")),
  collect_logs: z.boolean(),
  rate_limiting_interval: orNull(z.int().min(0)),
  rate_limiting_limit: orNull(z.int().min(0)),
  rate_limiting_technique: z
    .enum(["fixed", "sliding"])
    .nullish()
    .transform((value) => value ?? "fixed"),
  log_management: z.int().min(10_000).max(10_000_000).nullable().default(null),
  log_management_strategy: z.enum(["STOP_INSERTING", "DELETE_OLDEST"]).nullable().default(null),
  logpush: z.boolean().default(false),
  logpush_public_key: z.string().min(16).max(1024).nullable().default(null),
  retry_backoff: z.enum(["constant", "linear", "exponential"]).nullable().default(null),
  retry_delay: z.int().min(0).max(60_000).nullable().default(null),
  retry_max_attempts: z.int().min(1).max(5).nullable().default(null),
  spend_limits: SpendLimitsBody.nullish(),
  store_id: z.string().nullable().default(null),
  workers_ai_billing_mode: z.enum(["postpaid", "unified"]).default("postpaid"),
  zdr: z.boolean().default(false),
  byok_only: z.boolean().optional(),
  log_classification: z.boolean().optional(),
  dlp: kept,
  guardrails: kept,
  stripe: kept,
  otel: z.array(z.record(z.string(), z.unknown())).nullable().default(null),
});
export type GatewaySettings = z.infer<typeof GatewaySettings>;

/** A new gateway. */
export const NewGateway = GatewaySettings.extend({
  id: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[a-z0-9_]+(-[a-z0-9_]+)*$/, "small letters, digits, _ and single - between them only"),
});
export type NewGateway = z.infer<typeof NewGateway>;

/** What a gateway was asked to do and here does not: kept and given back, and said so. */
export function unenforced(settings: GatewaySettings): string[] {
  const asked = {
    logpush: settings.logpush,
    dlp: settings.dlp?.["enabled"] === true,
    guardrails: settings.guardrails !== null,
    stripe: settings.stripe !== null,
    otel: settings.otel !== null && settings.otel.length > 0,
    byok_only: settings.byok_only === true,
  };
  return Object.entries(asked).flatMap(([name, wanted]) =>
    wanted ? [`${name} is kept, but the local cloud does not act on it`] : [],
  );
}
