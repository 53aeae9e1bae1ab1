/**
 * A refusal in Cloudflare's own terms. Routes throw it, the envelope shows it.
 *
 * @example throw new ApiError(404, 10013, "namespace not found");
 * @see https://developers.cloudflare.com/fundamentals/api/reference/response-codes/
 */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** HTTP status. Conflicts are 400, as at Cloudflare: its clients retry a 409. */
  readonly status: number;
  /** The product's own error code. */
  readonly code: number;
  /** Further errors of the same answer, e.g. one per bad field. */
  readonly others: readonly { code: number; message: string }[];

  constructor(
    status: number,
    code: number,
    message: string,
    options: ErrorOptions & { others?: readonly { code: number; message: string }[] } = {},
  ) {
    super(message, options);
    this.status = status;
    this.code = code;
    this.others = options.others ?? [];
  }
}

/** An endpoint, option or binding that the local cloud does not have. It says so instead of pretending. */
export function notEmulated(what: string): ApiError {
  return new ApiError(501, 7501, `${what} is not emulated by the local cloud`);
}

/** Nothing more can be kept. What was there is untouched. */
export function diskFull(cause?: unknown): ApiError {
  return new ApiError(507, 10002, "the disk of the local cloud is full: nothing was changed", { cause });
}
