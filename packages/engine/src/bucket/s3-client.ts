import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AwsV4Signer } from "aws4fetch";
import type { BucketAddress } from "./bucket-address.ts";
import { BucketError, refusal, unreachable } from "./bucket-error.ts";
import { child, parseXml, type XmlElement, XmlError } from "./xml.ts";

/** Keys of an account's S3 API. */
export interface BucketKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** A request for one bucket. */
export interface S3Request {
  readonly method: "GET" | "PUT" | "DELETE";
  /** Without the bucket's prefix taken off; left out for the bucket itself. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Statuses beside 200 to 299 that are an answer and no error. */
  readonly expected?: readonly number[];
}

/** An answer that was read to its end. */
export interface S3Answer {
  readonly status: number;
  readonly etag: string | undefined;
  readonly body: string;
}

/** How long one try may take, in ms. */
const TRY = 30_000;

/** Before a second try and those after it, in ms, give or take a half. */
const WAITS = [200, 600, 1_500, 3_000];

/** Network errors that the next try has as well, unless the server has answered before. */
const LASTING = ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED"];

/**
 * Speaks to one bucket of an S3-compatible server: signs (Signature Version 4, the body included), tries again what may
 * succeed, and says what a refusal means. All it sends may be sent twice.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 * @see https://developers.cloudflare.com/r2/api/s3/api/
 */
export class S3Client {
  readonly address: BucketAddress;
  readonly #keys: BucketKeys;
  readonly #cache = new Map<string, ArrayBuffer>();
  /** The server has answered. */
  #reached = false;
  /** It did not answer in all of the tries: until it does, one is enough. */
  #gone = false;

  constructor(address: BucketAddress, keys: BucketKeys) {
    this.address = address;
    this.#keys = keys;
  }

  /** @throws BucketError */
  async send(request: S3Request): Promise<S3Answer> {
    for (let count = 0; ; count++) {
      const last = this.#gone || count >= WAITS.length;
      const outcome = await this.#try(request);
      if (!(outcome instanceof BucketError) && !mayPass(outcome.status)) {
        this.#reached = true;
        this.#gone = false;
        return this.#judged(request, outcome);
      }
      if (last || (outcome instanceof BucketError && !this.#reached && isLasting(outcome))) {
        this.#gone = true;
        return outcome instanceof BucketError ? raise(outcome) : this.#judged(request, outcome);
      }
      await sleep((WAITS[count] ?? 0) * (0.5 + Math.random()));
    }
  }

  async #try(request: S3Request): Promise<S3Answer | BucketError> {
    const signal = AbortSignal.timeout(TRY);
    const { url, method, headers } = await this.#sign(request);
    // As it is stored: a compressed answer has another ETag. Not signed, for proxies change it.
    headers.set("accept-encoding", "identity");
    try {
      const response = await fetch(url, {
        method,
        headers,
        signal,
        // A server that sends somewhere else has another region; the signature would not be good there.
        redirect: "manual",
        ...(request.body === undefined ? {} : { body: request.body }),
      });
      const body = await response.text();
      // A weak one is the same object's.
      const etag = response.headers.get("etag")?.replace(/^W\//, "");
      return { status: response.status, etag, body };
    } catch (error) {
      return unreachable(this.address, error);
    }
  }

  #sign({ method, key = "", query = {}, headers = {}, body }: S3Request) {
    const { endpoint, bucket, region, pathStyle } = this.address;
    const url = new URL(endpoint);
    if (!pathStyle) url.hostname = `${bucket}.${url.hostname}`;
    const path = pathStyle ? [bucket, ...key.split("/")] : key.split("/");
    url.pathname = `/${path.map(percentEncode).join("/")}`;
    url.search = Object.entries(query)
      .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
      .join("&");
    const { sessionToken, ...keys } = this.#keys;
    return new AwsV4Signer({
      ...keys,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      method,
      url: url.href,
      service: "s3",
      region,
      cache: this.#cache,
      headers: {
        ...headers,
        "x-amz-content-sha256": createHash("sha256")
          .update(body ?? "")
          .digest("hex"),
      },
    }).sign();
  }

  #judged({ expected = [] }: S3Request, answer: S3Answer): S3Answer {
    const { status, body } = answer;
    if ((status >= 200 && status < 300) || expected.includes(status)) {
      // "There is no such object" and "there is no such bucket" have one status.
      if (status !== 404 || errorOf(body).code !== "NoSuchBucket") return answer;
    }
    const { code, message } = errorOf(body);
    throw refusal(this.address, status, code || (status === 301 ? "PermanentRedirect" : ""), message);
  }
}

/** As RFC 3986 wants it, so that what is signed is what is sent. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The server may answer otherwise in a moment; 409 is two writes of one object at once. */
function mayPass(status: number): boolean {
  return (status >= 500 && status !== 501) || status === 429 || status === 409 || status === 408;
}

function isLasting({ cause }: BucketError): boolean {
  const inner = cause instanceof Error ? cause.cause : undefined;
  return typeof inner === "object" && inner !== null && "code" in inner && LASTING.includes(String(inner.code));
}

function raise(error: BucketError): never {
  throw error;
}

function errorOf(body: string): { code: string; message: string } {
  const root = readAnswer(body);
  return { code: (root && child(root, "Code")?.text) ?? "", message: (root && child(root, "Message")?.text) ?? "" };
}

/** An answer that is no XML, e.g. the page of a proxy, says nothing. */
function readAnswer(body: string): XmlElement | undefined {
  try {
    return parseXml(body);
  } catch (error) {
    if (error instanceof XmlError) return undefined;
    throw error;
  }
}
