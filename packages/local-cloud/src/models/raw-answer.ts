/** Headers of an answer, by their names in lower case; a plain object is written to a socket without another look. */
export type PlainHeaders = Record<string, string>;

/** An answer as it goes over the wire. Not a `Response`: most go to a socket at once, and making one takes longer than the rest. */
export interface RawAnswer {
  /** HTTP status. */
  readonly status: number;
  readonly headers: PlainHeaders;
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
}

/**
 * JSON as an answer. workerd's `ai-api` takes it for JSON only when the content type is exactly this, without a charset.
 *
 * @param marks further headers: what the local cloud says of the answer
 */
export function rawJson(value: unknown, marks: PlainHeaders = {}): RawAnswer {
  return { status: 200, headers: { "content-type": "application/json", ...marks }, body: JSON.stringify(value) };
}

/** The answer for a framework. */
export const responseOf = ({ status, headers, body }: RawAnswer): Response => new Response(body, { status, headers });
