import { DurableObject } from "cloudflare:workers";
import { alarmTime, now } from "@tenner/worker-kit/clock";
import { log } from "@tenner/worker-kit/log";
import { Settings } from "@tenner/worker-kit/settings";
import { GateStore } from "./adapters/gate-store.ts";
import { probeModels } from "./adapters/model-client.ts";
import { ReleaseStore } from "./adapters/release-store.ts";
import { feed } from "./feed.ts";
import { findPipeline } from "./pipelines/index.ts";

/**
 * Pokes of this time come to one turn: what it then sends fills whole deliveries, which the queue does not hold back to
 * fill them up.
 */
const GATHER_MS = 100;
/** After a turn that failed. */
const AGAIN_MS = 5_000;

/**
 * Hands a tenant's items to the queue: one object a tenant, so that no tenant's many hold up another's few. It knows
 * nothing but its tenant and its alarm; everything else is in D1.
 */
export class Feeder extends DurableObject<Env> {
  readonly #settings = Settings.parse(this.env.SETTINGS);
  #feeding = false;
  /** A poke came during a turn. */
  #poked = false;

  /** Something may be released. */
  async poke(tenant: string): Promise<void> {
    if (this.#feeding) {
      this.#poked = true;
      return;
    }
    if (this.ctx.storage.kv.get("tenant") !== tenant) this.ctx.storage.kv.put("tenant", tenant);
    await this.#wakeAt(Date.now() + GATHER_MS);
  }

  override async alarm(): Promise<void> {
    const tenant = this.ctx.storage.kv.get<string>("tenant");
    if (tenant === undefined || this.#feeding) return;
    this.#feeding = true;
    this.#poked = false;
    let next: number | null = null;
    try {
      const at = await feed(this.#work(), tenant);
      next = at === null ? null : alarmTime(this.env, at);
    } catch (error) {
      log("error", "feeding_failed", { tenant, message: String(error) });
      next = Date.now() + AGAIN_MS;
    } finally {
      this.#feeding = false;
    }
    if (this.#poked) next = Date.now();
    if (next !== null) await this.#wakeAt(next);
  }

  /** @param time real time, ms */
  async #wakeAt(time: number): Promise<void> {
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > time) await this.ctx.storage.setAlarm(time);
  }

  #work() {
    const { env } = this;
    const settings = this.#settings;
    return {
      releases: new ReleaseStore(env.DB),
      gates: new GateStore(env.DB),
      send: async (messages: readonly object[]) => {
        await env.ITEMS.sendBatch(messages.map((body) => ({ body, contentType: "json" as const })));
      },
      probe: (tenant: string) => probeModels(env, settings, tenant),
      shareOf: (pipeline: string) => findPipeline(pipeline)?.share ?? null,
      concurrency: settings.pipeline.maxConcurrentPerTenant,
      now: () => now(env),
    };
  }
}
