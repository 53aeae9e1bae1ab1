import * as z from "zod";
import { ModelTarget, ROUTE } from "./model-target.ts";

/** In headers and figures. */
export const ShortName = z.string().regex(/^[\w-]{1,40}$/, "letters, digits, _ and -, at most 40 of them");

/** One of several: the cheapest for the request is asked. */
const Candidates = z.array(ModelTarget).min(1).max(8);

/** What has to be so of a request; what is left out may be either way. */
const When = z
  .strictObject({
    /** Characters of the whole conversation. */
    minCharacters: z.int().min(1).optional(),
    maxCharacters: z.int().min(1).optional(),
    minMessages: z.int().min(1).optional(),
    maxMessages: z.int().min(1).optional(),
    /** Tokens that the request gives the answer; what says nothing asks for `limits.maxOutputTokens`. */
    minOutputTokens: z.int().min(1).optional(),
    maxOutputTokens: z.int().min(1).optional(),
    /** It brings tools. */
    tools: z.boolean().optional(),
    /** It asks for JSON of any kind. */
    json: z.boolean().optional(),
    /** It asks for JSON by a schema. */
    jsonSchema: z.boolean().optional(),
    /** Its last question has program text in it. */
    code: z.boolean().optional(),
    /** Its last question has one of these words or phrases in it, whole, in capitals or not. */
    words: z.array(z.string().trim().min(1).max(100)).min(1).max(200).optional(),
  })
  .refine((when) => Object.values(when).some((value) => value !== undefined), "says nothing; use `otherwise`");
export type RouteCondition = z.infer<typeof When>;

const RouteRule = z.strictObject({ name: ShortName, when: When, to: Candidates });

/** Who answers `model: "auto"`. A request that names a model of the stack gets that one. */
export const Routing = z.strictObject({
  /** The first that fits decides. */
  rules: z
    .array(RouteRule)
    .max(50)
    .refine((rules) => new Set(rules.map(({ name }) => name)).size === rules.length, "two rules have the same name")
    .default([]),
  /** Asked what is complex by the standing rules: tools, a JSON schema, code, much text, many messages, hard words. */
  large: Candidates.optional(),
  /** Asked everything else. */
  otherwise: Candidates.default([ROUTE]),
  /** Asked when money is short, whatever the rules say. */
  small: ModelTarget.default(ROUTE),
  /** US dollars that one call may cost at its worst: dearer models are passed over, then `small` is asked or none. */
  maxUsdPerCall: z.number().positive().max(1_000).optional(),
  /** From this share (0 to 1) of a month's budget on only `small` is asked. */
  smallAboveBudgetShare: z.number().min(0).max(1).optional(),
});
export type Routing = z.infer<typeof Routing>;

/** Models that routing names, each with its path. */
export function modelsOfRouting({
  rules,
  large = [],
  otherwise,
  small,
}: Routing): [model: string, path: PropertyKey[]][] {
  const each = (targets: readonly string[], path: PropertyKey[]) =>
    targets.map((target, place): [string, PropertyKey[]] => [target, ["routing", ...path, place]]);
  return [
    ...rules.flatMap(({ to }, place) => each(to, ["rules", place, "to"])),
    ...each(large, ["large"]),
    ...each(otherwise, ["otherwise"]),
    [small, ["routing", "small"]] as [string, PropertyKey[]],
  ].filter(([target]) => target !== ROUTE);
}
