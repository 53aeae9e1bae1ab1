import type { ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { addFaults, Checkout, type CloudAccess, end, endFaults } from "@tenner/cli/testing";

test.describe.configure({ mode: "serial", timeout: 120_000 });

let checkout: Checkout;
let child: ChildProcess;
let cloud: CloudAccess;

test.beforeAll(async () => {
  checkout = new Checkout();
  await settings({});
  ({ child, cloud } = await checkout.cloud());
});

test.afterAll(async () => {
  await end(child);
  checkout.remove();
});

/** Calls the account's API and gives back `result`; null for a 404. */
async function api(path: string, method = "GET", json?: object): Promise<unknown> {
  const response = await fetch(`${cloud.url}/client/v4/accounts/${cloud.accountId}${path}`, {
    method,
    headers: { authorization: `Bearer ${cloud.apiToken}`, "content-type": "application/json" },
    ...(json && { body: JSON.stringify(json) }),
  });
  if (response.status === 404) return null;
  expect(response.ok, `${method} ${path}`).toBe(true);
  const { result } = (await response.json()) as { result?: unknown }; // Cloudflare's envelope
  return result;
}

/** Sets the stack's settings. One template is enough: what is tried here belongs to all of them. */
async function settings(more: object): Promise<void> {
  await tenner("config", "set", "tenner:settings", JSON.stringify({ templates: ["event-agent"], ...more }));
}

/** Runs a command that is to succeed. */
async function tenner(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await checkout.tenner(...words);
  expect(code, stderr).toBe(0);
  return stdout + stderr;
}

const GATEWAY = "/ai-gateway/gateways/tenner-local-ai";
const cap = (monthlyUsd: number) => ({
  spend_limits: { enabled: true, rules: [{ id: `monthly-usd-${monthlyUsd}`, enabled: true, limit: monthlyUsd }] },
});

test("a cap that the cloud ignores stops the deployment before anything of a Worker is uploaded", async () => {
  await addFaults(cloud, { service: "ai-gateway", kind: "ignore-cap" });
  const failed = await checkout.tenner("up");
  expect(failed.code).not.toBe(0);
  expect(failed.stdout + failed.stderr).toContain(
    "AI Gateway tenner-local-ai: the spend limit of $10 in 30 days was set and is not in force",
  );
  expect(await api("/workers/scripts")).toEqual([]);
  expect(await api(GATEWAY)).not.toMatchObject(cap(10));
  await endFaults(cloud, "ai-gateway");
});

test("a cap that only the creation ignored is put on, and another budget changes it in place", async () => {
  await tenner("destroy", "--yes");
  await addFaults(cloud, { service: "ai-gateway", kind: "ignore-cap", count: 1 });
  await tenner("up");
  const before = await api(GATEWAY);
  expect(before).toMatchObject(cap(10));
  expect(await tenner("preview")).toMatch(/Resources:\s+\d+ unchanged\s/);
  await tenner("refresh", "--yes");
  expect(await tenner("preview")).toMatch(/Resources:\s+\d+ unchanged\s/);

  await settings({ budget: { monthlyUsd: 20 } });
  await tenner("up");
  const { created_at } = before as { created_at: string }; // a gateway has one
  expect(await api(GATEWAY)).toMatchObject({ ...cap(20), created_at });
});

test("a model that the gateway does not know is refused in words, and the Workers keep their route", async () => {
  const routes = () => api(`${GATEWAY}/routes`);
  const before = await routes();
  await settings({ models: { fallback: "@cf/none/such", prices: { "@cf/none/such": { input: 1, output: 1 } } } });
  const failed = await checkout.tenner("up");
  expect(failed.code).not.toBe(0);
  expect(failed.stdout + failed.stderr).toContain('has no model "@cf/none/such"');
  expect(await routes()).toEqual(before);
});

test("a Vectorize index is made, changed, put back after drift, replaced and destroyed", async () => {
  await tenner("destroy", "--yes");
  await settings({});
  writeFileSync(
    checkout.file("infra/index.ts"),
    `import { readFileSync } from "node:fs";
     import { vectorizeName } from "./components/resource-names.ts";
     import { VectorizeIndex } from "./components/vectorize-index.ts";
     import { readStack } from "./settings.ts";
     const { accountId, name } = readStack();
     const wanted = JSON.parse(readFileSync("wanted.json", "utf8"));
     const indexName = vectorizeName(name, "try", wanted.dimensions, wanted.metric);
     new VectorizeIndex("try", { accountId, indexName, ...wanted });`,
  );
  const want = (dimensions: number, ...properties: string[]) => {
    const metadataIndexes = properties.map((propertyName) => ({ propertyName, indexType: "string" }));
    writeFileSync(
      checkout.file("infra/wanted.json"),
      JSON.stringify({ dimensions, metric: "cosine", metadataIndexes }),
    );
  };
  const INDEX = "/vectorize/v2/indexes/tenner-local-try-8-cosine";
  const filters = async () => {
    const { metadataIndexes } = (await api(`${INDEX}/metadata_index/list`)) as {
      metadataIndexes: { propertyName: string }[];
    }; // what the endpoint answers
    return metadataIndexes.map(({ propertyName }) => propertyName).sort();
  };

  want(8, "kind", "tenant");
  await tenner("up");
  expect(await api(INDEX)).toMatchObject({ config: { dimensions: 8, metric: "cosine" } });
  expect(await filters()).toEqual(["kind", "tenant"]);
  const state = readFileSync(checkout.file(".tenner/state/.pulumi/stacks/tenner/local.json"), "utf8");
  expect(state).toContain("tenner-local-try-8-cosine");
  expect(state).not.toContain(cloud.apiToken);

  await api(`${INDEX}/metadata_index/delete`, "POST", { propertyName: "kind" });
  await expect.poll(filters).toEqual(["tenant"]);
  await tenner("refresh", "--yes");
  want(8, "kind", "language");
  await tenner("up");
  expect(await filters()).toEqual(["kind", "language"]);

  want(16, "tenant");
  await tenner("up");
  expect(await api(INDEX)).toBeNull();
  await tenner("destroy", "--yes");
  expect(await api("/vectorize/v2/indexes")).toEqual([]);
});
