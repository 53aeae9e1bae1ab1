import { now } from "@tenner/worker-kit/clock";
import { log } from "@tenner/worker-kit/log";
import { Breaker, type BreakerSettings } from "./breaker.ts";

/** What is known of a backend, as D1 has it. */
export interface BackendRow {
  readonly name: string;
  /** ms; null: it is asked. */
  readonly open_until: number | null;
  readonly changed_at: number;
  readonly checked_at: number | null;
  readonly healthy: 0 | 1 | null;
  readonly check_status: number | null;
  readonly check_ms: number | null;
  readonly failed_checks: number;
}

/** For so long an isolate may not know what another has found. */
const HELD_MS = 5_000;

interface Circuit {
  readonly breaker: Breaker;
  /** When this isolate last changed its mind, or learned of it. */
  changedAt: number;
}

const circuits = new Map<string, Circuit>();
let rows: readonly BackendRow[] = [];
let readAt = -Infinity;

/**
 * A backend's circuit in this isolate, with what others have found until 5 s ago. It counts by itself, so that no request
 * waits for it; only that it has opened or closed is told to the others.
 */
export async function circuitOf(env: Env, name: string): Promise<Breaker> {
  await readRows(env, false);
  return heldCircuit(name).breaker;
}

/** All that is known, read now. */
export async function backendRows(env: Env): Promise<readonly BackendRow[]> {
  await readRows(env, true);
  return rows;
}

/** Counts how a request went, and tells the others when that has changed something. */
export async function report(env: Env, name: string, went: "well" | "badly", settings: BreakerSettings): Promise<void> {
  const circuit = heldCircuit(name);
  const at = now(env);
  const changed = went === "well" ? circuit.breaker.succeeded() : circuit.breaker.failed(at, settings);
  if (!changed) return;
  circuit.changedAt = at;
  const openUntil = circuit.breaker.openUntil;
  log(openUntil === null ? "info" : "error", "circuit_changed", { backend: name, open_until: openUntil });
  await failOpen("circuit_write_failed", () =>
    env.DB.prepare(
      `INSERT INTO backends (name, open_until, changed_at) VALUES (?1, ?2, ?3)
       ON CONFLICT (name) DO UPDATE SET open_until = excluded.open_until, changed_at = excluded.changed_at
       WHERE excluded.changed_at > backends.changed_at`,
    )
      .bind(name, openUntil, at)
      .run(),
  );
}

function heldCircuit(name: string): Circuit {
  const circuit = circuits.get(name) ?? { breaker: new Breaker(), changedAt: 0 };
  circuits.set(name, circuit);
  return circuit;
}

async function readRows(env: Env, anew: boolean): Promise<void> {
  const real = Date.now();
  if (!anew && real - readAt < HELD_MS) return;
  // Before the answer, so that the next requests do not read too.
  readAt = real;
  await failOpen("circuits_read_failed", async () => {
    const { results } = await env.DB.prepare("SELECT * FROM backends").all<BackendRow>();
    rows = results;
    for (const { name, open_until, changed_at } of results) {
      const circuit = heldCircuit(name);
      if (changed_at <= circuit.changedAt) continue;
      circuit.changedAt = changed_at;
      circuit.breaker.learn(open_until);
    }
  });
}

/** Without the database each isolate knows what it has seen itself. */
async function failOpen(event: string, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    log("error", event, { message: String(error) });
  }
}
