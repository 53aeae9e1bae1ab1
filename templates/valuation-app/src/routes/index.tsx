import { env } from "cloudflare:workers";
import { createFileRoute, getRouteApi } from "@tanstack/react-router";
import { setResponseStatus } from "@tanstack/react-start/server";
import { lazy, Suspense, useState } from "react";
import { AppraisalForm, type Draft, type Pending } from "../components/appraisal-form.tsx";
import { Certificate } from "../components/certificate.tsx";
import { pageContext } from "../page-context.ts";
import { SPECIMEN } from "../specimen.ts";
import { newSubmission } from "../submission-number.ts";
import { submitForm } from "../submit-form.ts";

export const Route = createFileRoute("/")({
  server: {
    handlers: {
      /** The form of a browser without a script. */
      POST: async ({ request, next }) => {
        const fields = await readFields(request);
        const owner = pageContext()?.owner;
        if (!owner) throw new Error("there is no request here");
        const result = await submitForm(env, fields, request, owner);
        if (result.ok) return new Response(null, { status: 303, headers: { location: `/v/${result.id}` } });
        setResponseStatus(422);
        const text = (value: unknown) => (typeof value === "string" ? value : "");
        const draft: Draft = {
          description: text(fields.description),
          category: text(fields.category),
          problems: result.problems,
        };
        return next({ context: { draft } });
      },
    },
  },
  loader: ({ serverContext }) => ({
    draft: (serverContext as { draft?: Draft } | undefined)?.draft ?? null, // as the handler above gave it
    submission: newSubmission(),
  }),
  component: Home,
});

async function readFields(request: Request) {
  try {
    const form = await request.formData();
    return { description: form.get("description"), category: form.get("category"), submission: form.get("submission") };
  } catch {
    // No form at all: everything is missing, and the page says so.
    return { description: null, category: null, submission: null };
  }
}

const root = getRouteApi("__root__");
const Appraising = lazy(() => import("../components/appraising.tsx"));

function Home() {
  const { draft, submission } = Route.useLoaderData();
  const { known } = root.useLoaderData();
  const [pending, setPending] = useState<Pending | null>(null);
  return (
    <>
      <div className="max-w-3xl">
        <h1>What is it worth, and how far would it think?</h1>
        <p className="lede mt-3">
          Describe anything you own. You get its price, how sure that is, and what the money would buy in AI tokens at
          two dozen providers.
        </p>
      </div>
      <div className="mt-8 grid items-start gap-8 lg:grid-cols-[minmax(0,5fr)_minmax(0,6fr)]">
        <AppraisalForm draft={draft} submission={submission} known={known} onPending={setPending} />
        {pending ? (
          <Suspense fallback={<p className="certificate p-8">A model is being asked.</p>}>
            <Appraising pending={pending} />
          </Suspense>
        ) : (
          <div>
            <p className="eyebrow mb-2">An example, before any model is asked</p>
            <Certificate valuation={SPECIMEN} level="h2" />
          </div>
        )}
      </div>
    </>
  );
}
