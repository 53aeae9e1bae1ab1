import { env } from "cloudflare:workers";
import { createFileRoute, notFound } from "@tanstack/react-router";
import { setResponseStatus } from "@tanstack/react-start/server";
import { Certificate } from "../components/certificate.tsx";
import { PriceCourse } from "../components/price-course.tsx";
import { TokenTable } from "../components/token-table.tsx";
import { ValuationActions } from "../components/valuation-actions.tsx";
import { WayOfAnswer } from "../components/way-of-answer.tsx";
import { formatUsd } from "../domain/format.ts";
import { followValuation, unfollowValuation } from "../follow-valuation.ts";
import { pageContext } from "../page-context.ts";
import { loadValuation } from "../page-functions.ts";
import { removeValuation } from "../remove-valuation.ts";

export const Route = createFileRoute("/v/$id")({
  server: {
    handlers: {
      /** The owner's buttons in a browser without a script. */
      POST: async ({ request, params: { id }, next }) => {
        const fields = await request.formData().catch(() => new FormData());
        const owner = pageContext()?.owner;
        if (!owner) throw new Error("there is no request here");
        const result = await change(owner.id, id, fields);
        if ("location" in result) return new Response(null, { status: 303, headers: { location: result.location } });
        setResponseStatus(409);
        return next({ context: result });
      },
    },
  },
  loader: async ({ params, serverContext }) => {
    const loaded = await loadValuation({ data: params.id });
    if (!loaded) throw notFound();
    const { problem = null } = (serverContext ?? {}) as { problem?: string }; // as the handler above gave it
    return { ...loaded, problem };
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

/** Does what an owner's form says. What is not the owner's stays as it is, and its page says what it is. */
async function change(
  owner: string,
  id: string,
  fields: FormData,
): Promise<{ readonly location: string } | { readonly problem: string }> {
  if (fields.get("delete") === "yes" && (await removeValuation(env, owner, id))) return { location: "/history" };
  if (fields.get("follow") === "no") await unfollowValuation(env, owner, id);
  if (fields.get("follow") === "yes" && (await followValuation(env, owner, id)) === "too_many") {
    return { problem: "You follow as many prices as one can here. Stop following another one first." };
  }
  return { location: `/v/${id}` };
}

function ValuationPage() {
  const { valuation, course, own, problem } = Route.useLoaderData();
  return (
    <>
      <Certificate valuation={valuation} />
      <ValuationActions id={valuation.id} own={own} />
      <div className="mt-12 grid items-start gap-x-14 gap-y-12 lg:grid-cols-[minmax(0,7fr)_minmax(0,4fr)]">
        <TokenTable conversions={valuation.conversions} priceCents={valuation.priceCents} />
        <div className="grid gap-12">
          <PriceCourse id={valuation.id} course={course} own={own} problem={problem} />
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
            <blockquote dir="auto" className="whitespace-pre-line text-soft">
              {valuation.description}
            </blockquote>
          </section>
        </div>
      </div>
    </>
  );
}
