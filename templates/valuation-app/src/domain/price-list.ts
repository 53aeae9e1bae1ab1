import * as z from "zod";

/** The request that every provider is priced with: prices per million tokens hide that a request has two kinds. */
export const REQUEST = { inputTokens: 1_000, outputTokens: 500 } as const;

export const ProviderPrice = z.strictObject({
  id: z.string().min(1),
  name: z.string().min(1),
  model: z.string().min(1),
  /** Billionths of a US dollar for one `request`. */
  nanoUsdPerRequest: z.int().positive(),
  /** The provider's own page with the price. */
  source: z.url({ protocol: /^https$/ }),
});
export type ProviderPrice = z.infer<typeof ProviderPrice>;

/** What a provider's tokens cost, and who says so. Written by `npm run prices:update`. */
export const PriceList = z.strictObject({
  /** The npm package and its version. */
  list: z.string().min(1),
  takenOn: z.iso.date(),
  request: z.strictObject({ inputTokens: z.int().positive(), outputTokens: z.int().positive() }),
  providers: z.array(ProviderPrice).min(19, "19 providers are promised"),
});
export type PriceList = z.infer<typeof PriceList>;
