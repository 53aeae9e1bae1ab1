import type { AiAnswer, AiClient, AiError } from "@tenner/worker-kit/ai";
import { log } from "@tenner/worker-kit/log";
import type { ClaimedItem, WorkBatch, WorkStore, WrittenChange } from "./adapters/work-store.ts";
import { CLAIM_MS, ClaimKeeper } from "./claim-keeper.ts";
import { type Closing, closingOf, FAILURES_THAT_CLOSE, type Gate, OPEN_GATE } from "./domain/gate.ts";
import { ItemMessage } from "./domain/message.ts";
import { NO_TALLY, type Outcome, type Tally } from "./domain/outcome.ts";
import { settleOutcome } from "./domain/settle-outcome.ts";
import type { Pipeline } from "./pipelines/pipeline.ts";
import { type GroupRun, type KeptAnswer, keptKey, type Member, runGroup } from "./steps/run-group.ts";

/** What working on items needs of the world. */
export interface ItemWork {
  readonly store: Pick<WorkStore, "claim" | "renew" | "drop" | "keep" | "commit" | "gate">;
  findPipeline(name: string): Pipeline | undefined;
  ai(batch: WorkBatch): Pick<AiClient, "text" | "structured">;
  /** By position; what cannot be read is left out. */
  readPayloads(items: readonly ClaimedItem[]): Promise<ReadonlyMap<number, unknown>>;
  putResult(item: ClaimedItem, output: unknown): Promise<{ result: string | null; resultKey: string | null }>;
  costOf(answer: AiAnswer<unknown>): number;
  costOfTokens(answer: AiAnswer<unknown>, inputTokens: number): number;
  /** For dashboards: what a message came to, in items by status. */
  measure(batch: WorkBatch, items: Readonly<Record<WrittenChange["status"], number>>, tally: Tally): void;
  /** There is room for other items of the tenant. */
  wakeFeeder(tenant: string): Promise<void>;
  /** A batch has ended, and somebody wants to know. */
  announceEnd(batchId: string): Promise<void>;
  readonly maxAttempts: number;
  /** Tokens of one item's answer. */
  readonly maxOutputTokens: number;
  /** ms */
  now(): number;
  /** 0 to 1 */
  random(): number;
}

/** A message of the items queue, as its consumer needs it. */
export interface Delivered {
  readonly body: unknown;
  ack(): void;
  retry(): void;
}

/** What one message brings. */
interface Claim {
  readonly delivered: Delivered;
  readonly batch: WorkBatch;
  readonly token: string;
  readonly items: readonly ClaimedItem[];
}

/**
 * Works on the items of a delivery. Every message is acknowledged by itself once its outcome is written, or when there
 * is nothing (left) to do for it: its items have ended, were released again, or are worked on by somebody else. Only
 * what nobody foresaw leaves a message to the queue's retry.
 */
export async function consumeItems(deliveries: readonly Delivered[], work: ItemWork): Promise<void> {
  const messages = deliveries.flatMap((delivered) => {
    const message = ItemMessage.safeParse(delivered.body);
    if (message.success) return [{ delivered, message: message.data, token: crypto.randomUUID() }];
    log("error", "message_not_understood", { queue: "items", problem: message.error.issues[0]?.message });
    delivered.ack();
    return [];
  });
  if (messages.length === 0) return;
  const at = work.now();
  const keeper = new ClaimKeeper(work.store, () => work.now());
  const feeder = new FeederPokes(work);
  try {
    const { items, batches, kept } = await work.store.claim(messages, { now: at, leaseUntil: at + CLAIM_MS });
    const claims = messages.flatMap(({ delivered, message, token }): Claim[] => {
      const own = items.filter((item) => item.token === token).toSorted((a, b) => a.position - b.position);
      const batch = batches.find(({ id }) => id === message.batchId);
      if (own.length > 0 && batch) return [{ delivered, batch, token, items: own }];
      delivered.ack();
      return [];
    });
    for (const claim of claims) keeper.hold(claim.token, claim.items);
    await Promise.all(
      claims.map(async (claim) => {
        try {
          const answers = kept.filter(({ batch_id }) => batch_id === claim.batch.id);
          await workOn(claim, answers, work, keeper.signal);
          claim.delivered.ack();
          feeder.poke(claim.batch.tenant);
        } catch (error) {
          log("error", "group_failed", {
            batch: claim.batch.id,
            first: claim.items[0]?.position,
            message: String(error),
          });
          await work.store.drop(claim.items, work.now() + CLAIM_MS).catch(() => {}); // Or it runs out by itself.
          claim.delivered.retry();
        } finally {
          keeper.letGo(claim.token);
        }
      }),
    );
  } finally {
    keeper.stop();
    await feeder.ended();
  }
}

/** What closes the gate for the longest time, if anything does. */
function widestClosing(errors: ReadonlySet<AiError>, gate: Gate, now: number): Closing | null {
  return [...errors].reduce<Closing | null>((widest, error) => {
    const next = closingOf(error, gate, now);
    return next && (!widest || next.until > widest.until) ? next : widest;
  }, null);
}

