import { env } from "cloudflare:workers";
import { createServerFn } from "@tanstack/react-start";
import { getRequest } from "@tanstack/react-start/server";
import { pageOf } from "@tenner/worker-kit/paging";
import { ValuationStore } from "./adapters/valuation-store.ts";
import { type BudgetMeter, readBudget } from "./budget-meter.ts";
import type { Trace } from "./domain/trace.ts";
import type { ListedValuation, Valuation } from "./domain/valuation.ts";
import type { StackFacts } from "./drawings/stack-facts.ts";
import { type Course, coursesOf, findWithCourse, type ListedCourse } from "./follow-valuation.ts";
import type { HistorySearch } from "./history-search.ts";
import { type PageContext, pageContext } from "./page-context.ts";
import { readStackFacts } from "./read-stack-facts.ts";
import { removeValuation } from "./remove-valuation.ts";
import { type FormFields, type SubmitResult, submitForm } from "./submit-form.ts";
import { VALUATION_ID } from "./valuation-id.ts";

/** Who looks at the pages. */
export const loadVisitor = createServerFn({ method: "GET" }).handler(
  (): Pick<PageContext, "member" | "takesMembers" | "known"> => {
    const { member, takesMembers, known } = here();
    return { member, takesMembers, known };
  },
);

/** Does nothing but to be answered, with the cookie of a visitor who has none. */
export const introduce = createServerFn({ method: "POST" }).handler(() => true);

/** Values what the form says. */
export const submit = createServerFn({ method: "POST" })
  .validator((fields: FormFields) => fields)
  .handler(({ data }): Promise<SubmitResult> => submitForm(env, data, getRequest(), here().owner));

/** A valuation for its page; null when there is none. */
export const loadValuation = createServerFn({ method: "GET" })
  .validator((id: string) => String(id))
  .handler(async ({ data: id }): Promise<LoadedValuation | null> => {
    const found = VALUATION_ID.test(id) ? await findWithCourse(env, id) : null;
    if (!found) return null;
    const { owner, origin } = here();
    const { valuation, course } = found;
    return { valuation, course, own: found.owner === owner.id, origin };
  });

interface LoadedValuation {
  readonly valuation: Valuation;
  readonly course: Course;
  readonly own: boolean;
  readonly origin: string;
}

const PAGE = 12;

interface LoadedHistory {
  readonly valuations: readonly ListedValuation[];
  /** How prices go, by the valuation's id: of those that are followed or have been. */
  readonly courses: Readonly<Record<string, ListedCourse>>;
  readonly next: string | null;
}

/** A page of the visitor's own valuations. */
export const loadHistory = createServerFn({ method: "GET" })
  .validator((search: HistorySearch) => search)
  .handler(async ({ data }): Promise<LoadedHistory> => {
    const { search, category, tier, origin, before } = data;
    const filter = { search: search?.slice(0, 200), category, tier, origin, limit: PAGE + 1 };
    const cursor = before !== undefined && VALUATION_ID.test(before) ? before : undefined;
    const rows = await new ValuationStore(env.DB).list(here().owner.id, { ...filter, before: cursor });
    const { page, nextCursor } = pageOf(rows, PAGE, ({ id }) => id);
    return { valuations: page, courses: await coursesOf(env, page), next: nextCursor };
  });

/** What the page about the way of an answer shows. */
export interface LoadedHow {
  readonly budget: BudgetMeter;
  readonly stack: StackFacts;
  /** Whose way lights up; null when there is none. */
  readonly shown: { readonly valuation: Valuation; readonly trace: Trace | null } | null;
}

/** The stack, its budget, and the valuation that is asked for, or else the newest one of whoever looks. */
export const loadHow = createServerFn({ method: "GET" })
  .validator((id: string | null) => (id === null ? null : String(id)))
  .handler(async ({ data }): Promise<LoadedHow> => {
    const [budget, shown] = await Promise.all([readBudget(env), findShown(data)]);
    return { budget, stack: readStackFacts(env), shown };
  });

async function findShown(asked: string | null): Promise<LoadedHow["shown"]> {
  const store = new ValuationStore(env.DB);
  const id = asked ?? (await store.list(here().owner.id, { limit: 1 }))[0]?.id;
  if (id === undefined || !VALUATION_ID.test(id)) return null;
  const [found, trace] = await Promise.all([store.find(id), store.findTrace(id)]);
  return found && { valuation: found.valuation, trace };
}

/** Removes a valuation of the visitor's own. */
export const remove = createServerFn({ method: "POST" })
  .validator((id: string) => String(id))
  .handler(({ data: id }): Promise<boolean> => removeValuation(env, here().owner.id, id));

function here(): PageContext {
  const context = pageContext();
  if (!context) throw new Error("there is no request here");
  return context;
}
