import { AiError } from "./ai-error.ts";
import type { ForeignModel } from "./foreign-catalog.ts";

/** A refusal of another provider, in that provider's own words. Its code is the HTTP status. */
export class ProviderError extends AiError {
  /** What the provider answers. */
  readonly body: unknown;

  constructor(status: number, message: string, body: unknown, options?: ErrorOptions) {
    super(status, status, message, options);
    this.body = body;
  }
}

type Provider = ForeignModel["provider"];

/** 401: the call brings no key, and the gateway has none. */
export function missingKey(provider: Provider): ProviderError {
  const header = provider === "openai" ? "authorization: Bearer …" : "x-api-key";
  return refusal(
    provider,
    401,
    `No API key: send the header "${header}", or store a key for ${provider} in the gateway.`,
  );
}

/** 404: the provider has no model of this name for this endpoint. */
export function unknownForeignModel(provider: Provider, model: string): ProviderError {
  const message =
    provider === "openai"
      ? `The model \`${model}\` does not exist or you do not have access to it.`
      : `model: ${model}`;
  return refusal(provider, 404, message, "model_not_found");
}

/** A refusal of the model behind, as this provider would word it. What is not emulated stays so by name. */
export function asProviderError(provider: Provider, error: unknown): unknown {
  if (!(error instanceof AiError) || error instanceof ProviderError || error.status === 501) return error;
  return refusal(provider, error.status, error.message, null, { cause: error });
}

function refusal(
  provider: Provider,
  status: number,
  message: string,
  code: string | null = null,
  options?: ErrorOptions,
) {
  const body =
    provider === "openai"
      ? { error: { message, type: openAiType(status), param: code === null ? null : "model", code } }
      : { type: "error", error: { type: anthropicType(status), message } };
  return new ProviderError(status, message, body, options);
}

function openAiType(status: number): string {
  if (status === 429) return "rate_limit_exceeded";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  408: "timeout_error",
  413: "request_too_large",
  429: "rate_limit_error",
  504: "timeout_error",
  529: "overloaded_error",
};

const anthropicType = (status: number) =>
  ANTHROPIC_TYPES[status] ?? (status < 500 ? "invalid_request_error" : "api_error");
