import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { addFaults, endFaults } from "@tenner/cli/testing";
import { stack } from "./stack.ts";
import { expect, inspect, test } from "./visit.ts";

const {
  app: { url },
  cloud,
} = stack();

test.afterEach(() => endFaults(cloud));

/** A description that nobody has sent before. */
const newThing = (words = "A brass lamp") => `${words}, number ${randomUUID()}`;

/** A page whose script runs. */
async function open(page: Page, path = "/"): Promise<void> {
  await page.goto(url + path);
  await hydrated(page);
}

/** Reserves all that is left of the month, as calls under way do. Answers how to give it back. */
async function useUpBudget(): Promise<() => Promise<void>> {
  const databases = `${cloud.url}/client/v4/accounts/${cloud.accountId}/d1/database`;
  const headers = { authorization: `Bearer ${cloud.apiToken}`, "content-type": "application/json" };
  const { result } = await (await fetch(databases, { headers })).json();
  const { uuid } = result.find(({ name }: { name: string }) => name.endsWith("ledger"));
  const run = async (sql: string, ...params: string[]) => {
    const body = JSON.stringify({ sql, params });
    const response = await fetch(`${databases}/${uuid}/query`, { method: "POST", headers, body });
    expect(response.ok, await response.text()).toBe(true);
  };
  const id = `e2e-${randomUUID()}`;
  await run(
    `INSERT INTO calls (call_id, month, day, tenant, template, worst_case, expires_at)
     VALUES (?, strftime('%Y-%m'), date(), 'e2e', 'e2e', 10000000000, unixepoch() * 1000 + 600000)`,
    id,
  );
  return () => run("UPDATE calls SET state = 'released' WHERE call_id = ?", id);
}

const hydrated = (page: Page) => expect(page.locator("html[data-hydrated]")).toBeAttached();

async function appraise(page: Page, description: string, kind = "Furniture"): Promise<void> {
  await page.getByLabel("What do you own?").fill(description);
  await page.getByRole("group").getByText(kind, { exact: true }).click();
  await page.getByRole("button", { name: "Appraise it" }).click();
}

test("values a thing: price, tier, picture, tokens at nineteen providers and more, each with its source", async ({
  page,
}) => {
  await open(page);
  await inspect(page, "valuation-app");
  const foreign: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith("data:")) foreign.push(request.url());
  });
  await addFaults(cloud, { kind: "slow", ms: 1_500, count: 2 });
  await appraise(page, newThing("A brass lamp from 1920"));
  // The browser knows the estimate before anybody answers.
  await expect(page.getByText("is the deterministic estimate")).toBeVisible();
  await expect(page.getByRole("button", { name: "Appraising…" })).toBeDisabled();

  await page.waitForURL(/\/v\/val_/);
  await expect(page.getByText("AI-generated, by a stand-in")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).not.toBeEmpty();
  await expect(page.locator(".price")).toHaveText(/^\$[\d,.]+/);
  const picture = page.locator("article img");
  await expect(picture).toHaveJSProperty("naturalWidth", 1_024);
  const rows = page.getByRole("table").getByRole("row");
  expect(await rows.count()).toBeGreaterThan(19);
  for (const link of await page.getByRole("rowheader").getByRole("link").all()) {
    expect(await link.getAttribute("href")).toMatch(/^https:\/\//);
  }
  await expect(page.getByText(/Prices of \d+ \w+ 20\d\d/)).toBeVisible();
  await inspect(page, "valuation-app-answer");
  expect(foreign).toEqual([]);
});

test("is known by the same address to anybody, with a picture where it is shared", async ({
  page,
  browser,
  complaints,
}) => {
  await open(page);
  await appraise(page, newThing());
  await page.waitForURL(/\/v\/val_/);
  const context = await browser.newContext();
  complaints.listenTo(context);
  const stranger = await context.newPage();
  await stranger.goto(page.url());
  await expect(stranger.locator(".price")).toHaveText((await page.locator(".price").textContent()) ?? "");
  await expect(stranger.getByRole("button", { name: "Delete" })).toHaveCount(0);
  const image = await stranger.locator('meta[property="og:image"]').getAttribute("content");
  const response = await stranger.request.get(image ?? "");
  expect(response.headers()["content-type"]).toBe("image/jpeg");
  await stranger.goto(`${url}/history`);
  await expect(stranger.getByText("Nothing yet.")).toBeVisible();
  await context.close();
});

