import { useNavigate } from "@tanstack/react-router";
import { useServerFn } from "@tanstack/react-start";
import { type FormEvent, useState } from "react";
import { CATEGORIES, CATEGORY_NAMES } from "../domain/category.ts";
import { MOST_CHARACTERS } from "../domain/description.ts";
import { submit } from "../page-functions.ts";
import { newSubmission } from "../submission-number.ts";
import type { FormProblems } from "../submit-form.ts";

/** What a form that came back held. */
export interface TryItDraft {
  readonly description: string;
  readonly category: string;
  readonly problems: FormProblems;
}

/**
 * Sends a request whose way then lights up. A form: without a script the browser sends it to the page itself.
 *
 * @param submission the number of the form that the browser sends without a script
 */
export function TryIt({ draft, submission }: { readonly draft: TryItDraft; readonly submission: string }) {
  const { problems, busy, send } = useSending(draft.problems);
  const problem = problems.description ?? problems.category ?? problems.form;
  return (
    <form method="post" action="/how" className="card flow" aria-labelledby="try-heading" onSubmit={send}>
      <h2 id="try-heading">Try it</h2>
      <p className="text-soft">Send a request, and its way lights up in every drawing below.</p>
      <div className="field">
        <label htmlFor="description">A thing</label>
        <input
          id="description"
          name="description"
          required
          maxLength={MOST_CHARACTERS}
          defaultValue={draft.description}
          placeholder="A brass lamp from 1920"
          aria-invalid={problem === undefined ? undefined : true}
          aria-describedby={problem === undefined ? undefined : "try-problem"}
        />
      </div>
      <div className="flex flex-wrap items-end gap-3">
        <div className="field grow">
          <label htmlFor="category">Kind</label>
          <select id="category" name="category" defaultValue={draft.category}>
            {CATEGORY_NAMES.map((name) => (
              <option key={name} value={name}>
                {CATEGORIES[name].label}
              </option>
            ))}
          </select>
        </div>
        <input type="hidden" name="submission" value={submission} />
        <button type="submit" className="primary" disabled={busy}>
          {busy ? "On its way…" : "Send it"}
        </button>
      </div>
      {problem !== undefined && (
        <p id="try-problem" role="alert" className="error">
          {problem}
        </p>
      )}
    </form>
  );
}

/** Sends the same thing once more: it is kept now, so the way is a shorter one. */
export function SendAgain({
  description,
  category,
  submission,
}: {
  readonly description: string;
  readonly category: string;
  readonly submission: string;
}) {
  const { problems, busy, send } = useSending({});
  const problem = problems.description ?? problems.form;
  return (
    <form method="post" action="/how" onSubmit={send}>
      <input type="hidden" name="description" value={description} />
      <input type="hidden" name="category" value={category} />
      <input type="hidden" name="submission" value={submission} />
      <button type="submit" disabled={busy}>
        {busy ? "On its way…" : "Send the same once more"}
      </button>
      {problem !== undefined && (
        <p role="alert" className="error mt-2">
          {problem}
        </p>
      )}
    </form>
  );
}

function useSending(before: FormProblems) {
  const [problems, setProblems] = useState(before);
  const [busy, setBusy] = useState(false);
  const ask = useServerFn(submit);
  const navigate = useNavigate();

  async function sendFields(fields: FormData) {
    setBusy(true);
    setProblems({});
    try {
      const [description, category] = [fields.get("description"), fields.get("category")];
      const result = await ask({ data: { description, category, submission: newSubmission() } });
      if (result.ok) await navigate({ to: "/how", search: { valuation: result.id }, resetScroll: false });
      else setProblems(result.problems);
    } catch {
      setProblems({
        form: navigator.onLine
          ? "That did not work. Send it again in a moment."
          : "You are offline. Send it again when you are back.",
      });
    } finally {
      setBusy(false);
    }
  }

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!busy) void sendFields(new FormData(event.currentTarget));
  }

  return { problems, busy, send };
}
