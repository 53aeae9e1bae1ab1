/** How a body is encoded, as the producer said. `v8` is workerd's own serialisation: only Workers can read it. */
export const CONTENT_TYPES = ["json", "text", "bytes", "v8"] as const;
export type ContentType = (typeof CONTENT_TYPES)[number];

/** A message that comes in. Times are ms since 1970, by the cloud's clock. */
export interface NewMessage {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly contentType: ContentType;
  readonly body: Uint8Array;
  readonly sentAt: number;
  /** When it may be delivered first. */
  readonly readyAt: number;
}

/** A message on its way to a consumer. */
export interface TakenMessage {
  /** Its place in the account's database, never used twice. */
  readonly sequence: number;
  readonly id: string;
  readonly contentType: ContentType;
  readonly body: Uint8Array;
  readonly sentAt: number;
  /** Counts from 1. */
  readonly attempts: number;
  /** It was acknowledged already and comes again because of a fault. */
  readonly again: boolean;
}

/** A message that a pull consumer has leased. */
export interface LeasedMessage extends TakenMessage {
  readonly lease: string;
}

/** A message as people see it. */
export interface StoredMessage extends TakenMessage {
  readonly enqueuedAt: number;
  readonly readyAt: number;
  readonly bytes: number;
  readonly state: "waiting" | "delayed" | "in flight";
  /** Why its last delivery failed, e.g. `exception`. */
  readonly reason: string | null;
  /** Of a dead letter: the queue that it comes from. */
  readonly origin: string | null;
}

/** What waits in a queue, in flight or not. */
export interface Backlog {
  readonly count: number;
  readonly bytes: number;
  /** When the oldest came into the queue, ms since 1970. 0 when it is empty. */
  readonly oldest: number;
}

/** What happened in a queue since it was made, in messages. */
export interface Totals {
  readonly sent: number;
  readonly acknowledged: number;
  readonly retried: number;
  readonly deadLettered: number;
  /** Given up without a dead-letter queue. */
  readonly dropped: number;
  readonly expired: number;
}
