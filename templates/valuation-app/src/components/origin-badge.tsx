import type { Origin } from "../domain/valuation.ts";

/** Says where a valuation came from, in words. */
export function OriginBadge({ origin }: { readonly origin: Origin }) {
  if (origin.kind === "estimate") return <span className="badge warning">Deterministic estimate</span>;
  if (origin.standIn) {
    return (
      <span className="badge" title="The local cloud answers with a stand-in where no model is installed">
        AI-generated, by a stand-in
      </span>
    );
  }
  return (
    <span className="badge" data-status="done">
      AI-generated
    </span>
  );
}
