import type { AiError } from "@tenner/worker-kit/ai";
import { log } from "@tenner/worker-kit/log";
import type { GateStore } from "./adapters/gate-store.ts";
import type { ReleaseStore, TenantState } from "./adapters/release-store.ts";
import { closingOf, type Gate, pauseMs } from "./domain/gate.ts";
import { makeGroups } from "./domain/make-groups.ts";
import type { ItemMessage } from "./domain/message.ts";
import type { Share } from "./steps/step.ts";

/** What feeding needs of the world. */
export interface FeedWork {
  readonly releases: Pick<ReleaseStore, "look" | "due" | "release">;
  readonly gates: Pick<GateStore, "open" | "stay">;
  /** Puts up to 100 messages into the items queue. */
  send(messages: readonly ItemMessage[]): Promise<void>;
  /** Asks the models whether they are there. Null when they are. */
  probe(tenant: string): Promise<AiError | null>;
  /** How a pipeline's items are shared. */
  shareOf(pipeline: string): Share | null;
  /** Messages of the tenant that may be out at the same time. */
  readonly concurrency: number;
  /** ms */
  now(): number;
}

/** What one `sendBatch` takes. */
const MESSAGES_AT_ONCE = 100;
const BATCHES_AT_ONCE = 20;
/** How long a message may take to reach a consumer; doubled each time that it did not. */
const DELIVERY_MS = 60_000;
const LONGEST_DELIVERY_MS = 1_800_000;

/**
 * One turn of a tenant's feeder: takes back what was lost, then fills the queue up to the tenant's limit, in turn from
 * each of its batches. Everything it knows is in D1, so a turn that broke off anywhere is made up for by the next.
 *
 * @returns when the next turn is due, in ms; null when only a poke makes one necessary
 */
export async function feed(work: FeedWork, tenant: string): Promise<number | null> {
  const now = work.now();
  const state = await work.releases.look(tenant, now, BATCHES_AT_ONCE);
  if (state.gate.reason !== null) {
    const until = await tryGate(work, tenant, state.gate);
    if (until !== null) return earliest(until, state.nextLease);
  }
  return release(work, tenant, state, now);
}

/** Looks whether a closed gate can be opened. Null when it is open now; else when to look again. */
async function tryGate(work: FeedWork, tenant: string, gate: Gate): Promise<number | null> {
  const now = work.now();
  if (gate.until !== null && gate.until > now) return gate.until;
  // The budget is asked by the next items themselves: a refusal costs them nothing.
  const error = gate.reason === "budget_exhausted" ? null : await work.probe(tenant);
  if (error === null) {
    log("info", "gate_opened", { tenant, reason: gate.reason, probes: gate.probes });
    await work.gates.open(tenant, work.now(), gate.reason !== "budget_exhausted");
    return null;
  }
  const failed = { ...gate, failures: Number.POSITIVE_INFINITY, probes: gate.probes + 1 };
  const closing = closingOf(error, failed, work.now()) ?? {
    reason: "model_unavailable" as const,
    message: error.message,
    until: 0,
  };
  // Never at once: the refusal is known by now.
  const until = Math.max(closing.until, work.now() + pauseMs(gate.probes + 1));
  await work.gates.stay(tenant, { ...closing, until }, work.now());
  return until;
}

async function release(work: FeedWork, tenant: string, state: TenantState, now: number): Promise<number | null> {
  const room = Math.min(work.concurrency - state.released, MESSAGES_AT_ONCE);
  const { batches } = state;
  if (room <= 0) return state.nextLease;
  if (batches.length === 0) return earliest(state.nextDue, state.nextLease);

  const most = Math.ceil(room / batches.length);
  const asked = batches.map(({ id, pipeline }) => {
    const share = work.shareOf(pipeline);
    // One group more than can go, so that the last one is seen to be whole.
    return { id, share, limit: (most + 1) * (share?.items ?? 1) };
  });
  const due = await work.releases.due(asked, now);
  const groups = asked.flatMap(({ id, share, limit }, index) => {
    const items = due[index] ?? [];
    return makeGroups(items, share, most, items.length === limit).map((group) => ({
      batchId: id,
      ...group,
      leaseUntil: now + Math.min(LONGEST_DELIVERY_MS, DELIVERY_MS * 2 ** Math.min(group.lost, 10)),
    }));
  });
  const chosen = groups.slice(0, room);

  const released = await work.releases.release(chosen, now);
  const messages = chosen.flatMap(({ batchId, positions, release }) => {
    const still = released
      .filter((each) => each.batchId === batchId && each.groupId === positions[0])
      .map(({ position }) => position)
      .filter((position) => positions.includes(position))
      .toSorted((a, b) => a - b);
    return still.length === 0 ? [] : [{ tenant, batchId, positions: still, release }];
  });
  // What is not sent from here on comes back when its lease has run out.
  if (messages.length > 0) await work.send(messages);
  const firstLease = Math.min(...chosen.map(({ leaseUntil }) => leaseUntil));
  const more = state.released + messages.length < work.concurrency && chosen.length >= most;
  return more ? work.now() : earliest(earliest(state.nextDue, state.nextLease), firstLease);
}

function earliest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
