import { existsSync, writeFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { Checkout, end } from "@tenner/cli/testing";
import { readJob, submit } from "./agent-client.ts";

interface Report {
  readonly outcome: string;
  readonly addresses: { readonly template: string; readonly url: string }[];
  readonly bill: { readonly ceiling_usd: number };
}

const UP = ["preview-stack", "up", "--pr", "7", "--base", "shop", "--json"];
// Not made here: Playwright reads the file in more processes than run it.
let checkout: Checkout;
let cloud: Awaited<ReturnType<Checkout["cloud"]>>;

test.beforeAll(async () => {
  checkout = new Checkout();
  cloud = await checkout.cloud();
  const settings = { templates: ["event-agent"], domain: "shop.example", budget: { monthlyUsd: 50 } };
  const text = `config:\n  tenner:settings: ${JSON.stringify(JSON.stringify(settings))}\n`;
  writeFileSync(checkout.file("infra", "Pulumi.shop.yaml"), text);
});

test.afterAll(async () => {
  await end(cloud.child);
  checkout.remove();
});

async function tenner(...words: string[]) {
  const ended = await checkout.tenner(...words);
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  return ended;
}

test("a preview keeps its data until it is told otherwise, and goes when its pull request closes", async () => {
  const report = JSON.parse((await tenner(...UP)).stdout) as Report; // a command's own JSON
  expect(report).toMatchObject({ outcome: "succeeded", bill: { ceiling_usd: 1 } });
  const url = report.addresses.find(({ template }) => template === "event-agent")?.url ?? "";
  const outputs = await tenner("outputs", "--stack", "pr-7", "--show-secrets", "--json");
  const { templates } = JSON.parse(outputs.stdout) as { templates: Record<string, { apiKey: string }> }; // as above
  const agent = { url, apiKey: templates["event-agent"]?.apiKey ?? "" };
  const { id } = await submit(agent, "A lamp gives light.");
  await expect.poll(async () => (await readJob(agent, id)).status, { timeout: 20_000 }).toBe("done");

  const refused = await checkout.tenner("destroy", "--stack", "pr-7", "--yes");
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /keep-data: D1Database event-agent would be deleted, and it holds \d+ rows? in .*jobs/,
  );
  expect(refused.stderr).toMatch(/keep-data: WorkersScript event-agent would be deleted.* stored JobRunner object/);
  expect(refused.stderr).toContain("add --allow-data-loss");

  await tenner("preview-stack", "reap", "--open", "7");
  expect((await readJob(agent, id)).status).toBe("done");
  await tenner("preview-stack", "reap", "--open", "8,9");
  expect(existsSync(checkout.file("infra", "Pulumi.pr-7.yaml"))).toBe(false);
  await expect(fetch(`${url}/health`)).rejects.toThrow();
});

test("in an account a preview is known by its names alone, and nothing else there is touched", async () => {
  const { url, accountId, apiToken } = cloud.cloud;
  const api = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${url}/client/v4/accounts/${accountId}${path}`, {
      method,
      headers: { authorization: `Bearer ${apiToken}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    return ((await response.json()) as { result: unknown }).result; // Cloudflare's envelope
  };
  const databases = async () => {
    const found = (await api("GET", "/d1/database?per_page=100")) as { name: string }[]; // as the API has it
    return found.map(({ name }) => name).sort();
  };
  const others = ["tenner-pr-77-ledger", "tenner-production-ledger", "tenner-production-pr-7-ledger"];
  for (const name of others) await api("POST", "/d1/database", { name });
  process.env["CLOUDFLARE_BASE_URL"] = `${url}/client/v4`;
  process.env["CLOUDFLARE_API_TOKEN"] = apiToken;
  try {
    await tenner(...UP, "--account", accountId);
    expect(await databases()).toEqual(["tenner-pr-7-event-agent", "tenner-pr-7-ledger", ...others].sort());
    await api("PUT", "/r2/buckets/tenner-pr-7-event-agent-results/objects/a%2Fb", { some: "object" });
    await tenner("preview-stack", "reap", "--account", accountId, "--open", "77");
    expect(await databases()).toEqual(others);
    expect(await api("GET", "/workers/scripts")).toEqual([]);
    expect(await api("GET", "/ai-gateway/gateways")).toEqual([]);
    expect(await api("GET", "/r2/buckets")).toEqual({ buckets: [] });
    expect(existsSync(checkout.file("infra", "Pulumi.pr-7.yaml"))).toBe(false);
  } finally {
    delete process.env["CLOUDFLARE_BASE_URL"];
    delete process.env["CLOUDFLARE_API_TOKEN"];
  }
});
