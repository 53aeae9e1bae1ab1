import type { Page } from "@playwright/test";
import { stack } from "./stack.ts";
import { expect, inspect, test } from "./visit.ts";

const { agent } = stack();

async function openPage(page: Page): Promise<void> {
  await page.goto(`${agent.url}/#key=${agent.apiKey}`);
}

test("shows a worked example first, and answers it", async ({ page }) => {
  await openPage(page);
  await expect(page.getByLabel("Text", { exact: true })).not.toBeEmpty();
  await page.getByRole("button", { name: "Run this example" }).click();
  await expect(page.locator("#ticket-status")).toHaveText("done");
  await expect(page.locator("#ticket-id")).toHaveText(/^job_/);
  await expect(page.getByLabel("Answer")).toContainText("[stand-in]");
  await expect(page.locator("#facts")).toContainText(/stand-in/i);
  await expect(page.getByRole("table", { name: "Recent jobs" }).getByRole("row").nth(1)).toContainText("done");
  await inspect(page, "event-agent");
});

test("takes the key out of the address bar and keeps it for the tab only", async ({ page, context }) => {
  await openPage(page);
  await expect(page).toHaveURL(`${agent.url}/`);
  const other = await context.newPage();
  await other.goto(agent.url);
  await expect(other.getByLabel("API key")).toBeVisible();
});

test("works by keyboard alone", async ({ page }) => {
  await openPage(page);
  await page.getByRole("radio", { name: /classify/i }).focus();
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "Run this example" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("#ticket-status")).toHaveText("done");
});

test("refuses a wrong key in words, and nothing is submitted", async ({ page, complaints }) => {
  complaints.expect(/ 401 /);
  await page.goto(agent.url);
  await page.getByLabel("API key").fill("tnr_not-a-key");
  await page.getByRole("button", { name: "Use this key" }).click();
  await expect(page.getByText("not valid here")).toBeVisible();
  await inspect(page, "event-agent-key");
});

test("a job that waits can be cancelled, and stays cancelled", async ({ page, request }) => {
  await openPage(page);
  await page.getByText("When, and who is told").click();
  await page.getByLabel("Start in (seconds)").fill("600");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(page.locator("#ticket-status")).toHaveText("queued");
  await page.locator("#cancel").click();
  await expect(page.locator("#ticket-status")).toHaveText("cancelled");
  const id = await page.locator("#ticket-id").textContent();
  const job = await request.get(`${agent.url}/v1/jobs/${id}`, { headers: { authorization: `Bearer ${agent.apiKey}` } });
  expect((await job.json()).status).toBe("cancelled");
});

test("renders what a model writes as text, never as markup", async ({ page }) => {
  await openPage(page);
  await page.getByLabel("Text", { exact: true }).fill('<img src=x onerror="window.broken=1"> A sentence about lamps.');
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(page.locator("#ticket-status")).toHaveText("done");
  await expect(page.getByLabel("Answer")).toContainText("<img");
  expect(await page.evaluate(() => "broken" in window)).toBe(false);
});

test("has an API page without anything from another host", async ({ page }) => {
  const foreign: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(agent.url) && !request.url().startsWith("data:")) foreign.push(request.url());
  });
  await page.goto(`${agent.url}/docs`);
  await expect(page.getByText("/v1/jobs", { exact: true }).first()).toBeVisible();
  await inspect(page, "docs");
  expect(foreign).toEqual([]);
});

test("is readable in the dark and on a phone", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 360, height: 740 });
  await openPage(page);
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const [red = 255] = (background.match(/\d+/g) ?? []).map(Number);
  expect(red).toBeLessThan(80);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
});
