import type { CacheEntry } from "./entry.ts";

/** A tenant's numbers by what they are for; what was never purged has 0 and is not there. */
export type Generations = ReadonlyMap<string, number>;

/** For so long a purged answer may still be served by an isolate that has just read the numbers. */
export const HELD_MS = 5_000;
/** From then on one request at a time reads them anew, while the others go on. */
const RENEWED_MS = 3_000;
const MOST_TENANTS = 1_000;

/** Everything a purge can name. */
export const scope = {
  all: "all",
  model: (name: string) => `model:${name}`,
  tag: (name: string) => `tag:${name}`,
  key: (hash: string) => `key:${hash}`,
  /** The copies of an answer that are kept for other questions than its own. */
  alike: (hash: string) => `alike:${hash}`,
};

/** Whether nothing that an entry was made under has been purged since. */
export function isCurrent(entry: Pick<CacheEntry, "generations">, current: Generations): boolean {
  return Object.entries(entry.generations).every(([name, number]) => (current.get(name) ?? 0) === number);
}

/** The numbers of these scopes, to be kept with an answer. */
export function stampOf(current: Generations, scopes: readonly string[]): Record<string, number> {
  return Object.fromEntries(scopes.map((name) => [name, current.get(name) ?? 0]));
}

/** Tenants' numbers, read from the database at most every few seconds. */
export class HeldGenerations {
  readonly #held = new Map<string, { generations: Generations; readAt: number; renewing: boolean }>();
  readonly #now: () => number;

  /** @param now ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param read from the database. No request waits for another's: that one may be gone before its answer. */
  async of(tenant: string, read: () => Promise<Generations>): Promise<Generations> {
    const held = this.#held.get(tenant);
    const age = held ? this.#now() - held.readAt : Infinity;
    if (held && age < HELD_MS && (age < RENEWED_MS || held.renewing)) return held.generations;
    if (held) held.renewing = true;
    // When it was asked for, not when it came: a purge between the two is then seen in time.
    const readAt = this.#now();
    const generations = await read();
    this.#held.delete(tenant);
    this.#held.set(tenant, { generations, readAt, renewing: false });
    if (this.#held.size > MOST_TENANTS) this.#held.delete(this.#held.keys().next().value ?? tenant);
    return generations;
  }

  /** So that who purged sees it at once. */
  forget(tenant: string): void {
    this.#held.delete(tenant);
  }
}

const isolate = new HeldGenerations(Date.now);

/** A tenant's numbers, at most 5 s old. */
export function generationsOf(database: D1Database, tenant: string): Promise<Generations> {
  return isolate.of(tenant, async () => {
    const { results } = await database
      .prepare("SELECT scope, generation FROM generations WHERE tenant = ?1")
      .bind(tenant)
      .all<{ scope: string; generation: number }>();
    return new Map(results.map((row) => [row.scope, row.generation]));
  });
}

/** Ends everything that was made under these scopes. */
export async function raise(
  database: D1Database,
  tenant: string,
  scopes: readonly string[],
  at: number,
): Promise<void> {
  const statement = database.prepare(
    `INSERT INTO generations (tenant, scope, generation, raised_at) VALUES (?1, ?2, 1, ?3)
     ON CONFLICT (tenant, scope) DO UPDATE SET generation = generation + 1, raised_at = excluded.raised_at`,
  );
  await database.batch(scopes.map((name) => statement.bind(tenant, name, at)));
  isolate.forget(tenant);
}

/** Forgets numbers raised before `before` (ms), when nothing older can still be kept. Returns how many. */
export async function forgetRaised(database: D1Database, before: number): Promise<number> {
  const { meta } = await database.prepare("DELETE FROM generations WHERE raised_at < ?1").bind(before).run();
  return meta.changes;
}
