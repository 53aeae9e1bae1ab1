import { createFileRoute, Link } from "@tanstack/react-router";
import { PriceSpark } from "../components/price-spark.tsx";
import { Rosette } from "../components/rosette.tsx";
import { TierSeal } from "../components/tier-seal.tsx";
import { CATEGORIES, CATEGORY_NAMES } from "../domain/category.ts";
import { formatTime, formatUsd } from "../domain/format.ts";
import { TIER_RANGES, TIERS } from "../domain/tier.ts";
import type { ListedValuation } from "../domain/valuation.ts";
import type { ListedCourse } from "../follow-valuation.ts";
import { type HistorySearch, readHistorySearch } from "../history-search.ts";
import { loadHistory } from "../page-functions.ts";
import { Route as RootRoute } from "./__root.tsx";

export const Route = createFileRoute("/history")({
  validateSearch: readHistorySearch,
  // The router puts what was read over what the address says, and so keeps what was left out.
  loaderDeps: ({ search }): HistorySearch => readHistorySearch({ ...search }),
  loader: ({ deps }) => loadHistory({ data: deps }),
  head: () => ({ meta: [{ title: "Your valuations" }, { name: "robots", content: "noindex" }] }),
  component: History,
});

function History() {
  const { valuations, courses, next } = Route.useLoaderData();
  const search = Route.useLoaderDeps();
  const { member } = RootRoute.useLoaderData();
  const filtered = Object.keys(search).length > 0;
  return (
    <>
      <h1>What you had appraised</h1>
      <p className="lede mt-3">
        {member
          ? `Yours as a member of ${member.tenant}, in every browser where you sign in.`
          : "Known by a cookie of this browser, and only by that."}
      </p>
      {(valuations.length > 0 || filtered) && <Filters key={JSON.stringify(search)} search={search} />}
      {valuations.length === 0 ? (
        <p className="card mt-8">
          {filtered ? "Nothing of yours is like that." : "Nothing yet."}{" "}
          <Link to={filtered ? "/history" : "/"} search={{}}>
            {filtered ? "Show everything" : "Have something appraised"}
          </Link>
        </p>
      ) : (
        <ol className="mt-8 grid list-none gap-5 p-0 sm:grid-cols-2 xl:grid-cols-3">
          {valuations.map((valuation) => (
            <Item key={valuation.id} valuation={valuation} course={courses[valuation.id]} />
          ))}
        </ol>
      )}
      {(next !== null || search.before !== undefined) && (
        <nav aria-label="Pages" className="mt-8 flex flex-wrap gap-3">
          {search.before !== undefined && (
            <Link to="/history" search={{ ...search, before: undefined }} className="button">
              Newest
            </Link>
          )}
          {next !== null && (
            <Link to="/history" search={{ ...search, before: next }} className="button">
              Older
            </Link>
          )}
        </nav>
      )}
    </>
  );
}

/** A form with GET: it works without a script, and an address can be kept. */
function Filters({ search }: { readonly search: HistorySearch }) {
  return (
    <search>
      <form method="get" action="/history" className="mt-6 flex flex-wrap items-end gap-3">
        <div className="field min-w-48 grow">
          <label htmlFor="search">Search</label>
          <input id="search" type="search" name="search" maxLength={200} defaultValue={search.search} />
        </div>
        <Choice name="category" label="Kind" value={search.category} all="All kinds">
          {CATEGORY_NAMES.map((name) => [name, CATEGORIES[name].label])}
        </Choice>
        <Choice name="tier" label="Tier" value={search.tier} all="All tiers">
          {TIERS.map((tier) => [tier, `${tier}, ${TIER_RANGES[tier]}`])}
        </Choice>
        <Choice name="origin" label="Made by" value={search.origin} all="All">
          {[
            ["ai", "A model"],
            ["estimate", "Estimate"],
          ]}
        </Choice>
        <button type="submit">Show</button>
      </form>
    </search>
  );
}

function Choice({
  name,
  label,
  value,
  all,
  children,
}: {
  readonly name: string;
  readonly label: string;
  readonly value: string | undefined;
  readonly all: string;
  readonly children: readonly (readonly string[])[];
}) {
  return (
    <div className="field">
      <label htmlFor={name}>{label}</label>
      <select id={name} name={name} defaultValue={value ?? ""}>
        <option value="">{all}</option>
        {children.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

function Item({
  valuation,
  course,
}: {
  readonly valuation: ListedValuation;
  readonly course: ListedCourse | undefined;
}) {
  const { id, fingerprint, itemName, category, priceCents, tier, origin, picture, createdAt } = valuation;
  return (
    <li className="card relative flex gap-4 hover:border-note">
      <div className="size-24 shrink-0 bg-paper">
        {picture === null ? (
          <Rosette fingerprint={fingerprint} bands={1} className="size-full p-1" />
        ) : (
          <img
            src={`/pictures/${picture}`}
            alt=""
            width={96}
            height={96}
            loading="lazy"
            className="size-full object-cover"
          />
        )}
      </div>
      <div className="min-w-0 grow">
        <h2 className="font-engraved text-lg leading-snug">
          <Link to="/v/$id" params={{ id }} className="text-ink no-underline after:absolute after:inset-0">
            {itemName}
          </Link>
        </h2>
        <p className="font-engraved text-2xl tracking-tight">{formatUsd(priceCents)}</p>
        <p className="text-sm text-soft">
          {CATEGORIES[category].label}
          <br />
          {origin.kind === "ai" ? "AI-generated" : "Deterministic estimate"}
          <br />
          <time dateTime={new Date(createdAt).toISOString()}>{formatTime(createdAt)}</time>
        </p>
        {course && <PriceSpark course={course} />}
      </div>
      <TierSeal tier={tier} small />
    </li>
  );
}
