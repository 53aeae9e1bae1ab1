import { DurableObject } from "cloudflare:workers";
import { routes } from "./routes.ts";

const app = routes();

export default {
  fetch: app.fetch,
  // Nothing sends messages yet. One from elsewhere is not taken: it stays in its queue, then in the dead letters.
  async queue(batch) {
    throw new Error(`${batch.queue}: no consumer yet`);
  },
} satisfies ExportedHandler<Env>;

/** Hands a tenant's items to the queue. */
export class Feeder extends DurableObject<Env> {}
