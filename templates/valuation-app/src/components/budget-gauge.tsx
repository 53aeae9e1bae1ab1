import type { BudgetMeter } from "../budget-meter.ts";

/** What is spent, reserved and left of the month's budget, in numbers and as a bar. */
export function BudgetGauge({ budget }: { readonly budget: BudgetMeter }) {
  const { ceilingUsd, spentUsd, reservedUsd, leftUsd, daysToGo } = budget;
  const part = (usd: number) => `${Math.min(100, (usd / ceilingUsd) * 100).toFixed(3)}%`;
  return (
    <section aria-labelledby="budget-heading" className="card flow">
      <h2 id="budget-heading">This month’s budget</h2>
      <div className="flex h-4 overflow-hidden rounded-xs border border-strong bg-sunken" aria-hidden="true">
        <span className="bg-note" style={{ width: part(spentUsd) }} />
        <span className="bg-amber" style={{ width: part(reservedUsd) }} />
      </div>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-3">
        {[
          ["Spent", usd(spentUsd)],
          ["Reserved", usd(reservedUsd)],
          ["Left", `${usd(leftUsd)} of ${usd(ceilingUsd)}`],
          ["Days to go", String(daysToGo)],
        ].map(([name, value]) => (
          <div key={name}>
            <dt className="text-soft">{name}</dt>
            <dd className="numeric text-lg">{value}</dd>
          </div>
        ))}
      </dl>
      <p className="hint">
        Of all models of this stack. Beyond it no model is asked: you get the deterministic estimate, until the month is
        over.
      </p>
    </section>
  );
}

function usd(amount: number): string {
  return `$${amount === 0 || amount >= 1 ? amount.toFixed(2) : amount.toFixed(5)}`;
}
