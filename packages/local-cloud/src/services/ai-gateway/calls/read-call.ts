import * as z from "zod";
import { type CallOptions, optionsOfHeaders, optionsOfStep } from "./call-options.ts";
import type { Step } from "./gateway-call.ts";
import { invalidCall } from "./gateway-error.ts";

/** Reads a header by its name in lower case. */
export type ReadHeader = (name: string) => string | undefined;

const UniversalStep = z.object({
  provider: z.string().min(1),
  endpoint: z.string(),
  headers: z.record(z.string(), z.unknown()).nullish(),
  query: z.unknown().optional(),
  config: z.unknown().optional(),
});
const Universal = z.union([z.array(UniversalStep).min(1), UniversalStep.transform((step) => [step])]);

/** Parses a body. @throws {GatewayError} 7003 when it is not JSON. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidCall("the body is not JSON");
  }
}

/**
 * The steps of a universal request: a list, or one alone. A step's headers count more than its `config`, and that more
 * than the call's own headers.
 *
 * @throws {GatewayError} 7003 that says what does not fit.
 * @see https://developers.cloudflare.com/ai-gateway/usage/universal/
 */
export function universalSteps(
  body: unknown,
  options: CallOptions,
  isToken: (key: string) => boolean,
): [Step, ...Step[]] {
  const parsed = Universal.safeParse(body);
  if (!parsed.success)
    throw invalidCall("the body must be {provider, endpoint, headers, query}, or a list of at least one of them");
  const steps = parsed.data.map(({ provider, endpoint, headers, query, config }): Step => {
    const texts = new Map(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), textOf(value)]));
    const header: ReadHeader = (name) => texts.get(name);
    return {
      provider,
      endpoint: endpoint.replace(/^\/+/, ""),
      query,
      key: providerKey(header, isToken),
      options: { ...options, ...optionsOfStep(config), ...optionsOfHeaders(header) },
    };
  });
  // The schema has at least one.
  return steps as [Step, ...Step[]];
}

/** The caller's own key of the provider; the account's token is none. */
export function providerKey(header: ReadHeader, isToken: (key: string) => boolean): string | undefined {
  const given = header("authorization") ?? header("x-api-key") ?? header("api-key") ?? header("cf-aig-byok-alias");
  return given === undefined || given === "" || isToken(given) ? undefined : given;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
