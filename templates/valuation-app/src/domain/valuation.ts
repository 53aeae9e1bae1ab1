import type { CategoryName } from "./category.ts";
import type { Confidence } from "./estimate.ts";
import type { Tier } from "./tier.ts";
import type { TokenConversions } from "./token-conversions.ts";

/** Why there is an estimate instead of a model's answer. */
export type EstimateReason =
  | "budget_exhausted"
  | "rate_limited"
  | "model_unavailable"
  | "invalid_answer"
  | "timeout"
  | "internal";

/** Where a valuation came from. */
export type Origin =
  | {
      readonly kind: "ai";
      /** As the route names it. */
      readonly model: string;
      /** The primary model failed, and another one answered. */
      readonly fallback: boolean;
      /** No model answered but the local cloud's stand-in for one. */
      readonly standIn: boolean;
    }
  | { readonly kind: "estimate"; readonly reason: EstimateReason };

/** How this very request came by its answer. */
export type Way = "asked" | "joined" | "kept";

/** A valuation as its page shows it. */
export interface Valuation {
  readonly id: string;
  readonly fingerprint: string;
  readonly description: string;
  readonly category: CategoryName;
  readonly itemName: string;
  readonly priceCents: number;
  readonly confidence: Confidence;
  readonly tier: Tier;
  readonly origin: Origin;
  readonly analysis: string;
  readonly whatYouCouldDo: readonly string[];
  readonly conversions: TokenConversions;
  /** The picture's file name, or null when none was made. */
  readonly picture: string | null;
  readonly way: Way;
  /** Milliseconds from the request to the answer. */
  readonly tookMs: number;
  /** Billionths of a US dollar that this request cost; 0 when the answer was kept. */
  readonly costNano: number;
  /** ms since 1970 */
  readonly createdAt: number;
}

/** A valuation in a list. */
export type ListedValuation = Pick<
  Valuation,
  | "id"
  | "fingerprint"
  | "itemName"
  | "category"
  | "priceCents"
  | "tier"
  | "confidence"
  | "origin"
  | "picture"
  | "createdAt"
>;
