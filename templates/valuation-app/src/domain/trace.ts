import * as z from "zod";

/** Where a request waits for something outside of its Worker: only there is a time to be measured. */
const HOP_NAMES = [
  "submission-lookup",
  "answer-lookup",
  "appraiser",
  "reserve",
  "model",
  "settle",
  "answer-keep",
  "picture-lookup",
  "picture-reserve",
  "picture-model",
  "picture-settle",
  "picture-store",
  "picture-keep",
] as const;
export type HopName = (typeof HOP_NAMES)[number];

/** One wait of a request, as it was measured. */
export const Hop = z.object({
  name: z.enum(HOP_NAMES),
  /** ms since the request came. */
  startMs: z.int().min(0),
  tookMs: z.int().min(0),
  /** `hit` and `miss`: of something that is kept; `refused`: the budget had no room. */
  state: z.enum(["done", "hit", "miss", "refused", "failed"]),
  /** Of a reservation: what was held, billionths of a US dollar. */
  heldNano: z.int().optional(),
  /** Of a settlement: what the ledger counts for the call, billionths of a US dollar. */
  costNano: z.int().optional(),
  /** Of a model's answer: who the gateway says answered. */
  model: z.string().optional(),
  /** Of a model's answer: what the gateway says of its own cache. */
  gatewayCache: z.string().optional(),
});
export type Hop = z.infer<typeof Hop>;

/** A request's waits, in the order in which they began. */
export const Trace = z.array(Hop);
export type Trace = readonly Hop[];
