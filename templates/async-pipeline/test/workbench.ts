import { env } from "cloudflare:workers";
import { Settings } from "@tenner/worker-kit/settings";
import { sortableId } from "@tenner/worker-kit/sortable-id";
import { BatchStore } from "../src/adapters/batch-store.ts";
import { GateStore } from "../src/adapters/gate-store.ts";
import { ItemStore } from "../src/adapters/item-store.ts";
import { loadTarget } from "../src/adapters/load-target.ts";
import { probeModels } from "../src/adapters/model-client.ts";
import { PartStore } from "../src/adapters/part-store.ts";
import { ReleaseStore } from "../src/adapters/release-store.ts";
import { consumeItems, type ItemWork } from "../src/consume-items.ts";
import type { BatchRecord } from "../src/domain/batch.ts";
import type { ItemMessage } from "../src/domain/message.ts";
import { type FeedWork, feed } from "../src/feed.ts";
import { findPipeline } from "../src/pipelines/index.ts";
import { itemWork } from "../src/queue.ts";

const settings = Settings.parse(env.SETTINGS);
let tenants = 0;

/** One row of `items`. */
export interface ItemRow {
  readonly position: number;
  readonly status: string;
  readonly release: number;
  readonly attempts: number;
  readonly setbacks: number;
  readonly answers: number;
  readonly claims: number;
  readonly grouping: string;
  readonly group_id: number;
  readonly step: string | null;
  readonly reason: string | null;
  readonly message: string | null;
  readonly result: string | null;
  readonly due_at: number;
}

/**
 * A tenant of its own with a feeder and a consumer that act when they are told to, over the real database, files and
 * gateway. What the feeder sends is in `queue`; nothing is delivered by itself. Its clock stands still until it is moved.
 */
export class Workbench {
  readonly tenant = `tenant-${++tenants}-${crypto.randomUUID().slice(0, 8)}`;
  readonly queue: ItemMessage[] = [];
  readonly ended: string[] = [];
  now = Date.now();
  concurrency = 50;

  /** A batch whose items are loaded. */
  async batch(items: readonly unknown[], more: Partial<Parameters<BatchStore["create"]>[0]> = {}): Promise<string> {
    const id = sortableId("batch", Date.now());
    await new BatchStore(env.DB).create({
      id,
      tenant: this.tenant,
      pipeline: "classify-and-tag",
      options: "{}",
      status: "loading",
      source: "{}",
      idempotency_key: null,
      request_hash: "",
      webhook_url: null,
      agent_job: null,
      created_at: this.now,
      retention_ms: 86_400_000,
      ...more,
    });
    const target = loadTarget(env.DB, { id, tenant: this.tenant }, { now: () => this.now, onLoaded: async () => {} });
    for (let start = 0; start < items.length; start += 500) {
      const texts = items.slice(start, start + 500).map((item) => `${JSON.stringify(item)}\n`);
      const key = await new PartStore(env.FILES).put(id, start / 500, new Blob(texts));
      let offset = 0;
      const rows = texts.map((text, index) => {
        const length = new TextEncoder().encode(text).length;
        offset += length;
        return {
          kind: "item" as const,
          position: start + index,
          line: null,
          offset: offset - length,
          length: length - 1,
        };
      });
      const place = { part: start / 500 + 1, offset: 0, line: 1, position: start + rows.length };
      await target.insertPart({ key, rows, next: place });
    }
    await target.finish(items.length);
    return id;
  }

  /** One turn of the feeder. Returns when it wants the next one. */
  feed(different: Partial<FeedWork> = {}): Promise<number | null> {
    const work: FeedWork = {
      releases: new ReleaseStore(env.DB),
      gates: new GateStore(env.DB),
      send: async (messages) => void this.queue.push(...messages),
      probe: (tenant) => probeModels(env, settings, tenant),
      shareOf: (pipeline) => findPipeline(pipeline)?.share ?? null,
      concurrency: this.concurrency,
      now: () => this.now,
      ...different,
    };
    return feed(work, this.tenant);
  }

