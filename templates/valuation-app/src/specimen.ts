import { estimate } from "./domain/estimate.ts";
import { tierOf } from "./domain/tier.ts";
import { EXAMPLES } from "./examples.ts";

const [{ description, category }] = EXAMPLES as [(typeof EXAMPLES)[number]]; // the first of several
/** As `fingerprint` makes it of the first example; a test holds the two equal. */
const FINGERPRINT = "e6b36943af95bd5537151c36c54219f4a6962678f27617df45404e952577802b";
const made = estimate(description, category, FINGERPRINT);

/** What the first example comes to without a model: the one answer that is known before anybody asks. */
export const SPECIMEN = {
  ...made,
  fingerprint: FINGERPRINT,
  category,
  tier: tierOf(made.priceCents),
  origin: { kind: "estimate", reason: "model_unavailable" },
  picture: null,
} as const;
