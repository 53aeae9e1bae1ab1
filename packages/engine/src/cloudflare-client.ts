import { setTimeout as sleep } from "node:timers/promises";

/** Where the API is and with what token to speak to it. */
export interface CloudflareClientOptions {
  /** With the prefix, e.g. `https://api.cloudflare.com/client/v4`. */
  readonly baseUrl: string;
  readonly apiToken: string;
  /** How often a request is sent again after 408, 429 and 5xx. @default 10 */
  readonly maxRetries?: number;
  /** The first pause before a retry in ms; it doubles, up to 8 s. @default 500 */
  readonly retryDelay?: number;
  readonly signal?: AbortSignal;
}

/** One request: at most one of `json`, `form` and `body`. */
export interface CloudflareRequest {
  readonly json?: unknown;
  readonly form?: FormData;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
  /** Sent instead of the client's own token, e.g. the session token of an asset upload. */
  readonly bearer?: string;
}

/** Cloudflare said no. */
export class CloudflareApiError extends Error {
  override readonly name = "CloudflareApiError";
  readonly status: number;
  /** The API's own code, e.g. 10013; 0 when it sent none. */
  readonly code: number;
  readonly method: string;
  /** Below the base URL. */
  readonly path: string;
  /** Sent more than once: an earlier try may have had its effect although it was answered with a failure. */
  readonly retried: boolean;

  constructor(facts: {
    status: number;
    code: number;
    message: string;
    method: string;
    path: string;
    retried?: boolean;
  }) {
    super(
      `${facts.method} ${facts.path}: ${facts.status}${facts.code ? ` (code ${facts.code})` : ""} ${facts.message}`,
    );
    this.status = facts.status;
    this.code = facts.code;
    this.method = facts.method;
    this.path = facts.path;
    this.retried = facts.retried ?? false;
  }
}

/** No answer at all: nothing listens there, or the network is down. */
export class CloudflareConnectionError extends Error {
  override readonly name = "CloudflareConnectionError";
}

const RETRIED = new Set([408, 429, 500, 502, 503, 504]);
const LONGEST_PAUSE = 8_000;

/** Cloudflare's REST API as the provider speaks to it: envelope unwrapped, retries, errors with code and path. */
export class CloudflareClient {
  readonly baseUrl: string;
  readonly #token: string;
  readonly #maxRetries: number;
  readonly #retryDelay: number;
  readonly #signal: AbortSignal | undefined;

  constructor(options: CloudflareClientOptions) {
    this.baseUrl = options.baseUrl.replace(/\/+$/, "");
    this.#token = options.apiToken;
    this.#maxRetries = options.maxRetries ?? 10;
    this.#retryDelay = options.retryDelay ?? 500;
    this.#signal = options.signal;
  }

  /** The same API, given up when the signal is aborted. */
  withSignal(signal: AbortSignal): CloudflareClient {
    return new CloudflareClient({
      baseUrl: this.baseUrl,
      apiToken: this.#token,
      maxRetries: this.#maxRetries,
      retryDelay: this.#retryDelay,
      signal,
    });
  }

  /**
   * Sends a request and gives back the envelope's `result`.
   * @param path below the base URL, e.g. `/accounts/ID/queues`
   * @throws CloudflareApiError when the API refuses, CloudflareConnectionError when nobody answers
   */
  async request(method: string, path: string, request: CloudflareRequest = {}): Promise<unknown> {
    const envelope = await this.requestEnvelope(method, path, request);
    return envelope["result"];
  }

  /** As `request`, with the whole answer: the route's PATCH has its fields beside `success`. */
  async requestEnvelope(
    method: string,
    path: string,
    request: CloudflareRequest = {},
  ): Promise<Record<string, unknown>> {
    const response = await this.fetch(method, path, request);
    const text = await response.text();
    if (text === "") return {};
    const parsed = parseObject(text);
    if (!parsed) {
      const message = `the answer is not JSON: ${text.slice(0, 200)}`;
      throw new CloudflareApiError({ status: response.status, code: 0, message, method, path });
    }
    return parsed;
  }

  /**
   * The raw answer of a request that succeeded, for bodies that are not JSON.
   * @throws as `request` does
   */
  async fetch(method: string, path: string, request: CloudflareRequest = {}): Promise<Response> {
    let mayHaveHadEffect = false;
    for (let attempt = 0; ; attempt++) {
      const response = await this.#send(method, path, request);
      if (response.ok) return response;
      const retryable = RETRIED.has(response.status) || response.headers.get("x-should-retry") === "true";
      if (retryable && response.headers.get("x-should-retry") !== "false" && attempt < this.#maxRetries) {
        mayHaveHadEffect ||= response.status !== 429;
        await response.body?.cancel();
        await sleep(this.#pause(attempt, response.headers.get("retry-after")), undefined, {
          signal: this.#signals(request) ?? new AbortController().signal,
        });
        continue;
      }
      throw await refusal(response, method, path, mayHaveHadEffect);
    }
  }

  async #send(method: string, path: string, request: CloudflareRequest): Promise<Response> {
    const headers = new Headers(request.headers);
    headers.set("authorization", `Bearer ${request.bearer ?? this.#token}`);
    let body: FormData | string | Uint8Array<ArrayBuffer> | undefined = request.form ?? request.body;
    if (request.json !== undefined) {
      if (!headers.has("content-type")) headers.set("content-type", "application/json");
      body = JSON.stringify(request.json);
    }
    const signal = this.#signals(request);
    try {
      return await fetch(this.baseUrl + path, {
        method,
        headers,
        ...(body !== undefined && { body }),
        ...(signal && { signal }),
      });
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw new CloudflareConnectionError(connectionMessage(this.baseUrl, error), { cause: error });
    }
  }

  #pause(attempt: number, retryAfter: string | null): number {
    const seconds = Number(retryAfter);
    if (retryAfter !== null && seconds > 0 && seconds <= 60) return seconds * 1000;
    return Math.min(LONGEST_PAUSE, this.#retryDelay * 2 ** attempt) * (1 - Math.random() / 4);
  }

  #signals(request: CloudflareRequest): AbortSignal | undefined {
    if (this.#signal && request.signal) return AbortSignal.any([this.#signal, request.signal]);
    return this.#signal ?? request.signal;
  }
}

async function refusal(
  response: Response,
  method: string,
  path: string,
  retried: boolean,
): Promise<CloudflareApiError> {
  const text = await response.text();
  const errors: unknown = parseObject(text)?.["errors"];
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const facts = { status: response.status, method, path, retried };
  if (typeof first === "object" && first !== null) {
    const code = "code" in first && typeof first.code === "number" ? first.code : 0;
    const message = "message" in first && typeof first.message === "string" ? first.message : response.statusText;
    return new CloudflareApiError({ ...facts, code, message });
  }
  return new CloudflareApiError({ ...facts, code: 0, message: text.slice(0, 500) || response.statusText });
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    // A JSON object has string keys; its values stay unknown.
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function connectionMessage(baseUrl: string, error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  const code = cause && "code" in cause ? String(cause.code) : "";
  const local = /^https?:\/\/(127\.|localhost|\[::1\])/.test(baseUrl);
  if (code === "ECONNREFUSED") {
    return `nothing answers at ${baseUrl} (connection refused)${local ? ": is the local cloud running?" : ""}`;
  }
  const reason = cause?.message || (error instanceof Error ? error.message : String(error));
  return `no answer from ${baseUrl}: ${code ? `${code} ` : ""}${reason}${local ? "; is the local cloud running?" : ""}`;
}
