/** A model could not be installed. The message says why, and what to do. */
export class ModelInstallError extends Error {
  override readonly name = "ModelInstallError";
}

/** What a failed connection to `url` was, in a sentence. Says nothing of the credentials in an address. */
export function noConnection(url: URL, cause: unknown): ModelInstallError {
  return new ModelInstallError(
    `No answer from ${url.origin} (${reasonOf(cause)}). Is there a network? ` +
      "Behind a proxy set NODE_USE_ENV_PROXY=1 and HTTPS_PROXY, for a mirror PIP_INDEX_URL.",
    { cause },
  );
}

/** A full disk in words; any other failure as it is. */
export function diskFullOr(cause: unknown, folder: string): unknown {
  if (!isCode(cause, "ENOSPC") && !isCode(cause, "EDQUOT")) return cause;
  return new ModelInstallError(`The disk of ${folder} is full. Make room and run the command again; it goes on.`, {
    cause,
  });
}

/** `ECONNREFUSED` rather than `fetch failed`, which hides the reason in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
