import type { PriceList } from "./price-list.ts";

/** What a price buys at one provider. */
interface TokenConversion {
  readonly provider: string;
  readonly model: string;
  /** Tokens, input and output together, in requests of the list's size. */
  readonly tokens: number;
  /** The provider's page with the price. */
  readonly source: string;
}

/** What a price buys everywhere, as of a day. */
export interface TokenConversions {
  readonly list: string;
  /** YYYY-MM-DD */
  readonly takenOn: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Most tokens first. */
  readonly providers: readonly TokenConversion[];
}

/** Converts a price into tokens at each provider of the list: whole requests only. */
export function convert(priceCents: number, { list, takenOn, request, providers }: PriceList): TokenConversions {
  const perRequest = request.inputTokens + request.outputTokens;
  const nanoUsd = priceCents * 10_000_000;
  return {
    list,
    takenOn,
    ...request,
    providers: providers
      .map(({ name, model, nanoUsdPerRequest, source }) => ({
        provider: name,
        model,
        tokens: Math.floor(nanoUsd / nanoUsdPerRequest) * perRequest,
        source,
      }))
      .sort((a, b) => b.tokens - a.tokens || (a.provider < b.provider ? -1 : 1)),
  };
}

/** The middle of the list: as many providers give more as give fewer. */
export function middleOf({ providers }: TokenConversions): number {
  return providers[Math.floor(providers.length / 2)]?.tokens ?? 0;
}
