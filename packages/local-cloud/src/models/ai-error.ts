/**
 * A refusal of Workers AI. The binding throws it as `AiError: <code>: <message>`.
 *
 * @see https://developers.cloudflare.com/workers-ai/platform/errors/
 */
export class AiError extends Error {
  override readonly name = "AiError";
  /** Workers AI's internal code, e.g. 5007. */
  readonly code: number;
  /** HTTP status. */
  readonly status: number;

  constructor(status: number, code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}

/** 5007: the model's name is not in the catalog. */
export const noSuchModel = (model: string) => new AiError(400, 5007, `No such model ${model} or task`);

/** 5004: the input does not fit the model's schema. */
export const invalidInput = (message: string) => new AiError(400, 5004, `Bad input: ${message}`);

/** 3003: something is missing around the input. */
export const incompleteRequest = (what: string) =>
  new AiError(400, 3003, `Request is missing headers or body: ${what}`);

/** 3036: the free plan's neurons of the day are used up. */
export const neuronsUsedUp = (neurons: number) =>
  new AiError(
    429,
    3036,
    `You have used up your daily free allocation of ${neurons.toLocaleString("en-US")} neurons. ` +
      "Upgrade to Cloudflare's Workers Paid plan to go on, or wait until 00:00 UTC.",
  );

/** 3007: the model did not answer in time. */
export const modelTimeout = (model: string) =>
  new AiError(408, 3007, `Request timeout: ${model} did not answer in time`);

/** 3040: no capacity. */
export const outOfCapacity = (model: string) =>
  new AiError(429, 3040, `Capacity temporarily exceeded, please try again. (${model})`);

/** 3043: the model failed. */
export const modelFailed = (message: string, options?: ErrorOptions) =>
  new AiError(500, 3043, `Internal server error: ${message}`, options);

/** What the local cloud does not have says so by name. */
export const notEmulatedByModels = (what: string) =>
  new AiError(501, 7501, `${what} is not emulated by the local cloud`);

/**
 * 5028: the model was switched off.
 *
 * @see https://github.com/cloudflare/cloudflare-docs/issues/32501 (text as seen there; the HTTP status is not on record)
 */
export const modelDeprecated = (day: string) =>
  new AiError(410, 5028, `This model was deprecated on ${day}. Please use an alternative model`);
