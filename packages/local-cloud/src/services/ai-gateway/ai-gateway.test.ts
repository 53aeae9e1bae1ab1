import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { startTestCloud } from "../../cloud-fixture.ts";
import type { AiOverview } from "./local-routes.ts";

const minimal = {
  cache_invalidate_on_update: false,
  cache_ttl: 0,
  collect_logs: true,
  rate_limiting_interval: 0,
  rate_limiting_limit: 0,
};
const elements = [
  { id: "start", type: "start" as const, outputs: { next: { elementId: "primary" } } },
  {
    id: "primary",
    type: "model" as const,
    properties: {
      provider: "workers-ai",
      model: "@cf/meta/llama-3.1-8b-instruct-fast",
      timeout: 20_000,
      retries: 1,
    },
    outputs: { success: { elementId: "end" }, fallback: { elementId: "end" } },
  },
  { id: "end", type: "end" as const, outputs: {} },
];

it("keeps gateways and routes over a restart of the cloud, and shows them below /_local to who may look", async () => {
  const directory = mkdtempSync(join(tmpdir(), "ai-gateway-"));
  const first = await startTestCloud({ directory });
  const account_id = first.accountId;
  const gateway = await first.client.aiGateway.create({ ...minimal, account_id, id: "main" });
  const route = await first.client.aiGateway.dynamicRouting.create("main", { account_id, name: "chat", elements });
  await first.cloud.close();

  const { client, cloud } = await startTestCloud({ directory });
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  expect(await client.aiGateway.get("main", { account_id })).toEqual(gateway);
  expect(await client.aiGateway.dynamicRouting.get(route.id, { account_id, gateway_id: "main" })).toEqual(route);
  const path = `${cloud.url}/_local/ai-gateway?account=${account_id}`;
  expect((await fetch(path)).status).toBe(401);
  const answer = await fetch(path, { headers: { authorization: `Bearer ${cloud.token}` } });
  expect((await answer.json()) as AiOverview).toMatchObject({
    gateways: [{ id: "main" }],
    routes: [{ name: "chat", elements }],
  });
});

it("leaves nothing of an account that was emptied", async () => {
  const { client, cloud, accountId: account_id } = await startTestCloud();
  const { dynamicRouting } = client.aiGateway;
  await client.aiGateway.create({ ...minimal, account_id, id: "main" });
  await dynamicRouting.create("main", { account_id, name: "chat", elements });
  const reset = await fetch(`${cloud.url}/_local/reset`, {
    method: "POST",
    headers: { authorization: `Bearer ${cloud.token}` },
    body: JSON.stringify({ account: account_id }),
  });
  expect(reset.status).toBe(200);
  expect((await client.aiGateway.list({ account_id })).result).toEqual([]);
  await client.aiGateway.create({ ...minimal, account_id, id: "main" });
  expect((await dynamicRouting.list("main", { account_id })).data.routes).toEqual([]);
});
