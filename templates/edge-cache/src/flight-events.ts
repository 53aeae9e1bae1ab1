import type { CacheEntry } from "./cache/entry.ts";
import type { Failure } from "./failure.ts";
import type { AnswerEvent } from "./upstream.ts";

/** What a flight tells those who wait. The first says how they came by it, the last is an answer or a failure. */
export type FlightEvent =
  | { readonly kind: "joined"; readonly as: "first" | "waiter" }
  | { readonly kind: "landed"; readonly entry: CacheEntry }
  /** A kept answer to a question that means the same. */
  | { readonly kind: "alike"; readonly entry: CacheEntry; readonly costNano: number }
  /** There is no kept answer, and no other was asked for. */
  | { readonly kind: "absent" }
  | AnswerEvent
  /** The answer is kept; without its chunks, which everybody has. */
  | { readonly kind: "kept"; readonly entry: Omit<CacheEntry, "chunks"> }
  | { readonly kind: "failed"; readonly failure: Failure };

/** What a flight is asked. */
export interface FlightRequest {
  readonly key: string;
  readonly tenant: string;
  readonly target: string;
  readonly mayFallBack: boolean;
  readonly maxTokens: number;
  /** The chat request, parsed. */
  readonly request: object;
  readonly stream: boolean;
  /** An answer that is made from now on: neither a kept one nor one that is on its way. */
  readonly fresh: boolean;
  /** Seconds that a kept answer may be old; null: as long as it lives. */
  readonly maxAge: number | null;
  readonly ttl: number;
  readonly tags: readonly string[];
  /** The answer to a question that means the same will do. */
  readonly alike: boolean;
  /** Nobody waits: the answer is made for the next ones. */
  readonly detached: boolean;
  /** Nothing but a kept answer is wanted. */
  readonly onlyKept: boolean;
  /** By which it can be asked why it was or was not a hit; null: nobody will ask. */
  readonly requestId: string | null;
}

/** One event as a line. */
export function lineOf(event: FlightEvent): string {
  return `${JSON.stringify(event)}\n`;
}

/** Reads events from their lines. @throws when the connection breaks; ends without a last event when the other side died */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<FlightEvent, void, undefined> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const lines = (rest + read.value).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield JSON.parse(line) as FlightEvent; // our own Durable Object's
    }
  } finally {
    await reader.cancel();
  }
}
