import { Problem } from "../problem.ts";
import { IssuerUnavailable, TokenNotAllowed, TokenRefused } from "./token-error.ts";

/**
 * What a caller is told of its token; any other error stays what it is.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
export function tokenProblem(error: unknown, realm: string): unknown {
  const challenge = (code: string, description: string) => ({
    "www-authenticate": `Bearer realm="${realm}", error="${code}", error_description="${asciiOf(description)}"`,
  });
  if (error instanceof TokenRefused) {
    const detail = `the token is not taken: ${error.message}`;
    return new Problem(401, "invalid_token", detail, { headers: challenge("invalid_token", detail), cause: error });
  }
  if (error instanceof TokenNotAllowed) {
    const headers = challenge("insufficient_scope", error.message);
    return new Problem(403, "token_not_allowed", error.message, { headers, cause: error });
  }
  if (error instanceof IssuerUnavailable) {
    const headers = { "retry-after": String(error.retryAfterSeconds) };
    return new Problem(503, "issuer_unavailable", error.message, { headers, cause: error });
  }
  return error;
}

/** As a quoted string may have it. */
function asciiOf(text: string): string {
  return text.replaceAll('"', "'").replaceAll(/[^\x20-\x5b\x5d-\x7e]/g, "?");
}
