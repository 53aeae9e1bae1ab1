import type { BucketAddress } from "./bucket-address.ts";

/** A bucket could not be used. The message says why and what to do; it holds no secret. */
export class BucketError extends Error {
  override readonly name = "BucketError";
  /** S3's own code, e.g. `NoSuchBucket`, or `BadAddress`, `NoKeys`, `Unreachable`, `Conflict`. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What a refusal of the server means, and what to do about it. */
export function refusal(address: BucketAddress, status: number, code: string, message: string): BucketError {
  const said = [code, message].filter(Boolean).join(": ") || `status ${status}`;
  return new BucketError(code || String(status), `${place(address)}: ${advice(address, status, code)} (${said})`);
}

/** The server could not be reached, or did not end its answer in time. */
export function unreachable(address: BucketAddress, cause: unknown): BucketError {
  const host = new URL(address.endpoint).host;
  return new BucketError(
    "Unreachable",
    `${place(address)}: ${host} could not be reached (${reason(cause)}). Is the endpoint right, and the network up?`,
    { cause },
  );
}

function place({ bucket, endpoint }: BucketAddress): string {
  return `bucket ${bucket} at ${new URL(endpoint).host}`;
}

function advice({ bucket, endpoint, region }: BucketAddress, status: number, code: string): string {
  const isR2 = endpoint.includes(".r2.cloudflarestorage.com");
  switch (code) {
    case "NoSuchBucket":
      return `there is no such bucket. Make it${isR2 ? ` (npx wrangler r2 bucket create ${bucket})` : ""}, or correct its name in PULUMI_BACKEND_URL`;
    case "SignatureDoesNotMatch":
      return "the signature is wrong: AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID";
    case "InvalidAccessKeyId":
    case "Unauthorized":
      return "the key is not known there. Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and that the endpoint is their account's";
    case "RequestTimeTooSkewed":
    case "RequestExpired":
      return "the clock of this machine is wrong by more than 15 minutes. Set it, and try again";
    case "ExpiredToken":
    case "InvalidToken":
      return "the temporary key has run out: get a new AWS_SESSION_TOKEN with its two keys";
    case "AuthorizationHeaderMalformed":
    case "InvalidRegionName":
    case "PermanentRedirect":
      return `the bucket is not in the region ${JSON.stringify(region)}. Correct "region=" in PULUMI_BACKEND_URL`;
    default:
      if (status === 401 || status === 403)
        return "access is denied. The key needs to read, write, list and delete objects of this bucket (R2: Object Read & Write)";
      if (status === 429 || status >= 500) return "the server could not answer, in several tries. Try again later";
      return "the request was refused";
  }
}

function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.name === "TimeoutError") return "no answer in time";
  if (cause.cause !== undefined) return reason(cause.cause);
  return "code" in cause && !cause.message.includes(String(cause.code))
    ? `${String(cause.code)} ${cause.message}`
    : cause.message;
}
