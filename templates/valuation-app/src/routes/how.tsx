import { createFileRoute, Link } from "@tanstack/react-router";
import { BudgetGauge } from "../components/budget-gauge.tsx";
import { formatUsd } from "../domain/format.ts";
import { pathOf, STATIONS, type Stop } from "../domain/path-of-answer.ts";
import { loadBudget, loadLatest } from "../page-functions.ts";

export const Route = createFileRoute("/how")({
  validateSearch: (raw: Record<string, unknown>): { valuation?: string } =>
    typeof raw["valuation"] === "string" ? { valuation: raw["valuation"] } : {},
  loaderDeps: ({ search }) => ({ valuation: search.valuation ?? null }),
  loader: async ({ deps }) => {
    const [budget, valuation] = await Promise.all([loadBudget(), loadLatest({ data: deps.valuation })]);
    return { budget, valuation };
  },
  head: () => ({ meta: [{ title: "How it works" }] }),
  component: How,
});

function How() {
  const { budget, valuation } = Route.useLoaderData();
  const path = valuation && pathOf(valuation);
  return (
    <>
      <h1>How an answer comes about</h1>
      <p className="lede mt-3">
        {valuation ? (
          <>
            Lit up is the way of{" "}
            <Link to="/v/$id" params={{ id: valuation.id }}>
              {valuation.itemName}
            </Link>
            , {formatUsd(valuation.priceCents)}: {valuation.tookMs} ms.
          </>
        ) : (
          <>
            Every way that a request can go in this stack. <Link to="/">Have something appraised</Link>, and yours
            lights up here.
          </>
        )}
      </p>
      <div className="mt-8 grid items-start gap-8 lg:grid-cols-[minmax(0,7fr)_minmax(0,4fr)]">
        <ol className="grid list-none gap-3 p-0">
          {STATIONS.map(({ id, title, product, explains }, index) => (
            <li key={id} className={`border-l-4 bg-sheet p-4 ${frameOf(path?.[id])}`}>
              <p className="flex max-w-none flex-wrap items-baseline justify-between gap-x-4">
                <strong>
                  {index + 1}. {title}
                </strong>
                <span className="text-sm text-soft">{product}</span>
              </p>
              {path && (
                <p className="text-sm font-medium">
                  {path[id].state}
                  {path[id].note !== undefined && `: ${path[id].note}`}
                </p>
              )}
              <p className="mt-1 text-soft">{explains}</p>
            </li>
          ))}
        </ol>
        <BudgetGauge budget={budget} />
      </div>
    </>
  );
}

/** The words say it, too: the colour is not alone. */
function frameOf(stop: Stop | undefined): string {
  if (!stop || stop.state === "passed by") return "border-line";
  return stop.state === "taken" ? "border-note" : "border-amber";
}
