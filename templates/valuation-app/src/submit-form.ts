import { log } from "@tenner/worker-kit/log";
import { Problem } from "@tenner/worker-kit/problem";
import type { Owner } from "./adapters/valuation-store.ts";
import { ValuationRequest } from "./domain/valuation-request.ts";
import { limitVisitor } from "./limit-submissions.ts";
import { readSubmission } from "./submission-number.ts";
import { submitValuation } from "./submit-valuation.ts";

/** The form's fields as they come: of any type, or missing. */
export interface FormFields {
  readonly description: unknown;
  readonly category: unknown;
  /** The form's own number. */
  readonly submission: unknown;
}

/** What is wrong with a form, by field, in words for a person. */
export interface FormProblems {
  readonly description?: string;
  readonly category?: string;
  /** Of the form as a whole. */
  readonly form?: string;
}

export type SubmitResult =
  | { readonly ok: true; readonly id: string }
  | { readonly ok: false; readonly problems: FormProblems };

/** Values what a form says. */
export async function submitForm(env: Env, fields: FormFields, request: Request, owner: Owner): Promise<SubmitResult> {
  const { submission, ...said } = fields;
  const parsed = ValuationRequest.safeParse(said);
  if (!parsed.success) {
    const of = (field: string) => parsed.error.issues.find(({ path }) => path[0] === field)?.message;
    const [description, category] = [of("description"), of("category")];
    return { ok: false, problems: { ...(description && { description }), ...(category && { category }) } };
  }
  try {
    await limitVisitor(env, request);
    const { id } = await submitValuation(env, parsed.data, owner, readSubmission(submission));
    return { ok: true, id };
  } catch (error) {
    if (error instanceof Problem && error.status === 429) {
      return { ok: false, problems: { form: "That were many in a minute. Wait a moment, then send it again." } };
    }
    log("error", "submission_failed", {
      message: String(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
    // A model's answer that was paid for is kept, so sending it again costs nothing.
    return {
      ok: false,
      problems: { form: "It could not be written down. What you wrote is still here: send it again in a moment." },
    };
  }
}
