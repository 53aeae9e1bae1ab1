import { stack } from "./stack.ts";
import { expect, inspect, test } from "./visit.ts";

const { cloud, agent } = stack();
const headers = { authorization: `Bearer ${cloud.apiToken}` };

test("shows what this traffic costs on Cloudflare, and what the free plan would refuse of it", async ({ page }) => {
  await fetch(`${agent.url}/health`);
  const response = await fetch(`${cloud.url}/_local/session`, { method: "POST", headers });
  const { url } = (await response.json()) as { url: string }; // a one-time link
  await page.goto(url);
  await page.getByRole("link", { name: "Bill" }).click();
  const requests = page.getByRole("row", { name: /Workers requests/ });
  await expect(requests).toContainText("free to 100,000 a day");
  await expect(requests).toContainText("included");
  await expect(page.locator("#paid-total")).toHaveText(/^\$\d+\.\d\d$/);

  await page.getByLabel(/times this traffic/).fill("1000000000");
  await expect(requests).toContainText("refused beyond 100,000 a day");
  await expect(page.getByRole("region", { name: "The free plan would refuse" })).toContainText("Workers requests");
  await inspect(page, "console-bill");
});
