import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { stack } from "./stack.ts";
import { expect, inspect, test } from "./visit.ts";

const { url, apiKey } = stack().cache;

const letters = (page: Page) => page.locator("#letters:not(.sample) .letter");

/** A question that nobody has asked before. */
const newQuestion = () => `What is lamp ${randomUUID()}?`;

async function openPage(page: Page, path = "/", key = apiKey): Promise<void> {
  await page.goto(`${url}${path}#key=${key}`);
}

// What a miss has cost is asked for until it is known; whether a key is an admin's, the Worker says.
test.beforeEach(({ complaints }) =>
  complaints.expect(/ 404 .*\/v1\/cache\/explain\?/, / 403 .*\/v1\/analytics\?scope=stack/),
);

/** Asks on the page, and waits until the answer is whole. */
async function ask(page: Page, question: string): Promise<void> {
  const before = await letters(page).count();
  await page.getByLabel("Question", { exact: true }).fill(question);
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await expect(letters(page)).toHaveCount(before + 1);
  await expect(letters(page).first().locator(".facts")).toContainText(/Whole|Code/);
}

/** A key of a tenant of its own, whose figures are nobody else's. */
async function keyOfTenant(): Promise<string> {
  const response = await fetch(`${url}/v1/keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ tenant: `e2e-${randomUUID().slice(0, 8)}`, name: "e2e" }),
  });
  return ((await response.json()) as { key: string }).key;
}

/** Asks without a page. */
async function request(key: string, content: string): Promise<void> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "auto", messages: [{ role: "user", content }] }),
  });
  expect(response.status).toBe(200);
  await response.text();
}

test("answers a question, then the same one from the cache, and says what that saved", async ({ page }) => {
  await openPage(page);
  await expect(page).toHaveURL(`${url}/`);
  const question = newQuestion();
  await ask(page, question);
  const first = letters(page).last();
  await expect(first.locator(".outcome")).toContainText("miss");
  await expect(first.locator(".answer")).toContainText("[stand-in]");
  await ask(page, question);
  const second = letters(page).first();
  await expect(second.locator(".outcome")).toContainText("hit-exact");
  await expect(second.locator(".facts")).toContainText(/Cost\$0Saved\$0\.0/);
  expect(await second.locator(".answer").textContent()).toBe(await first.locator(".answer").textContent());
  // What a streamed miss had cost is known now.
  await expect(first.locator(".facts")).toContainText(/Cost\$0\.0/);
  await inspect(page, "edge-cache");
});

test("answers the same in other words from the cache, not what only looks the same, and says why", async ({ page }) => {
  const outcome = letters(page).first().locator(".outcome");
  const why = letters(page).first().locator(".why");
  // On a busy machine the search may be late, which makes an honest miss: then another tenant tries.
  await expect(async () => {
    await openPage(page, "/", await keyOfTenant());
    await page.reload();
    await page.getByRole("radio", { name: "Dogs" }).check();
    await page.getByRole("button", { name: "Ask", exact: true }).click();
    await expect(why).toContainText("No kept question is near", { timeout: 5_000 });
    await page.getByRole("button", { name: "what only looks the same" }).click();
    await expect(letters(page)).toHaveCount(2);
    await expect(outcome).toContainText("miss");
    await expect(why).toContainText(/negation: here “?not/, { timeout: 5_000 });
    await page.getByRole("button", { name: "in other words" }).click();
    await expect(letters(page)).toHaveCount(3);
    await expect(outcome).toContainText("hit-semantic", { timeout: 5_000 });
  }).toPass();
  await page.getByRole("button", { name: "This answer is wrong" }).click();
  await expect(letters(page).first()).toContainText("Reported.");
});

test("takes a document, answers from it, and removes it", async ({ page }) => {
  await openPage(page, "/", await keyOfTenant());
  await page.getByRole("radio", { name: "Your documents" }).check();
  await page.getByRole("button", { name: "Upload a sample" }).click();
  await expect(page.locator("#document-list .badge")).toHaveText("ready", { timeout: 30_000 });
  await page.getByRole("button", { name: "Ask the documents" }).click();
  await expect(letters(page).first().locator(".facts")).toContainText("Whole");
  await expect(letters(page).first().locator(".outcome")).toContainText(/quote/);
  await page.getByRole("button", { name: /^Delete/ }).click();
  await expect(page.locator("#document-list .badge")).not.toHaveText("ready");
});

test("says why a request went past the cache, and who has no answer", async ({ page, complaints }) => {
  complaints.expect(/ 504 .*\/v1\/chat\/completions/);
  await openPage(page);
  await page.getByText("Model, cache, stream").click();
  await page.getByLabel("The cache").selectOption("is not used");
  await ask(page, newQuestion());
  await expect(letters(page).first()).toContainText("no-store");
  await page.getByLabel("The cache").selectOption("answers, or nobody does");
  await ask(page, newQuestion());
  await expect(letters(page).first().locator(".facts")).toContainText("not_in_cache");
});

test("asks by keyboard alone, and shows what a model writes as text", async ({ page }) => {
  await openPage(page);
  await page.getByRole("radio", { name: "Orders" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByLabel("Question", { exact: true })).toHaveValue(/capital/);
  await page.getByLabel("Question", { exact: true }).fill(`<img src=x onerror="window.broken=1"> ${newQuestion()}`);
  await page.getByLabel("Question", { exact: true }).focus();
  await page.keyboard.press("Control+Enter");
  await expect(letters(page).first().locator(".answer")).toContainText("<img");
  expect(await page.evaluate(() => "broken" in window)).toBe(false);
});

test("shows the request for other programs", async ({ page }) => {
  await openPage(page);
  await page.getByText("The same from your code").click();
  await page.getByLabel("Question", { exact: true }).fill("What's up?");
  await expect(page.locator("#snippet")).toContainText(`What'\\''s up?`);
  await page.getByRole("radio", { name: "TypeScript" }).check();
  await expect(page.locator("#snippet")).toContainText(`baseURL: "${url}/v1"`);
  await expect(page.locator("#snippet")).not.toContainText(apiKey);
});

