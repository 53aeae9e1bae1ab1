import * as z from "zod";

/** The stack's dynamic route, as a target: its primary model with its fallback. */
export const ROUTE = "auto";

/** Who is asked: `auto`, or one model. Whether a model has a price is checked with the stack's own prices. */
export const ModelTarget = z
  .string()
  .max(200)
  .refine((target) => target === ROUTE || target.startsWith("@") || /^[a-z0-9-]+\/.+$/.test(target), {
    error: "names no provider: write `auto`, a Workers AI id (@cf/…) or provider/model",
  });
