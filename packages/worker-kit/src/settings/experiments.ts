import * as z from "zod";
import { ModelTarget, ROUTE } from "./model-target.ts";
import { ShortName } from "./routing.ts";

const Variant = z.strictObject({
  name: ShortName,
  /** Its part of those who take part, beside the others' weights. */
  weight: z.number().positive().max(1_000).default(1),
  /** Asked in the place of whom routing would ask. */
  model: ModelTarget.optional(),
  /** In the place of the request's own. */
  temperature: z.number().min(0).max(2).optional(),
  /** A system message in front of the conversation. */
  system: z.string().min(1).max(10_000).optional(),
});

const Experiment = z.strictObject({
  /** Whoever has the name has the assignment: another name deals anew. */
  name: ShortName,
  /** The part of all callers that takes part, 0 to 1. 0 ends it and keeps its figures. */
  share: z.number().min(0).max(1).default(1),
  /** The first is what the others are compared with. */
  variants: z
    .array(Variant)
    .min(2)
    .max(8)
    .refine((variants) => new Set(variants.map(({ name }) => name)).size === variants.length, {
      error: "two variants have the same name",
    }),
});
export type Experiment = z.infer<typeof Experiment>;

/** A request takes part in the first experiment that takes its caller. */
export const Experiments = z
  .array(Experiment)
  .max(20)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, "two experiments have the same name");

/** Models that experiments name, each with its path. */
export function modelsOfExperiments(experiments: readonly Experiment[]): [model: string, path: PropertyKey[]][] {
  return experiments.flatMap(({ variants }, place) =>
    variants.flatMap(({ model }, each): [string, PropertyKey[]][] =>
      model === undefined || model === ROUTE ? [] : [[model, ["experiments", place, "variants", each, "model"]]],
    ),
  );
}
