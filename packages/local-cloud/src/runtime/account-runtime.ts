import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { Log, LogLevel, type Miniflare } from "miniflare";
import type { ActivityLog } from "../core/activity.ts";
import type { AccountDefinition, WorkerDefinition } from "../core/worker-definition.ts";
import { nextAlarm } from "./alarms.ts";
import { CONTROL_WORKER } from "./control-worker.ts";
import { createInstance } from "./instance.ts";
import { goesPastAssets } from "./past-assets.ts";
import { ProcessorTime } from "./processor-time.ts";
import { Traffic } from "./traffic.ts";
import { UpstreamPool } from "./upstream.ts";
import { accountOptions, hasDoorPastAssets, pastAssetsName, runtimeName, type Surroundings } from "./worker-options.ts";

/** What one account's runtime needs. */
export interface AccountRuntimeOptions {
  readonly surroundings: () => Surroundings;
  readonly definition: () => AccountDefinition;
  readonly activity: ActivityLog;
  /** Marks the workerd process, so that an orphan is recognised. */
  readonly environment: Readonly<Record<string, string>>;
  /** Milliseconds without use until workerd stops. */
  readonly idleAfter: number;
  /** Called when a new workerd answers, e.g. to tell it who is tailed. */
  readonly onReady: () => void;
  /**
   * Takes what was used out of the hidden Worker at this address. Called about once a second, and before it ends.
   *
   * @param cpuMs processor time of the workerd since the last time
   */
  readonly collectUsage: (controlUrl: string, cpuMs: number) => Promise<void>;
}

/** Where one version of a Worker listens. */
export interface Target {
  readonly versionId: string;
  readonly port: number;
  readonly percentage: number;
  readonly pool: UpstreamPool;
  /** For requests that never concern its assets. */
  readonly past:
    | { readonly port: number; readonly pool: UpstreamPool; readonly covers: (url: string) => boolean }
    | undefined;
}

/** Requests under way get this long before a reload cuts them, in ms. */
const PATIENCE = 5000;
/** Changes that come within this many ms share one reload. */
const BATCH = 25;
/** The environment variable by which a workerd process names its account. */
const ACCOUNT_VARIABLE = "TENNER_LOCAL_CLOUD_ACCOUNT";
/** Machine ms between two looks at what is used. */
const COLLECT_EVERY = 1000;
/** Upstream sockets of one Worker. The runtime has 20,000 open files in all; further requests wait. */
const LIMITS = { connections: 1024, unanswered: 256 };

/**
 * One account's workerd. It sleeps until something is asked of it, reloads when the account's definition changed, and
 * stops when idle. While it is not {@link open}, whoever comes waits for {@link ready}.
 */
export class AccountRuntime {
  readonly traffic = new Traffic();
  /** Counts starts and reloads, so that a caller knows whether its target is of the past. */
  generation = 0;
  /** Counts the times that we ended a workerd ourselves: what was under way then failed for no fault of its own. */
  interruptions = 0;
  readonly #options: AccountRuntimeOptions;
  #instance: Miniflare | undefined;
  #running: AccountDefinition | undefined;
  #runningKey = "";
  #open = false;
  #draining = false;
  #changed = true;
  #forced = false;
  #closed = false;
  #settling: Promise<void> | undefined;
  #targets = new Map<string, Target[]>();
  #broken = new Map<string, Error>();
  #controlPort = 0;
  #leftovers = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #collector: NodeJS.Timeout | undefined;
  #collected = Date.now();
  readonly #processor: ProcessorTime;

  constructor(options: AccountRuntimeOptions) {
    this.#options = options;
    this.#processor = new ProcessorTime(`${ACCOUNT_VARIABLE}=${options.surroundings().accountId}`);
    this.#scheduleWake();
  }

  /** Runs, and runs what it should. */
  get open(): boolean {
    return this.#open && !this.#changed;
  }

  /** Lets requests end before a reload. What they themselves ask for still has to come in, or they would never end. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Has a workerd. */
  get awake(): boolean {
    return this.#instance !== undefined;
  }

