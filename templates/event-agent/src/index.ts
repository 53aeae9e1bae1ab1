import { Hono } from "hono";
import { JobRunner } from "./job-runner.ts";

const app = new Hono<{ Bindings: Env }>();

app.get("/health", (c) => c.json({ ok: true, version: c.env.VERSION.id }));

app.use("/v1/*", async (c, next) => {
  if (!c.env.API_KEY || c.req.header("authorization") !== `Bearer ${c.env.API_KEY}`) {
    return c.json({ code: "unauthorized" }, 401);
  }
  return next();
});

app.post("/v1/jobs", async (c) => {
  const body: { task?: unknown; input?: { text?: unknown } } = await c.req.json();
  if (body.task !== "summarize" || typeof body.input?.text !== "string") return c.json({ code: "invalid" }, 400);
  const id = `job_${crypto.randomUUID()}`;
  const now = Date.now();
  await c.env.DB.prepare(
    `INSERT INTO jobs (id, tenant, task, request, request_hash, status, not_before, deadline_at, wake_at, created_at, expires_at)
     VALUES (?1, 'default', 'summarize', ?2, '', 'queued', ?3, ?3 + 900000, ?3, ?3, ?3 + 604800000)`,
  )
    .bind(id, JSON.stringify(body), now)
    .run();
  await c.env.JOBS.getByName(id).start(id);
  return c.json({ id, status: "queued", links: { self: `/v1/jobs/${id}` } }, 202, { location: `/v1/jobs/${id}` });
});

app.get("/v1/jobs/:id", async (c) => {
  const job = await c.env.DB.prepare("SELECT id, status, model, error_message, result_key FROM jobs WHERE id = ?1")
    .bind(c.req.param("id"))
    .first();
  return job ? c.json(job) : c.json({ code: "not_found" }, 404);
});

app.get("/v1/jobs/:id/result", async (c) => {
  const result = await c.env.RESULTS.get(`default/${c.req.param("id")}`);
  return result ? c.body(result.body, 200, { "content-type": "application/json" }) : c.json({ code: "not_found" }, 404);
});

export default { fetch: app.fetch, scheduled() {} };
export { JobRunner };