test("refuses a wrong key in words, and keeps a key for its tab only", async ({ page, context, complaints }) => {
  complaints.expect(/ 401 /);
  await openPage(page);
  const other = await context.newPage();
  await other.goto(url);
  await other.getByLabel("API key").fill("tnr_not-a-key");
  await other.getByRole("button", { name: "Use this key" }).click();
  await expect(other.getByText("not valid here")).toBeVisible();
});

test("the dashboard shows an example first, then a tenant's own figures, and new ones by itself", async ({ page }) => {
  const key = await keyOfTenant();
  await openPage(page, "/dashboard", key);
  await expect(page.getByRole("heading", { name: /an example, until/i })).toBeVisible();
  const question = newQuestion();
  await request(key, question);
  await page.getByText("1 hour", { exact: true }).click();
  await expect(page.locator("#serial")).toHaveText("№ 00000001");
  await expect(page.getByRole("heading", { name: /an example, until/i })).toBeHidden();
  await request(key, question);
  await expect(page.locator("#serial")).toHaveText("№ 00000002");
  await expect(page.locator("#figures")).toContainText("Hit rate50 %");
  await expect(page.locator("#scopes")).toBeHidden();
  await inspect(page, "edge-cache-dashboard");
});

test("every chart can be read step by step with the keyboard, and as a table", async ({ page }) => {
  const key = await keyOfTenant();
  await request(key, newQuestion());
  await openPage(page, "/dashboard", key);
  await expect(page.locator("#serial")).toHaveText("№ 00000001");
  const chart = page.getByRole("region", { name: "Requests" });
  const misses = chart.locator(".legend li", { hasText: "miss" });
  await expect(misses).toHaveText("miss 1");
  await chart.getByRole("group", { name: /a chart/ }).focus();
  const told: (string | null)[] = [];
  // The step may have ended meanwhile: then it is the one before the last.
  for (const key of ["End", "ArrowLeft"]) {
    await page.keyboard.press(key);
    await expect(chart.locator("header")).toContainText(/\d\d:\d\d–\d\d:\d\d/);
    told.push(await misses.textContent());
  }
  expect(new Set(told)).toEqual(new Set(["miss 0", "miss 1"]));
  await chart.getByText("As a table").click();
  await expect(chart.getByRole("table").getByRole("row")).toHaveCount(2);
  await expect(page.getByText("As a table")).toHaveCount(5);
});

test("an admin sees what each tenant has cost, and takes the figures away", async ({ page }) => {
  await request(await keyOfTenant(), newQuestion());
  await openPage(page, "/dashboard");
  await expect(page.getByRole("table", { name: /Tenants/ })).toContainText("e2e-");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "CSV" }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^edge-cache-stack-.*\.csv$/);
  const [head, row] = (await readFile(await download.path(), "utf8")).split("\r\n");
  expect(head).toMatch(/^at,tenant,outcome,/);
  expect(row).toMatch(/^20/);
});

test("both pages are readable in the dark and on a phone, and load nothing from elsewhere", async ({ page }) => {
  const foreign: string[] = [];
  page.on("request", (each) => {
    if (!each.url().startsWith(url) && !each.url().startsWith("data:")) foreign.push(each.url());
  });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 360, height: 740 });
  for (const path of ["/", "/dashboard"]) {
    await page.goto(`${url}${path}`);
    await expect(page.getByLabel("API key")).toBeVisible();
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const [red = 255] = (background.match(/\d+/g) ?? []).map(Number);
    expect(red).toBeLessThan(80);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  }
  expect(foreign).toEqual([]);
});