  /** The versions of a script, oldest first. Empty when it has none that runs. */
  targets(script: string): readonly Target[] {
    return this.#targets.get(script) ?? [];
  }

  /** Why a script does not run, or not in its newest version. */
  brokenBecause(script: string): Error | undefined {
    return this.#broken.get(script);
  }

  /** The account's Workers or resources are others now. An awake account takes them up soon, a sleeping one at its start. */
  change(): void {
    if (this.#changed) return;
    this.#changed = true;
    if (this.awake && !this.#closed) this.ready().catch(() => {});
  }

  /** Deletes a path of the account's folder, which may be in use: after the next reload, or now when asleep. */
  async deleteLater(path: string): Promise<void> {
    if (!this.awake) return rm(path, { recursive: true, force: true });
    this.#leftovers.add(path);
    this.#forced = true;
    this.#changed = false;
    this.change();
  }

  /** Resolves when the account runs what it should. Starts or reloads it if needed. */
  ready(): Promise<void> {
    if (this.open) return Promise.resolve();
    if (this.#closed) return Promise.reject(new Error("the local cloud is closing"));
    this.#settling ??= this.#settle()
      .catch(async (error: unknown) => {
        this.#changed = true;
        await this.#discard();
        throw error;
      })
      .finally(() => {
        this.#settling = undefined;
      });
    return this.#settling;
  }

  /** A request to `generation` found nobody. Resolves when workerd is back: Miniflare restarts a killed one. */
  async recover(generation: number): Promise<void> {
    if (generation !== this.generation) return this.ready();
    this.#open = false;
    await this.ready();
  }

  /** The running instance, for what goes through Miniflare itself. Fetch it again after every wait. */
  async instance(): Promise<Miniflare> {
    await this.ready();
    if (this.#instance === undefined) throw new Error("the runtime did not start");
    return this.#instance;
  }

  /** Address of the hidden Worker. With `resource`, makes sure that it is bound to it. */
  async control(resource?: string): Promise<string> {
    await this.ready();
    if (resource !== undefined && !this.#bound(resource)) {
      this.#forced = true;
      this.#changed = true;
      await this.ready();
    }
    return this.#controlUrl;
  }

  /** When a Durable Object of this account wants to be woken, in ms since 1970. */
  nextAlarm(): number | undefined {
    return nextAlarm(this.#options.surroundings().directory);
  }

  /** What was used until now is counted when this resolves. Wakes nobody. */
  async collectUsage(): Promise<void> {
    if (this.#instance === undefined || this.#controlPort === 0) return;
    this.#collected = Date.now();
    // A workerd that has ended takes what it counted in its last second with it.
    await this.#options.collectUsage(this.#controlUrl, this.#processor.sinceLast()).catch(() => {});
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#collector);
    clearTimeout(this.#timer);
    await this.#settling?.catch(() => {});
    await this.#stop();
  }

  async #settle(): Promise<void> {
    clearTimeout(this.#timer);
    do {
      await delay(this.#instance === undefined ? 0 : BATCH);
      this.#changed = false;
      const forced = this.#forced;
      this.#forced = false;
      const definition = this.#options.definition();
      const { clockOffset } = this.#options.surroundings();
      const key = JSON.stringify([clockOffset, definition.workers.map((worker) => runsAs(worker, definition.workers))]);
      if (this.#instance !== undefined && key === this.#runningKey && !forced) {
        await this.#refreshTargets(definition.workers);
      } else {
        await this.#run(definition);
        this.#runningKey = key;
      }
    } while (this.#changed && !this.#closed);
    this.#open = true;
    this.traffic.lastUse = Date.now();
    this.#options.onReady();
    this.#collector ??= setInterval(() => this.#collectIfUsed(), COLLECT_EVERY).unref();
    this.#scheduleIdleCheck();
  }

  async #run(definition: AccountDefinition): Promise<void> {
    const started = performance.now();
    const state = this.#instance === undefined ? "started" : "reloaded";
    this.#open = false;
    if (state === "reloaded") {
      this.#draining = true;
      await this.traffic.drain(PATIENCE);
      this.#draining = false;
      await this.collectUsage();
      this.interruptions += 1;
    }
    const ran = await this.#runWhatRuns(definition);
    await this.#refreshTargets(ran.workers);
    // What starting took is nobody's use.
    this.#processor.sinceLast();
    this.#running = ran;
    this.generation += 1;
    await Promise.all([...this.#leftovers].map((path) => rm(path, { recursive: true, force: true })));
    this.#leftovers.clear();
    this.#record({ state, duration: Math.round(performance.now() - started) });
  }

  /** Runs the definition. Workers that keep it from running are replaced by what ran before, or left out, and named. */
  async #runWhatRuns(definition: AccountDefinition): Promise<AccountDefinition> {
    this.#broken.clear();
    let attempt = definition;
    for (;;) {
      try {
        await this.#apply(attempt);
        return attempt;
      } catch (error) {
        await this.#discard();
        const culprits = this.#culprits(attempt, error as Error);
        if (culprits.length === 0) {
          this.#record({ state: "failed", message: (error as Error).message });
          throw error;
        }
        for (const script of culprits) this.#broken.set(script, error as Error);
        const message = `Worker ${culprits.join(", ")}: ${(error as Error).message}`;
        this.#record({ state: "failed", message });
        attempt = this.#without(attempt, culprits);
      }
    }
  }

  async #apply(definition: AccountDefinition): Promise<void> {
    const surroundings = this.#options.surroundings();
    mkdirSync(surroundings.directory, { recursive: true });
    const options = {
      ...accountOptions(definition, surroundings),
      log: new Log(LogLevel.NONE),
      unsafeRuntimeEnv: { ...this.#options.environment, [ACCOUNT_VARIABLE]: surroundings.accountId },
      handleStructuredLogs: () => {},
      unsafeHandleRuntimeRestart: () => this.#restarted(),
    };
    if (this.#instance === undefined) {
      this.#instance = createInstance(options);
      await this.#instance.ready;
    } else {
      await this.#instance.setOptions(options);
    }
  }

  /** The scripts that a failure of the runtime names; else those that are new since the last success. */
  #culprits({ workers }: AccountDefinition, error: Error): string[] {
    const named = new Set([...error.message.matchAll(/core:user:([a-z0-9_-]+)/g)].map(([, script]) => script));
    const unchanged = new Set((this.#running?.workers ?? []).map(({ versionId }) => versionId));
    const scripts = [...new Set(workers.map(({ script }) => script))];
    const blamed = scripts.filter((script) => named.has(script));
    if (blamed.length > 0) return blamed;
    return [...new Set(workers.filter(({ versionId }) => !unchanged.has(versionId)).map(({ script }) => script))];
  }

  #without(definition: AccountDefinition, culprits: readonly string[]): AccountDefinition {
    const before = (this.#running?.workers ?? []).filter(
      (worker) => culprits.includes(worker.script) && !definition.workers.includes(worker),
    );
    return {
      ...definition,
      workers: [...definition.workers.filter(({ script }) => !culprits.includes(script)), ...before],
    };
  }

  async #refreshTargets(workers: readonly WorkerDefinition[]): Promise<void> {
    const instance = this.#instance;
    if (instance === undefined) return;
    const known = poolsOf(this.#targets);
    const targets = new Map<string, Target[]>();
    for (const worker of workers) {
      const name = runtimeName(worker, workers);
      const poolAt = async (socket: string) => {
        const port = Number((await instance.unsafeGetDirectURL(socket)).port);
        return { port, pool: known.get(port) ?? new UpstreamPool(port, LIMITS) };
      };
      const past = hasDoorPastAssets(worker)
        ? { ...(await poolAt(pastAssetsName(name))), covers: goesPastAssets(worker.assets) }
        : undefined;
      const versions = targets.get(worker.script) ?? [];
      const { versionId, percentage } = worker;
      targets.set(worker.script, [...versions, { versionId, ...(await poolAt(name)), percentage, past }]);
    }
    const kept = new Set(poolsOf(targets).values());
    for (const pool of known.values()) if (!kept.has(pool)) pool.destroy();
    this.#targets = targets;
    this.#controlPort = Number((await instance.unsafeGetDirectURL(CONTROL_WORKER)).port);
  }

  /** Miniflare has replaced a workerd that died. */
  #restarted(): void {
    this.generation += 1;
    this.#record({ state: "reloaded", message: "the runtime ended unexpectedly and was restarted" });
    this.#open = false;
    this.ready().catch(() => {});
  }

  get #controlUrl(): string {
    return `http://127.0.0.1:${this.#controlPort}`;
  }

  /** Alarms are used without our knowing. */
  #collectIfUsed(): void {
    const { busy, lastUse } = this.traffic;
    if (!this.#open || !(busy || lastUse >= this.#collected || Date.now() - this.#collected > 10 * COLLECT_EVERY))
      return;
    void this.collectUsage();
  }

  #bound(resource: string): boolean {
    return (this.#running?.resources ?? []).some((known) => resourceKey(known) === resource);
  }

  #scheduleIdleCheck(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const wait = Math.max(50, Math.min(this.#options.idleAfter / 2, 30_000));
    this.#timer = setTimeout(() => this.#checkIdle(), wait).unref();
  }

  #checkIdle(): void {
    const { idleAfter } = this.#options;
    const alarm = this.nextAlarm();
    const alarmIsNear = alarm !== undefined && alarm < Date.now() + idleAfter;
    if (alarmIsNear) this.traffic.lastUse = Date.now();
    const idle = !this.traffic.busy && this.#settling === undefined && Date.now() - this.traffic.lastUse >= idleAfter;
    if (!idle) {
      this.#scheduleIdleCheck();
      return;
    }
    this.#open = false;
    this.#settling = this.#stop()
      .then(() => this.#scheduleWake())
      .finally(() => {
        this.#settling = undefined;
      });
    this.#settling.catch(() => {});
  }

  /** A sleeping account's alarms do not fire, so it is woken for them. */
  #scheduleWake(): void {
    clearTimeout(this.#timer);
    if (this.#closed || this.awake) return;
    const alarm = this.nextAlarm();
    if (alarm === undefined) return;
    const wait = Math.min(Math.max(0, alarm - Date.now()), 2 ** 31 - 1);
    this.#timer = setTimeout(() => void this.ready().catch(() => {}), wait).unref();
  }

  async #stop(): Promise<void> {
    if (this.#instance === undefined) return;
    this.#open = false;
    await this.traffic.drain(PATIENCE);
    await this.collectUsage();
    this.interruptions += 1;
    await this.#discard();
    this.#changed = true;
    await Promise.all([...this.#leftovers].map((path) => rm(path, { recursive: true, force: true })));
    this.#leftovers.clear();
    this.#record({ state: "stopped" });
  }

  async #discard(): Promise<void> {
    const instance = this.#instance;
    this.#instance = undefined;
    for (const pool of poolsOf(this.#targets).values()) pool.destroy();
    this.#targets.clear();
    await instance?.dispose().catch(() => {});
  }

  #record(what: { state: "started" | "reloaded" | "stopped" | "failed"; message?: string; duration?: number }): void {
    this.#options.activity.record({ type: "runtime", accountId: this.#options.surroundings().accountId, ...what });
  }
}

/** What of a Worker makes a reload necessary. Not its share, unless another version gets the Durable Objects by it. */
function runsAs(worker: WorkerDefinition, workers: readonly WorkerDefinition[]) {
  return { ...worker, percentage: undefined, name: runtimeName(worker, workers) };
}

/** All pools by their ports. */
function poolsOf(targets: ReadonlyMap<string, readonly Target[]>): Map<number, UpstreamPool> {
  const all = [...targets.values()].flat().flatMap(({ port, pool, past }) => [{ port, pool }, ...(past ? [past] : [])]);
  return new Map(all.map(({ port, pool }) => [port, pool]));
}

/** One word for a resource, e.g. `kv/0f2a…`. */
export function resourceKey(resource: AccountDefinition["resources"][number]): string {
  switch (resource.type) {
    case "kv":
      return `kv/${resource.namespaceId}`;
    case "d1":
      return `d1/${resource.databaseId}`;
    case "r2":
      return `r2/${resource.bucketName}`;
  }
}
