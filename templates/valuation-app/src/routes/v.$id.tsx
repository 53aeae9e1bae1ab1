import { createFileRoute, notFound } from "@tanstack/react-router";
import { Certificate } from "../components/certificate.tsx";
import { TokenTable } from "../components/token-table.tsx";
import { ValuationActions } from "../components/valuation-actions.tsx";
import { WayOfAnswer } from "../components/way-of-answer.tsx";
import { formatUsd } from "../domain/format.ts";
import { loadValuation } from "../page-functions.ts";

export const Route = createFileRoute("/v/$id")({
  loader: async ({ params }) => {
    const loaded = await loadValuation({ data: params.id });
    if (!loaded) throw notFound();
    return loaded;
  },
  head: ({ loaderData }) => {
    if (!loaderData) return {};
    const { valuation, origin } = loaderData;
    const title = `${valuation.itemName}: ${formatUsd(valuation.priceCents)}`;
    const image =
      valuation.picture === null
        ? { url: `${origin}/v1/valuations/${valuation.id}/card.png`, width: "1200", height: "630" }
        : { url: `${origin}/pictures/${valuation.picture}`, width: "1024", height: "1024" };
    return {
      meta: [
        { title },
        { name: "description", content: valuation.analysis.slice(0, 200) },
        // Whoever has the address may see it; search engines are not told.
        { name: "robots", content: "noindex" },
        { property: "og:type", content: "article" },
        { property: "og:title", content: title },
        { property: "og:description", content: valuation.analysis.slice(0, 200) },
        { property: "og:url", content: `${origin}/v/${valuation.id}` },
        { property: "og:image", content: image.url },
        { property: "og:image:width", content: image.width },
        { property: "og:image:height", content: image.height },
        { property: "og:image:alt", content: title },
        { name: "twitter:card", content: "summary_large_image" },
      ],
    };
  },
  component: ValuationPage,
});

function ValuationPage() {
  const { valuation, own } = Route.useLoaderData();
  return (
    <>
      <Certificate valuation={valuation} />
      <ValuationActions id={valuation.id} own={own} />
      <div className="mt-12 grid items-start gap-x-14 gap-y-12 lg:grid-cols-[minmax(0,7fr)_minmax(0,4fr)]">
        <TokenTable conversions={valuation.conversions} priceCents={valuation.priceCents} />
        <div className="grid gap-12">
          <section aria-labelledby="ideas-heading" className="flow">
            <h2 id="ideas-heading">What you could do with it</h2>
            <ul className="grid list-none gap-3 p-0">
              {[...new Set(valuation.whatYouCouldDo)].map((idea) => (
                <li key={idea} className="border-l-3 border-note pl-4">
                  {idea}
                </li>
              ))}
            </ul>
          </section>
          <WayOfAnswer valuation={valuation} />
          <section aria-labelledby="described-heading" className="flow">
            <h2 id="described-heading">What was described</h2>
            <blockquote className="whitespace-pre-line text-soft">{valuation.description}</blockquote>
          </section>
        </div>
      </div>
    </>
  );
}
