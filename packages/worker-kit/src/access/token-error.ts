/** A token that lets nobody in. The message says why, and nothing of the keys. */
export class TokenRefused extends Error {
  override readonly name = "TokenRefused";
}

/** A token of somebody who is known, but who may not come in with it. */
export class TokenNotAllowed extends Error {
  override readonly name = "TokenNotAllowed";
}

/** Whether a token is good cannot be found out now, so it lets nobody in. */
export class IssuerUnavailable extends Error {
  override readonly name = "IssuerUnavailable";
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number, cause?: unknown) {
    super(message, { cause });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
