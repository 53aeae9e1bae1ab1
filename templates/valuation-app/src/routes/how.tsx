import { env } from "cloudflare:workers";
import { createFileRoute, Link } from "@tanstack/react-router";
import { setResponseStatus } from "@tanstack/react-start/server";
import { BudgetGauge } from "../components/budget-gauge.tsx";
import { Plate } from "../components/plate.tsx";
import { SendAgain, TryIt, type TryItDraft } from "../components/try-it.tsx";
import { Waits } from "../components/waits.tsx";
import { formatCost, formatDuration, formatUsd } from "../domain/format.ts";
import { pathOf } from "../domain/path-of-answer.ts";
import type { Trace } from "../domain/trace.ts";
import { usageOf } from "../domain/usage-of-request.ts";
import type { Valuation } from "../domain/valuation.ts";
import { drawingsOf } from "../drawings/drawings.ts";
import { pageContext } from "../page-context.ts";
import { loadHow } from "../page-functions.ts";
import { newSubmission } from "../submission-number.ts";
import { submitForm } from "../submit-form.ts";

const EMPTY: TryItDraft = { description: "", category: "furniture", problems: {} };

export const Route = createFileRoute("/how")({
  server: {
    handlers: {
      /** Both forms of a browser without a script. */
      POST: async ({ request, next }) => {
        const form = await request.formData().catch(() => new FormData());
        const [description, category, submission] = ["description", "category", "submission"].map((name) =>
          form.get(name),
        );
        const owner = pageContext()?.owner;
        if (!owner) throw new Error("there is no request here");
        const result = await submitForm(env, { description, category, submission }, request, owner);
        if (result.ok) return new Response(null, { status: 303, headers: { location: `/how?valuation=${result.id}` } });
        setResponseStatus(422);
        const text = (value: unknown) => (typeof value === "string" ? value : "");
        const draft = { description: text(description), category: text(category), problems: result.problems };
        return next({ context: { draft } });
      },
    },
  },
  validateSearch: (raw: Record<string, unknown>): { valuation?: string } =>
    typeof raw["valuation"] === "string" ? { valuation: raw["valuation"] } : {},
  loaderDeps: ({ search }) => ({ valuation: search.valuation ?? null }),
  loader: async ({ deps, serverContext }) => {
    const { draft = EMPTY } = (serverContext ?? {}) as { draft?: TryItDraft }; // as the handler above gave it
    return { ...(await loadHow({ data: deps.valuation })), draft, submission: newSubmission() };
  },
  head: () => ({ meta: [{ title: "How it works" }] }),
  component: How,
});

function How() {
  const { budget, stack, shown, draft, submission } = Route.useLoaderData();
  const request = shown && {
    path: pathOf(
      shown.valuation,
      shown.trace,
      stack.models.map(({ model }) => model),
    ),
    usage: shown.trace ? usageOf(shown.trace) : {},
  };
  return (
    <>
      <h1>How an answer comes about</h1>
      <p className="lede mt-3">
        Seven drawings of the stack that made this page: its own resources, its own settings. Point at a part, or go to
        it by Tab, and it says what it is.
      </p>
      <div className="mt-8 grid items-stretch gap-5 lg:grid-cols-2">
        <TryIt draft={draft} submission={submission} />
        <BudgetGauge budget={budget} />
      </div>
      {shown && <ShownRequest {...shown} submission={submission} />}
      <div className="mt-10 grid gap-5 lg:grid-cols-2" key={shown?.valuation.id}>
        {drawingsOf(stack).map((drawing, index) => (
          <Plate key={drawing.id} drawing={drawing} number={index + 1} request={request} />
        ))}
      </div>
    </>
  );
}

function ShownRequest({
  valuation,
  trace,
  submission,
}: {
  readonly valuation: Valuation;
  readonly trace: Trace | null;
  readonly submission: string;
}) {
  const { id, itemName, priceCents, tookMs, costNano, description, category } = valuation;
  return (
    <section aria-labelledby="request-heading" className="card flow mt-5">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div>
          <h2 id="request-heading">Lit up below: {itemName}</h2>
          <p className="mt-1 text-soft">
            <Link to="/v/$id" params={{ id }}>
              Worth {formatUsd(priceCents)}
            </Link>
            . It took {formatDuration(tookMs)} inside of this stack and cost {formatCost(costNano)}.
          </p>
        </div>
        <SendAgain description={description} category={category} submission={submission} />
      </div>
      {trace ? (
        <>
          <Waits trace={trace} tookMs={tookMs} />
          <p className="hint">
            Measured in the Worker and in its Durable Object. A Worker’s clock stands still while it computes, so what
            it computes takes no time here; nor is the last wait here, for the record into which these lines are
            written. Amounts in brackets were held, not spent.
          </p>
        </>
      ) : (
        <p className="text-soft">It was made before this stack measured its waits, so only its way is known.</p>
      )}
    </section>
  );
}