/** Takes one message's items through their pipeline and writes what became of them. */
async function workOn(
  { batch, token, items }: Claim,
  kept: readonly (KeptAnswer & { batch_id: string })[],
  work: ItemWork,
  signal: AbortSignal,
): Promise<void> {
  const [first] = items;
  if (!first) return;
  const run = await runItems(batch, first, items, kept, work, signal);
  const now = work.now();
  const errors = new Set(run.outcomes.flatMap((outcome) => (outcome.kind === "failed" ? [outcome.error] : [])));
  const gate = (errors.size > 0 ? await work.store.gate(batch.tenant) : null) ?? OPEN_GATE;
  const sure = widestClosing(errors, gate, now);
  // Or with those of other messages that fail at the same time.
  const closing = sure ?? widestClosing(errors, { ...gate, failures: FAILURES_THAT_CLOSE }, now);
  const failures = [...errors].filter(({ code }) => code === "model_unavailable" || code === "timeout").length;
  const changes = await Promise.all(
    items.map(async (item): Promise<WrittenChange> => {
      const outcome = run.outcomes.find(({ position }) => position === item.position) ?? unfinished(item);
      const shared = sharersOf(outcome, run.outcomes) > 1;
      const at = { now, random: work.random(), maxAttempts: work.maxAttempts, shared };
      const change = settleOutcome(outcome, item, gate, at);
      const place = change.status === "done" ? await work.putResult(item, change.output) : null;
      return { ...change, result: place?.result ?? null, resultKey: place?.resultKey ?? null };
    }),
  );
  logFailures(batch, changes);
  const end = await work.store.commit(batch, token, changes, {
    tally: run.tally,
    answered: run.answered,
    failures,
    closing,
    closesAt: sure ? 0 : FAILURES_THAT_CLOSE,
    now,
  });
  const of = (status: WrittenChange["status"]) => changes.filter((change) => change.status === status).length;
  work.measure(batch, { done: of("done"), dead: of("dead"), waiting: of("waiting") }, run.tally);
  if (end?.tell) await work.announceEnd(batch.id);
}

/** Items whose call failed together with that of this one. */
function sharersOf(outcome: Outcome, outcomes: readonly Outcome[]): number {
  if (outcome.kind !== "failed") return 0;
  return outcomes.filter((each) => each.kind === "failed" && each.error === outcome.error).length;
}

async function runItems(
  batch: WorkBatch,
  first: ClaimedItem,
  items: readonly ClaimedItem[],
  kept: readonly KeptAnswer[],
  work: ItemWork,
  signal: AbortSignal,
): Promise<GroupRun> {
  const pipeline = work.findPipeline(batch.pipeline);
  if (!pipeline) return allDead(items, "unknown_pipeline", `there is no pipeline "${batch.pipeline}" any more`);
  // Checked when the batch came, but the pipeline may have changed since.
  const options = pipeline.options.safeParse(JSON.parse(batch.options));
  if (!options.success) {
    return allDead(items, "invalid_options", "the batch's options are not those of its pipeline any more");
  }
  const payloads = await work.readPayloads(items);
  const members = items
    .filter(({ position }) => payloads.has(position))
    .map(({ position, answers }): Member => {
      const own = kept.filter((each) => each.position === position);
      return {
        position,
        answers,
        payload: payloads.get(position),
        kept: new Map(own.map((each) => [keptKey(each.step, each.part), each.output])),
      };
    });
  const missing = items.filter(({ position }) => !payloads.has(position));
  const run = await runGroup(pipeline, members, {
    batchId: batch.id,
    options: options.data,
    ai: work.ai(batch),
    signal,
    maxOutputTokens: work.maxOutputTokens,
    keep: (answers, tally) => work.store.keep(first, answers, tally),
    costOf: (answer) => work.costOf(answer),
    costOfTokens: (answer, inputTokens) => work.costOfTokens(answer, inputTokens),
  });
  const lost = allDead(missing, "payload_missing", "what was uploaded for it is no longer there");
  return { ...run, outcomes: [...run.outcomes, ...lost.outcomes] };
}

function allDead(items: readonly ClaimedItem[], reason: string, message: string): GroupRun {
  return {
    outcomes: items.map(({ position }): Outcome => ({ kind: "dead", position, step: "load", reason, message })),
    tally: NO_TALLY,
    answered: false,
  };
}

function unfinished({ position }: ClaimedItem): Outcome {
  return { kind: "unfinished", position };
}

function logFailures(batch: WorkBatch, changes: readonly WrittenChange[]): void {
  for (const { position, status, step, reason, attempts, setbacks } of changes) {
    if (reason === null) continue;
    log(status === "dead" ? "warn" : "info", `item_${status}`, {
      batch: batch.id,
      position,
      step,
      reason,
      attempts,
      setbacks,
    });
  }
}

/** Pokes a tenant's feeder as messages end, never twice at the same time. */
class FeederPokes {
  readonly #work: Pick<ItemWork, "wakeFeeder">;
  readonly #under = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();

  constructor(work: Pick<ItemWork, "wakeFeeder">) {
    this.#work = work;
  }

  poke(tenant: string): void {
    if (this.#under.has(tenant)) this.#again.add(tenant);
    else this.#under.set(tenant, this.#wake(tenant));
  }

  async ended(): Promise<void> {
    await Promise.all(this.#under.values());
  }

  async #wake(tenant: string): Promise<void> {
    do {
      this.#again.delete(tenant);
      await this.#work.wakeFeeder(tenant);
    } while (this.#again.has(tenant));
    this.#under.delete(tenant);
  }
}
