import { DurableObject } from "cloudflare:workers";
import { answerProblems, type RequestVariables } from "@tenner/worker-kit/problem";
import { securityHeaders } from "@tenner/worker-kit/security-headers";
import { Hono } from "hono";

const app = new Hono<{ Bindings: Env; Variables: RequestVariables }>();
answerProblems(app);
app.use(securityHeaders);
app.get("/health", (c) => c.json({ ok: true, version: c.env.VERSION.id }));

export default {
  fetch: app.fetch,
  // Nothing sends messages yet. One from elsewhere is not taken: it stays in its queue, then in the dead letters.
  async queue(batch) {
    throw new Error(`${batch.queue}: no consumer yet`);
  },
} satisfies ExportedHandler<Env>;

/** Hands a tenant's items to the queue. */
export class Feeder extends DurableObject<Env> {}