test("gives the estimate, and says so, when no model answers; and a model's answer when one is back", async ({
  page,
}) => {
  await open(page);
  await addFaults(cloud, { kind: "unreachable" });
  const description = newThing();
  await appraise(page, description);
  await page.waitForURL(/\/v\/val_/);
  await expect(page.getByText("Deterministic estimate", { exact: true })).toBeVisible();
  await expect(page.getByText("No model answered at that moment.")).toBeVisible();
  const card = await page.locator('meta[property="og:image"]').getAttribute("content");
  const size = await page.evaluate(async (source) => {
    const picture = new Image();
    picture.src = source;
    await picture.decode();
    return [picture.naturalWidth, picture.naturalHeight];
  }, card ?? "");
  expect(size).toEqual([1_200, 630]);

  await endFaults(cloud);
  await page.getByRole("link", { name: "Appraise something else" }).click();
  await appraise(page, description);
  await page.waitForURL(/\/v\/val_/);
  await expect(page.getByText("AI-generated, by a stand-in")).toBeVisible();
});

test("gives the estimate, and says so, when the month’s budget is used up", async ({ page }) => {
  const end = await useUpBudget();
  try {
    await open(page);
    await appraise(page, newThing());
    await page.waitForURL(/\/v\/val_/);
    await expect(page.getByText("Deterministic estimate", { exact: true })).toBeVisible();
    await expect(page.getByText("budget for models is used up, so no model was asked")).toBeVisible();
    await expect(page.locator("article img")).toHaveCount(0);
  } finally {
    await end();
  }
});

test("says what is wrong, and keeps what was written", async ({ page, complaints }) => {
  complaints.expect(/ERR_INTERNET_DISCONNECTED/, /ERR_CONNECTION_FAILED/);
  await open(page);
  const description = page.getByLabel("What do you own?");
  await appraise(page, "🎸🎸🎸", "Instrument");
  await expect(page.getByRole("alert")).toHaveText("Say it in words, too: there is no letter or number in it.");
  await expect(description).toHaveValue("🎸🎸🎸");
  await expect(description).toBeFocused();

  await page.context().setOffline(true);
  const words = newThing("A guitar with all its strings");
  await appraise(page, words, "Instrument");
  await expect(page.getByRole("alert")).toContainText("You are offline.");
  await expect(description).toHaveValue(words);
  await page.context().setOffline(false);

  // The answer is lost on its way: sent again, it is the same valuation.
  await page.route(/_serverFn/, async (route) => {
    if (!route.request().postData()?.includes(words)) return route.fallback();
    await route.fetch();
    await route.abort("connectionfailed");
  });
  await page.getByRole("button", { name: "Appraise it" }).click();
  await expect(page.getByRole("alert")).toContainText("What you wrote is still here");
  await page.unroute(/_serverFn/);
  await page.getByRole("button", { name: "Appraise it" }).click();
  await page.waitForURL(/\/v\/val_/);
  await page.getByRole("link", { name: "Yours" }).click();
  await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(1);
});

test("two tabs of somebody new, and the way back, lose nothing and send nothing twice", async ({ page, context }) => {
  const other = await context.newPage();
  await Promise.all([open(page), open(other)]);
  const [first, second] = [newThing(), newThing()];
  // Neither is known before both have begun, nor answered before both were sent.
  const begun = Promise.withResolvers<void>();
  const sent = new Set<Page>();
  const both = Promise.withResolvers<void>();
  await context.route(/_serverFn/, async (route, request) => {
    if (!/brass lamp/.test(request.postData() ?? "")) {
      await begun.promise;
      return route.fallback();
    }
    const answer = route.fetch();
    sent.add(request.frame().page());
    if (sent.size === 2) both.resolve();
    await both.promise;
    await route.fulfill({ response: await answer });
  });
  await Promise.all([appraise(page, first), appraise(other, second)]);
  begun.resolve();
  await Promise.all([page, other].map((tab) => tab.waitForURL(/\/v\/val_/)));
  await page.goBack();
  await expect(page.getByRole("button", { name: "Appraise it" })).toBeEnabled();
  await page.goForward();
  await expect(page.getByRole("blockquote")).toHaveText(first);
  await page.getByRole("link", { name: "Yours" }).click();
  await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(2);
});

test("shows what a person wrote as text, never as markup", async ({ page }) => {
  await open(page);
  await appraise(page, `<img src=x onerror="window.broken=1"><script>window.broken=2</script> ${newThing()}`);
  await page.waitForURL(/\/v\/val_/);
  await expect(page.getByRole("blockquote")).toContainText("<script>");
  await page.reload();
  await hydrated(page);
  expect(await page.evaluate(() => "broken" in window)).toBe(false);
});

test("a double click makes one valuation", async ({ page }) => {
  await open(page);
  await page.getByLabel("What do you own?").fill(newThing());
  await page.getByRole("button", { name: "Appraise it" }).dblclick();
  await page.waitForURL(/\/v\/val_/);
  await page.getByRole("link", { name: "Yours" }).click();
  await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(1);
});

