import type { Page } from "@playwright/test";
import { addFaults, endFaults } from "@tenner/cli/testing";
import { readJob, submit } from "./agent-client.ts";
import { stack } from "./stack.ts";
import { expect, inspect, test } from "./visit.ts";

const { cloud, agent } = stack();
const authorization = { authorization: `Bearer ${cloud.apiToken}` };

test.afterEach(() => endFaults(cloud));

async function openAiPage(page: Page): Promise<void> {
  const response = await fetch(`${cloud.url}/_local/session`, { method: "POST", headers: authorization });
  const { url } = (await response.json()) as { url: string }; // a one-time link
  await page.goto(url);
  await page.getByRole("link", { name: "AI", exact: true }).click();
}

async function answered(text: string): Promise<void> {
  const { id } = await submit(agent, text);
  await expect.poll(async () => (await readJob(agent, id)).status, { timeout: 20_000 }).toBe("done");
}

test("shows a job's call with its tokens, its cost, its way and what is left of the budget", async ({ page }) => {
  await answered(`The shop moves in March. ${Date.now()}`);
  await openAiPage(page);
  await expect(page.locator("#budget")).toContainText("left of $10");
  await expect(page.getByRole("img", { name: /^Cost by day/ })).toBeVisible();
  const newest = page.locator("#calls tr").first();
  await expect(newest).toContainText("llama-3.1-8b-instruct-fast");
  await expect(newest).toContainText("event-agent");
  await expect(newest).toContainText(/\$0\.0+[1-9]/);

  await newest.getByRole("button").click();
  await expect(page.locator("#call-details")).toContainText("dynamic/chat");
  await expect(page.getByLabel("Request")).toContainText("The shop moves in March");
  await expect(page.getByRole("img", { name: /way that the chosen call took/ })).toBeVisible();
  await expect(page.locator("#route-graph .node.model.passed")).toHaveCount(1);
  await inspect(page, "console-ai");
});

test("shows that the fallback answered, and the way there", async ({ page }) => {
  await openAiPage(page);
  await addFaults(cloud, { service: "workers-ai", kind: "fail", target: "@cf/meta/llama-3.1-8b-instruct-fast" });
  await answered(`The shop moves in April. ${Date.now()}`);
  const newest = page.locator("#calls tr").first();
  await expect(newest).toContainText("fallback");
  await newest.getByRole("button").click();
  await expect(page.locator("#route-graph .node.model.passed")).toHaveCount(2);
  await expect(page.locator("#route-graph .node.model.failed")).toHaveCount(1);
});

test("says of Vectorize what there is", async ({ page }) => {
  await openAiPage(page);
  await page.getByRole("link", { name: "Vectorize" }).click();
  await expect(page.getByRole("heading", { name: /Vectorize indexes/ })).toBeVisible();
  await expect(page.getByText(/tenner-local-edge-cache-questions/).first()).toBeVisible();
  await inspect(page, "console-vectorize");
});
