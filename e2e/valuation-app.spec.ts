import { randomUUID } from "node:crypto";
import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { addFaults, endFaults } from "@tenner/cli/testing";
import { stack } from "./stack.ts";

const {
  app: { url },
  cloud,
} = stack();

test.afterEach(() => endFaults(cloud));

/** A description that nobody has sent before. */
const newThing = (words = "A brass lamp") => `${words}, number ${randomUUID()}`;

/** A page whose script runs. What it complains about fails the test. */
async function open(page: Page, path = "/"): Promise<string[]> {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(url + path);
  await hydrated(page);
  return complaints;
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
  const complaints = await open(page);
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
  expect(complaints).toEqual([]);
  expect(foreign).toEqual([]);
});

test("is known by the same address to anybody, with a picture where it is shared", async ({ page, browser }) => {
  await open(page);
  await appraise(page, newThing());
  await page.waitForURL(/\/v\/val_/);
  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(page.url());
  await expect(stranger.locator(".price")).toHaveText((await page.locator(".price").textContent()) ?? "");
  await expect(stranger.getByRole("button", { name: "Delete" })).toHaveCount(0);
  const image = await stranger.locator('meta[property="og:image"]').getAttribute("content");
  const response = await stranger.request.get(image ?? "");
  expect(response.headers()["content-type"]).toBe("image/jpeg");
  await stranger.goto(`${url}/history`);
  await expect(stranger.getByText("Nothing yet.")).toBeVisible();
  await stranger.context().close();
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

test("says what is wrong, and keeps what was written", async ({ page }) => {
  await open(page);
  await appraise(page, "🎸🎸🎸", "Instrument");
  await expect(page.getByRole("alert")).toHaveText("Say it in words, too: there is no letter or number in it.");
  await expect(page.getByLabel("What do you own?")).toHaveValue("🎸🎸🎸");
  await expect(page.getByLabel("What do you own?")).toBeFocused();

  await page.context().setOffline(true);
  await appraise(page, "A guitar with all its strings", "Instrument");
  await expect(page.getByRole("alert")).toContainText("You are offline.");
  await expect(page.getByLabel("What do you own?")).toHaveValue("A guitar with all its strings");
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Appraise it" }).click();
  await page.waitForURL(/\/v\/val_/);
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

test("its owner finds it, and deletes it", async ({ page }) => {
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
});

test("shows the way that the visitor’s own answer took, and what is left of the budget", async ({ page }) => {
  const complaints = await open(page, "/how");
  await expect(page.getByText("yours lights up here")).toBeVisible();
  await open(page);
  await appraise(page, newThing());
  await page.waitForURL(/\/v\/val_/);
  await page.getByRole("link", { name: "See the way it took" }).click();
  const station = (name: string) => page.getByRole("main").getByRole("listitem").filter({ hasText: name });
  await expect(station("The first model")).toContainText("taken: a stand-in answered");
  await expect(station("A kept answer")).toContainText("failed: there was none");
  await expect(station("The deterministic estimate")).toContainText("passed by");
  const budget = page.getByRole("region", { name: "This month’s budget" });
  await expect(budget.getByText(/^\$[\d.]+ of \$\d+/)).toBeVisible();
  await expect(budget.getByText(/^\d{1,2}$/)).toBeVisible();
  expect(complaints).toEqual([]);
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

  test("the form works, complains in words, and leads to the answer and the history", async ({ page }) => {
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

const LOOKS = [
  { name: "light", context: { colorScheme: "light" } },
  { name: "dark", context: { colorScheme: "dark" } },
  { name: "phone", context: { viewport: { width: 360, height: 740 }, isMobile: true } },
] as const;

test("every page fits its screen, in the light, in the dark and on a phone", async ({ browser }, info) => {
  test.setTimeout(120_000);
  const first = await browser.newContext();
  const page = await first.newPage();
  await open(page);
  await appraise(page, newThing("A grandfather clock, walnut, restored in 1988"));
  await page.waitForURL(/\/v\/val_/);
  const pages = {
    home: "/",
    answer: new URL(page.url()).pathname,
    history: "/history",
    how: "/how",
    nothing: "/nothing-here",
  };
  const storageState = await first.storageState();
  for (const { name, context } of LOOKS) {
    const look: BrowserContext = await browser.newContext({ ...context, storageState, reducedMotion: "reduce" });
    const shown = await look.newPage();
    for (const [title, path] of Object.entries(pages)) {
      await shown.goto(url + path);
      await hydrated(shown);
      const fits = await shown.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
      expect(fits, `${title} in ${name}`).toBe(true);
      const body = await shown.screenshot({ fullPage: true });
      await info.attach(`${title}-${name}.png`, { body, contentType: "image/png" });
    }
    await look.close();
  }
  await first.close();
});
