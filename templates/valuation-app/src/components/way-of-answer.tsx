import { Link } from "@tanstack/react-router";
import type { EstimateReason, Valuation } from "../domain/valuation.ts";

const REASONS: Readonly<Record<EstimateReason, string>> = {
  budget_exhausted: "This month’s budget for models is used up, so no model was asked.",
  rate_limited: "The models had too many questions at that moment.",
  model_unavailable: "No model answered at that moment.",
  invalid_answer: "What the models answered was no appraisal.",
  timeout: "The models took too long.",
  internal: "Asking a model failed on our side.",
};

/** How this answer came about: who made it, how long it took, what it cost. */
export function WayOfAnswer({ valuation }: { readonly valuation: Valuation }) {
  const { origin, way, tookMs, costNano } = valuation;
  return (
    <section aria-labelledby="way-heading" className="flow">
      <h2 id="way-heading">How this answer came about</h2>
      {origin.kind === "estimate" && <p>{REASONS[origin.reason]} This is the deterministic estimate.</p>}
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
        <dt className="text-soft">Made by</dt>
        <dd>{origin.kind === "estimate" ? "arithmetic on the description’s fingerprint" : madeBy(origin)}</dd>
        <dt className="text-soft">Cache</dt>
        <dd>{WAYS[way]}</dd>
        <dt className="text-soft">Took</dt>
        <dd className="numeric">{tookMs < 1_000 ? `${tookMs} ms` : `${(tookMs / 1_000).toFixed(1)} s`}</dd>
        <dt className="text-soft">Cost</dt>
        <dd className="numeric">{costNano === 0 ? "nothing" : `$${(costNano / 1e9).toFixed(6)}`}</dd>
        <dt className="text-soft">Fingerprint</dt>
        <dd className="numeric break-all">{valuation.fingerprint.slice(0, 16)}</dd>
      </dl>
      <p className="no-print">
        <Link to="/how" search={{ valuation: valuation.id }}>
          See the way it took
        </Link>
      </p>
    </section>
  );
}

const WAYS: Readonly<Record<Valuation["way"], string>> = {
  asked: "nothing was kept, so the models were asked",
  joined: "somebody was asking the same at that moment: one question for both",
  kept: "a model’s answer was kept from before",
};

function madeBy({ model, fallback, standIn }: Extract<Valuation["origin"], { kind: "ai" }>): string {
  const name = model.split("/").at(-1) ?? model;
  if (standIn) return `the local cloud’s stand-in for ${name}`;
  return fallback ? `${name}, because the first model failed` : name;
}
