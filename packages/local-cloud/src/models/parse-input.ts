import type * as z from "zod";
import { invalidInput } from "./ai-error.ts";

/** The inputs of a model, or what is wrong with them and where. @throws {AiError} 5004 */
export function parseInput<Input>(schema: z.ZodType<Input>, inputs: unknown): Input {
  const parsed = schema.safeParse(inputs);
  if (parsed.success) return parsed.data;
  const issue = deepest(parsed.error.issues[0]);
  throw invalidInput(`Error: ${issue?.message ?? "invalid"} at '/${(issue?.path ?? []).map(String).join("/")}'`);
}

type Issue = z.core.$ZodIssue;

/** Where no form of several fits, the issue of the form that was meant: the one that got furthest. */
function deepest(issue: Issue | undefined): Issue | undefined {
  if (issue?.code !== "invalid_union") return issue;
  const forms = issue.errors.map((issues) => issues[0]).filter((one) => one !== undefined);
  const meant = forms.find(({ code, path }) => path.length > 0 || code !== "invalid_type");
  if (meant) return { ...meant, path: [...issue.path, ...meant.path] };
  const expected = forms.flatMap((form) => (form.code === "invalid_type" ? [form.expected] : []));
  return { ...issue, message: `Invalid input: expected ${expected.join(" or ")}` };
}