  /** Delivers messages, and says of each whether it was acknowledged. */
  async deliver(
    messages: readonly ItemMessage[],
    different: Partial<ItemWork> = {},
  ): Promise<("ack" | "retry" | null)[]> {
    const outcomes: ("ack" | "retry" | null)[] = messages.map(() => null);
    const deliveries = messages.map((body, index) => {
      const end = (outcome: "ack" | "retry") => () => {
        outcomes[index] = outcome;
      };
      return { body, ack: end("ack"), retry: end("retry") };
    });
    await consumeItems(deliveries, { ...this.work(), ...different });
    return outcomes;
  }

  /** The consumer's world. */
  work(): ItemWork {
    return {
      ...itemWork(env, settings),
      wakeFeeder: async () => {},
      announceEnd: async (batchId) => void this.ended.push(batchId),
      now: () => this.now,
      random: () => 0.5,
    };
  }

  /** Feeds and delivers until nothing moves any more; the clock goes on to whatever is due within `ms`. */
  async run(ms = 0): Promise<void> {
    const end = this.now + ms;
    for (let turn = 0; turn < 200; turn++) {
      const next = await this.feed();
      if (this.queue.length > 0) await this.deliver(this.queue.splice(0));
      else if (next === null || next > end) return;
      else this.now = Math.max(this.now + 1, next);
    }
    throw new Error("it never comes to rest");
  }

  async batchNow(id: string): Promise<BatchRecord> {
    const batch = await new BatchStore(env.DB).find(id);
    if (!batch) throw new Error(`there is no batch ${id}`);
    return batch;
  }

  async counts(id: string) {
    const { total, waiting, released, done, dead, cancelled } = await this.batchNow(id);
    return { total, waiting, released, done, dead, cancelled };
  }

  async items(id: string): Promise<ItemRow[]> {
    const rows = env.DB.prepare("SELECT * FROM items WHERE batch_id = ?1 ORDER BY position").bind(id);
    return (await rows.all<ItemRow>()).results;
  }

  async item(id: string, position: number): Promise<ItemRow> {
    const found = (await this.items(id)).find((each) => each.position === position);
    if (!found) throw new Error(`batch ${id} has no item ${position}`);
    return found;
  }

  redrive(id: string, choice: { reason?: string; positions?: number[] } = {}): Promise<number> {
    return new ItemStore(env.DB).redrive(id, choice, this.now);
  }

  cancel(id: string): Promise<BatchRecord | null> {
    return new BatchStore(env.DB).cancel(this.tenant, id, this.now);
  }

  /** What the ledger has for the tenant: nano-dollars, and calls that are settled. */
  async ledger(): Promise<{ spent: number; reserved: number; calls: number; cached: number }> {
    const row = await env.LEDGER.prepare(
      "SELECT spent, reserved, calls, cached FROM sums WHERE owner = '' AND dimension = 'tenant' AND name = ?1",
    )
      .bind(this.tenant)
      .first<{ spent: number; reserved: number; calls: number; cached: number }>();
    return row ?? { spent: 0, reserved: 0, calls: 0, cached: 0 };
  }
}

/** How many calls with this word in their prompt reached a model. */
export async function modelCalls(word: string): Promise<number> {
  const answer = await fetch(`${env.TEST_AI_URL}/calls/${encodeURIComponent(word)}`);
  return (await answer.json<{ calls: number }>()).calls;
}

/** Takes the models away from a tenant, or gives them back. */
export async function models(tenant: string, state: "down" | "up"): Promise<void> {
  await fetch(`${env.TEST_AI_URL}/down/${tenant}`, { method: state === "down" ? "POST" : "DELETE" });
}

/** Short texts to classify. */
export const texts = (count: number, word: string) =>
  Array.from({ length: count }, (_, i) => ({ text: `${word} ${i}.` }));
