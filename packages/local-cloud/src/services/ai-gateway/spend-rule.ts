import * as z from "zod";

/** The call's own value makes the budget it counts in: everybody has one of their own. */
const Partition = z.strictObject({ mode: z.literal("partition") });
/** The rule is only for calls with one of these values. */
const Filter = z.strictObject({ mode: z.literal("filter"), values: z.array(z.string()).min(1) });

/** What a rule looks at of a call. Models and providers can only be chosen, metadata can also split a budget. */
export const RuleScope = z.object({
  metadata: z.record(z.string().min(1), z.discriminatedUnion("mode", [Partition, Filter])).optional(),
  model: Filter.optional(),
  provider: Filter.optional(),
});
export type RuleScope = z.infer<typeof RuleScope>;

const SpendRuleBody = z.object({
  id: z
    .string()
    .regex(/^[\x21-\x7e]{1,64}$/, "1 to 64 visible characters without spaces")
    .optional(),
  enabled: z.boolean().default(true),
  limitType: z.literal("cost"),
  limit: z.number().gt(0, "must be more than 0 dollars: a budget of 0 would be no budget; delete the gateway instead"),
  window: z.int("must be whole seconds").gt(0, "must be more than 0 seconds"),
  technique: z.enum(["fixed", "sliding"]).default("sliding"),
  ...RuleScope.shape,
});

/**
 * A gateway's spend limits as sent. Defaults are those of Cloudflare's provider.
 *
 * @see https://developers.cloudflare.com/ai-gateway/features/spend-limits/
 */
export const SpendLimitsBody = z.object({
  enabled: z.boolean().default(false),
  rules: z
    .array(SpendRuleBody)
    .max(20, "a gateway has at most 20 rules")
    .refine(
      (rules) => {
        const ids = rules.flatMap(({ id }) => (id === undefined ? [] : [id]));
        return new Set(ids).size === ids.length;
      },
      { error: "two rules have the same id: their spend would be counted together. Give each rule its own" },
    )
    .default([]),
});
export type SpendLimitsBody = z.infer<typeof SpendLimitsBody>;
