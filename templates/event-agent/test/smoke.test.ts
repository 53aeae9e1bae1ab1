import { applyD1Migrations } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, expect, it, vi } from "vitest";

beforeAll(() => applyD1Migrations(env.DB, env.TEST_MIGRATIONS));
it("works", async () => {
  const auth = { authorization: `Bearer ${env.API_KEY}`, "content-type": "application/json" };
  const r = await exports.default.fetch("http://x/v1/jobs", {
    method: "POST",
    headers: auth,
    body: JSON.stringify({ task: "summarize", input: { text: "hello" } }),
  });
  const job = await r.json<{ id: string }>();
  console.log(r.status, job);
  await vi.waitFor(async () => {
    const j = await (await exports.default.fetch(`http://x/v1/jobs/${job.id}`, { headers: auth })).json<{
      status: string;
    }>();
    expect(j.status).toBe("done");
  }, 5000);
  console.log(await (await exports.default.fetch(`http://x/v1/jobs/${job.id}/result`, { headers: auth })).text());
  console.log(await (await exports.default.fetch(`http://x/v1/jobs/${job.id}/events`, { headers: auth })).text());
  const o = await (await exports.default.fetch(`http://x/openapi.json`)).text();
  console.log(o.length, (await (await exports.default.fetch(`http://x/docs`)).text()).length);
  console.log(o);
  console.log((await exports.default.fetch(`http://x/`)).headers, (await exports.default.fetch(`http://x/`)).status);
});