test("its owner finds it, and deletes it", async ({ page, complaints }) => {
  complaints.expect(/ 404 .*\/v\/val_/);
  await open(page);
  for (const [words, kind] of [
    ["A teapot", "Furniture"],
    ["A sonnet", "Book"],
  ] as const) {
    await appraise(page, newThing(words), kind);
    await expect(page.locator("article .serial")).toHaveText(/^val_/);
    await page.getByRole("link", { name: "Appraise", exact: true }).click();
    await expect(page.getByRole("button", { name: "Appraise it" })).toBeEnabled();
  }
  await page.getByRole("link", { name: "Yours" }).click();
  const items = page.getByRole("main").getByRole("listitem");
  await expect(items).toHaveCount(2);
  await inspect(page, "valuation-app-history");
  await page.getByLabel("Kind").selectOption("Book");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(items).toHaveCount(1);
  await page.getByLabel("Search").fill("teapot");
  await page.getByLabel("Kind").selectOption("All kinds");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(items).toHaveCount(1);
  await items.getByRole("link").click();
  const address = page.url();
  await hydrated(page);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Yes, delete it" }).click();
  await page.waitForURL(/\/history$/);
  await expect(items).toHaveCount(1);
  expect((await page.goto(address))?.status()).toBe(404);
  await expect(page.getByRole("heading", { name: "There is nothing here." })).toBeVisible();
  await inspect(page, "valuation-app-nothing");
  await open(page, "/sign-in");
  await inspect(page, "valuation-app-sign-in");
});

test("asks for its scripts when it is painted, not before", async ({ page }) => {
  const scripts: string[] = [];
  page.on("request", (request) => {
    if (request.resourceType() === "script") scripts.push(request.url());
  });
  const styles = Promise.withResolvers<void>();
  await page.route("**/*.css", async (route) => {
    await styles.promise;
    await route.continue();
  });
  const [document] = await Promise.all([
    page.waitForResponse(`${url}/`),
    page.waitForRequest("**/*.css"),
    page.goto(url, { waitUntil: "commit" }),
  ]);
  await document.finished();
  await expect(page.getByRole("button", { name: "Appraise it" })).toBeAttached();
  expect(scripts).toEqual([]);
  styles.resolve();
  await hydrated(page);
  expect(scripts).not.toEqual([]);
});

test("takes a key out of the address bar, and works on", async ({ page }) => {
  await open(page, "/?kind=art#key=tnr_secret");
  await expect(page).toHaveURL(`${url}/?kind=art`);
  await page.getByRole("link", { name: "Yours" }).click();
  await expect(page).toHaveURL(`${url}/history`);
  await page.goBack();
  await expect(page).toHaveURL(`${url}/?kind=art`);
});

test("works by keyboard alone", async ({ page }) => {
  await open(page);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.getByLabel("What do you own?").focus();
  await page.keyboard.type(newThing());
  await page.getByRole("radio", { name: "Instrument" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("radio", { name: "Electronics" })).toBeChecked();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/v\/val_/);
  await expect(page.locator("dd", { hasText: "Electronics" })).toBeVisible();
});

test.describe("without a script", () => {
  test.use({ javaScriptEnabled: false });

  test("the form works, complains in words, and leads to the answer and the history", async ({ page, complaints }) => {
    complaints.expect(/ 422 /);
    await page.goto(url);
    await appraise(page, "🎸🎸🎸", "Art");
    await expect(page.getByText("there is no letter or number in it")).toBeVisible();
    await expect(page.getByLabel("What do you own?")).toHaveValue("🎸🎸🎸");
    await expect(page.getByRole("radio", { name: "Art", exact: true })).toBeChecked();
    await appraise(page, newThing(), "Art");
    await expect(page).toHaveURL(/\/v\/val_/);
    await expect(page.locator(".price")).toHaveText(/^\$/);
    await expect(page.getByRole("table").getByRole("row")).not.toHaveCount(0);
    await page.getByRole("button", { name: "Follow its price" }).click();
    await expect(page.getByText("A model is asked again every week")).toBeVisible();
    await page.getByRole("button", { name: "Stop following its price" }).click();
    await expect(page.getByRole("button", { name: "Follow its price" })).toBeVisible();
    await page.getByRole("link", { name: "Yours" }).click();
    await page.getByLabel("Kind").selectOption("Art");
    await page.getByRole("button", { name: "Show" }).click();
    await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(1);
    await page.getByRole("main").getByRole("listitem").getByRole("link").click();
    await page.getByRole("button", { name: "Delete it for good" }).click();
    await expect(page.getByText("Nothing yet.")).toBeVisible();
  });
});
