import type { ProblemBody } from "@tenner/worker-kit/problem";
import * as z from "zod";

/** An error as OpenAI's clients read it. @see https://platform.openai.com/docs/guides/error-codes */
export const OpenAiError = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string().nullable(),
    }),
  })
  .meta({ id: "OpenAiError" });
export type OpenAiError = z.infer<typeof OpenAiError>;

/** Our codes that OpenAI has names of its own for. */
const CODES: Readonly<Record<string, string>> = {
  unauthorized: "invalid_api_key",
  rate_limited: "rate_limit_exceeded",
  budget_exhausted: "insufficient_quota",
};

/** A problem in OpenAI's form; the fields that are wrong are named in the message. */
export function openAiError(problem: ProblemBody): OpenAiError {
  const fields = (problem.errors ?? []).map(({ path, message }) =>
    path === "" ? message : `${parameterOf(path)}: ${message}`,
  );
  return {
    error: {
      message: [problem.detail ?? problem.title, ...fields].join("; "),
      type: typeOf(problem),
      param: problem.errors?.[0]?.path ? parameterOf(problem.errors[0].path) : null,
      code: CODES[problem.code] ?? problem.code,
    },
  };
}

function typeOf({ status, code }: ProblemBody): string {
  if (code === "budget_exhausted") return "insufficient_quota";
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

/** `/messages/0/content` as OpenAI writes it: `messages[0].content`. */
function parameterOf(pointer: string): string {
  return pointer
    .slice(1)
    .split("/")
    .map((part, place) => (/^\d+$/.test(part) ? `[${part}]` : `${place > 0 ? "." : ""}${part}`))
    .join("");
}

/** Paths below /v1 that are this template's own, whose errors are problems. */
const OWN = /^\/v1\/(keys|tokens|usage|cache|analytics|rag|experiments|feedback|backends)(\/|$)/;

/** Whether errors of a path have OpenAI's form: all below /v1 but our own. */
export function isOpenAiPath(path: string): boolean {
  return path.startsWith("/v1/") && !OWN.test(path);
}

/** Puts errors on OpenAI's paths into OpenAI's form; every other answer stays as it is. */
export async function inOpenAiForm(request: Request, response: Response): Promise<Response> {
  if (response.headers.get("content-type") !== "application/problem+json") return response;
  if (!isOpenAiPath(new URL(request.url).pathname)) return response;
  const headers = new Headers(response.headers);
  headers.set("content-type", "application/json");
  headers.delete("content-length");
  const problem = await response.json<ProblemBody>();
  return new Response(JSON.stringify(openAiError(problem)), { status: response.status, headers });
}
