import { formatCount, formatDate, formatUsd } from "../domain/format.ts";
import type { TokenConversions } from "../domain/token-conversions.ts";

/** What a price buys at each provider: a chart that is a table, so that it can be read aloud. */
export function TokenTable({
  conversions,
  priceCents,
}: {
  readonly conversions: TokenConversions;
  readonly priceCents: number;
}) {
  const { providers, inputTokens, outputTokens, takenOn, list } = conversions;
  const most = providers[0]?.tokens ?? 1;
  return (
    <section aria-labelledby="tokens-heading" className="flow">
      <h2 id="tokens-heading">What {formatUsd(priceCents)} buys in tokens</h2>
      <p className="text-soft">
        At {providers.length} providers, one model each, in requests of {formatCount(inputTokens)} tokens in and{" "}
        {formatCount(outputTokens)} out. Prices of {formatDate(takenOn)}.
      </p>
      <table className="tokens">
        <caption className="visually-hidden">Tokens for the price, by provider, most first</caption>
        <thead>
          <tr>
            <th scope="col">Provider</th>
            <th scope="col" className="max-sm:hidden">
              Model
            </th>
            <th scope="col" className="w-1/2">
              Tokens
            </th>
          </tr>
        </thead>
        <tbody>
          {providers.map(({ provider, model, tokens, source }) => (
            <tr key={provider}>
              <th scope="row" className="font-medium">
                <a href={source} rel="noreferrer">
                  {provider}
                </a>
                <span className="block text-sm font-normal text-soft sm:hidden">{model}</span>
              </th>
              <td className="text-soft max-sm:hidden">{model}</td>
              <td>
                <div className="sm:grid sm:min-h-6 sm:grid-cols-[7.5rem_1fr] sm:items-center">
                  <span className="numeric whitespace-nowrap">{formatCount(tokens)}</span>
                  <span className="mt-1 block h-2 rounded-xs bg-sunken sm:mt-0" aria-hidden="true">
                    <span
                      className="block h-full min-w-px rounded-xs bg-note"
                      style={{ width: `${((tokens / most) * 100).toFixed(2)}%` }}
                    />
                  </span>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="hint">
        Source: {list}, taken on {formatDate(takenOn)}; each provider’s name leads to its own price list.
      </p>
    </section>
  );
}
