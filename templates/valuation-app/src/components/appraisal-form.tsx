import { useNavigate } from "@tanstack/react-router";
import { useServerFn } from "@tanstack/react-start";
import { type FormEvent, useId, useRef, useState } from "react";
import { CATEGORIES, CATEGORY_NAMES, type CategoryName } from "../domain/category.ts";
import { MOST_CHARACTERS } from "../domain/description.ts";
import { EXAMPLES } from "../examples.ts";
import { introduce, submit } from "../page-functions.ts";
import { newSubmission } from "../submission-number.ts";
import type { FormProblems } from "../submit-form.ts";

/** What the form held when it came back. */
export interface Draft {
  readonly description: string;
  readonly category: string;
  readonly problems: FormProblems;
}

/** What is being appraised right now. */
export interface Pending {
  readonly description: string;
  readonly category: CategoryName;
}

/**
 * The form. It is a form: without a script the browser sends it to `/` and gets the answer's page. With one, it stays
 * where it is while the models are asked.
 *
 * @param submission the number of the form that the browser sends without a script: sent twice, it is one valuation
 * @param known whether the visitor had a cookie when the page was loaded
 */
export function AppraisalForm({
  draft,
  submission,
  known,
  onPending,
}: {
  readonly draft: Draft | null;
  readonly submission: string;
  readonly known: boolean;
  readonly onPending: (pending: Pending | null) => void;
}) {
  const [problems, setProblems] = useState<FormProblems>(draft?.problems ?? {});
  const [busy, setBusy] = useState(false);
  // A router that comes back here has kept what it loaded: the number of a form that was sent.
  const [number] = useState(newSubmission);
  const form = useRef<HTMLFormElement>(null);
  const send = useServerFn(submit);
  // An appraisal takes seconds. Two tabs of somebody new would each be given a cookie at its end, and the first one's
  // valuation would be nobody's: so the cookie is asked for before, and by one tab after the other.
  const meet = useServerFn(introduce);
  const navigate = useNavigate();
  const hint = useId();

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (busy) return;
    const fields = new FormData(event.currentTarget);
    const said = fields.get("description");
    const description = typeof said === "string" ? said : "";
    const category = CATEGORY_NAMES.find((name) => name === fields.get("category")) ?? "other";
    setBusy(true);
    setProblems({});
    onPending({ description, category });
    try {
      if (!known) await inTurn(meet);
      const result = await send({ data: { description, category, submission: number } });
      if (result.ok) await navigate({ to: "/v/$id", params: { id: result.id } });
      else fail(result.problems);
    } catch {
      fail({
        form: navigator.onLine
          ? "That did not work. What you wrote is still here: send it again in a moment."
          : "You are offline. What you wrote is still here: send it again when you are back.",
      });
    } finally {
      // Also when the page was not left after all: somebody went back while the answer's page was loading.
      setBusy(false);
      onPending(null);
    }
  }

  function fail(found: FormProblems) {
    setProblems(found);
    form.current?.querySelector("textarea")?.focus();
  }

  function fill(description: string, category: CategoryName) {
    const area = form.current?.querySelector("textarea");
    const kind = form.current?.querySelector<HTMLInputElement>(`input[value="${category}"]`);
    if (!area || !kind) return;
    area.value = description;
    kind.checked = true;
    setProblems({});
    area.focus();
  }

  return (
    <form ref={form} method="post" action="/" className="card flow" onSubmit={(event) => void onSubmit(event)}>
      <div className="field">
        <label htmlFor="description">What do you own?</label>
        <textarea
          id="description"
          name="description"
          required
          maxLength={MOST_CHARACTERS}
          rows={4}
          dir="auto"
          defaultValue={draft?.description ?? ""}
          placeholder="1967 Fender Jazz Bass, sunburst, all original, a few chips in the lacquer"
          aria-describedby={problems.description ? `${hint} description-problem` : hint}
          aria-invalid={problems.description ? true : undefined}
        />
        <p id={hint} className="hint">
          Make, year and condition make the difference.
        </p>
        <Problem id="description-problem" text={problems.description} />
      </div>
      <div className="needs-script flex flex-wrap items-baseline gap-2 text-sm">
        <span className="text-soft">Try</span>
        {EXAMPLES.map(({ name, description, category }) => (
          <button
            key={name}
            type="button"
            className="small"
            disabled={busy}
            onClick={() => fill(description, category)}
          >
            {name}
          </button>
        ))}
      </div>
      <fieldset>
        <legend className="mb-2">What kind of thing is it?</legend>
        <div className="flex flex-wrap gap-2">
          {CATEGORY_NAMES.map((name) => (
            <label key={name} className="kind">
              <input
                type="radio"
                name="category"
                value={name}
                required
                defaultChecked={(draft?.category ?? "instrument") === name}
              />
              {CATEGORIES[name].label}
            </label>
          ))}
        </div>
        <Problem id="category-problem" text={problems.category} />
      </fieldset>
      <Problem id="form-problem" text={problems.form} />
      <input type="hidden" name="submission" value={submission} />
      <button type="submit" className="primary" disabled={busy}>
        {busy ? "Appraising…" : "Appraise it"}
      </button>
    </form>
  );
}

function Problem({ id, text }: { readonly id: string; readonly text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <p id={id} role="alert" className="error mt-2">
      {text}
    </p>
  );
}

/** Tabs of one browser do this one after another; all at once where the page has come over plain HTTP, which has no locks. */
function inTurn(work: () => Promise<unknown>): Promise<unknown> {
  const { locks }: { readonly locks?: LockManager } = navigator;
  return locks ? locks.request("introduction", work) : work();
}
