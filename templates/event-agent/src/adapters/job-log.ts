import type { AiAnswer } from "@tenner/worker-kit/ai";

/** Something that happened to a job, as sent over SSE. */
export interface JobEvent {
  /** Counts from 1; SSE's `id`. */
  readonly seq: number;
  readonly data: string;
  /** Nothing follows unless the job is retried. */
  readonly last: boolean;
}

/** A webhook on its way. */
export interface Delivery {
  /** Standard Webhooks' id: one for each run of the job, the same for every attempt. */
  readonly id: string;
  readonly body: string;
  readonly state: "pending" | "delivered" | "gave_up";
  readonly attempts: number;
  readonly first_at: number;
  readonly next_at: number;
}

/** A model's answer, kept from the moment it arrived. */
export interface KeptAnswer {
  readonly run: number;
  readonly attempt: number;
  readonly at: number;
  readonly answer: AiAnswer<object>;
}

/** A job's work log in its Durable Object: events, the answer until it is written, webhooks. */
export class JobLog {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** Makes the tables. After `erase` it has to be called again. */
  prepare(jobId: string): void {
    this.#storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY AUTOINCREMENT, state TEXT NOT NULL, data TEXT NOT NULL,
         last INTEGER NOT NULL)`,
    );
    this.#storage.kv.put("job", jobId);
  }

  /** Which job this object belongs to; undefined before `prepare`. */
  get jobId(): string | undefined {
    return this.#storage.kv.get<string>("job");
  }

  /** Adds an event unless the newest one already says the same `state`. Returns it when it is new. */
  append(state: string, data: string, last: boolean): JobEvent | null {
    const newest = this.#storage.sql.exec("SELECT state FROM events ORDER BY seq DESC LIMIT 1").toArray()[0];
    if (newest?.["state"] === state) return null;
    const { seq } = this.#storage.sql
      .exec<{ seq: number }>(
        "INSERT INTO events (state, data, last) VALUES (?, ?, ?) RETURNING seq",
        state,
        data,
        last ? 1 : 0,
      )
      .one();
    return { seq, data, last };
  }

  /** The events after `seq`, oldest first. */
  eventsAfter(seq: number): JobEvent[] {
    return this.#storage.sql
      .exec<{ seq: number; data: string; last: number }>(
        "SELECT seq, data, last FROM events WHERE seq > ? ORDER BY seq",
        seq,
      )
      .toArray()
      .map((row) => ({ ...row, last: row.last === 1 }));
  }

  newestEvent(): JobEvent | null {
    const row = this.#storage.sql
      .exec<{ seq: number; data: string; last: number }>("SELECT seq, data, last FROM events ORDER BY seq DESC LIMIT 1")
      .toArray()[0];
    return row ? { ...row, last: row.last === 1 } : null;
  }

  /** The id of the question that is asked next: a new one only once the last has ended. */
  callId({ id, run }: { id: string; run: number }): string {
    return `${id}.${run}.${this.#endedCalls(run)}`;
  }

  /** The question got no answer, and knows it: the next one is another. */
  endCall({ run }: { run: number }): void {
    this.#storage.kv.put("ended-calls", { run, count: this.#endedCalls(run) + 1 });
  }

  #endedCalls(run: number): number {
    const ended = this.#storage.kv.get<{ run: number; count: number }>("ended-calls");
    return ended?.run === run ? ended.count : 0;
  }

  keepAnswer(kept: KeptAnswer): void {
    this.#storage.kv.put("answer", kept);
  }

  /** The answer that this run already has, if any. */
  keptAnswer(run: number): KeptAnswer | null {
    const kept = this.#storage.kv.get<KeptAnswer>("answer");
    return kept?.run === run ? kept : null;
  }

  dropAnswer(): void {
    this.#storage.kv.delete("answer");
  }

  /** The webhook with this id, if it was added. */
  delivery(id: string): Delivery | undefined {
    return this.#storage.kv.get<Delivery>(`delivery/${id}`);
  }

  /** Adds a webhook or notes what became of it. */
  keepDelivery(delivery: Delivery): Delivery {
    this.#storage.kv.put(`delivery/${delivery.id}`, delivery);
    return delivery;
  }
}
