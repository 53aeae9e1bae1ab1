import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { addFaults, endFaults } from "@tenner/cli/testing";
import { stack } from "./stack.ts";
import { expect, inspect, test } from "./visit.ts";

const { cloud, pipeline } = stack();

test.afterEach(() => endFaults(cloud));

async function openPage(page: Page): Promise<void> {
  await page.goto(`${pipeline.url}/#key=${pipeline.apiKey}`);
  await expect(page.getByRole("heading", { name: "A new batch" })).toBeVisible();
}

const status = (page: Page) => page.locator("#ticket-status");
const count = (page: Page, part: string) => page.locator(`#parts [data-part=${part}] dd`);

async function choose(page: Page, name: string): Promise<void> {
  await page.getByRole("radio", { name }).check();
}

async function sendFile(page: Page, name: string, text: string): Promise<void> {
  await page.getByText("File", { exact: true }).click();
  await page.locator("#file").setInputFiles({ name, mimeType: "application/octet-stream", buffer: Buffer.from(text) });
  await expect(page.locator("#file-told")).toContainText(name);
  await page.getByRole("button", { name: "Start", exact: true }).click();
}

test("runs the worked example to its end and shows its results", async ({ page }) => {
  await openPage(page);
  await choose(page, "Product descriptions");
  await expect(page.locator("#text-told")).toHaveText("4 items in CSV: sku, name, material, facts.");
  await page.getByRole("button", { name: "Start this example" }).click();
  await expect(page.locator("#ticket-id")).toHaveText(/^batch_/);
  await expect(status(page)).toHaveText("done");
  await expect(page.locator("#tally")).toHaveText("4 of 4 ended");
  await expect(page.locator("#facts")).toContainText(/\$0\.0+[1-9]/);
  const results = page.getByRole("table", { name: /page of results/ });
  await expect(results.getByRole("row")).toHaveCount(5);
  await expect(results).toContainText("K-104");
  await expect(page.getByRole("table", { name: "Batches" }).getByRole("row").nth(1)).toContainText("done");

  await inspect(page, "async-pipeline");
  await results.getByRole("button", { name: "Open item 2", exact: true }).click();
  await expect(page.getByRole("dialog", { name: "Item 2" })).toContainText("Shelf Lund");
  await page.keyboard.press("Escape");

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download results" }).click();
  const lines = (await readFile(await (await download).path(), "utf8")).trim().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { position: number }).position)).toEqual([0, 1, 2, 3]);
});

test("a bad line spoils no other, and its reason and place are shown", async ({ page }) => {
  await openPage(page);
  await choose(page, "Classify and tag");
  await sendFile(page, "letters.ndjson", '{"text":"A lamp."}\n{"text": broken\n{"text":"A kettle."}\n');
  await expect(status(page)).toHaveText("done");
  await expect(count(page, "done")).toHaveText("2");
  const group = page.locator("#failure-groups > li");
  await expect(group).toContainText("Not JSON");
  await expect(group).toContainText("send them as a new batch");
  await group.getByText("Which ones").click();
  await group.getByRole("button", { name: "No. 2, line 2" }).click();
  await expect(page.getByRole("dialog", { name: "Item 2" })).toContainText("nothing of it was kept");
});

test("sends dead items round again, as the next round of their batch", async ({ page }) => {
  await openPage(page);
  await page.getByLabel("Items, one a line").fill('{"text":"<p></p>","format":"html"}\n{"text":"The lamp is lit."}');
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(status(page)).toHaveText("done");
  await expect(count(page, "dead")).toHaveText("1");
  await page.getByRole("button", { name: "Send all round again" }).click();
  await expect(page.locator("#facts")).toContainText(/Round\s*2/);
  await expect(status(page)).toHaveText("done");
  await expect(count(page, "dead")).toHaveText("1");
  await expect(count(page, "done")).toHaveText("1");
});

test("says why a batch waits, and goes on by itself", async ({ page }) => {
  await addFaults(cloud, { service: "workers-ai", kind: "fail", status: 429 });
  await openPage(page);
  // Each line is a document.
  await page.getByLabel("Items, one a line").fill("A lamp.\nA kettle.\nA shelf.");
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(status(page)).toHaveText("waiting", { timeout: 30_000 });
  await expect(page.locator("#ticket-note")).toContainText(
    "The models are asked too often at the moment. No attempt is spent",
  );
  await endFaults(cloud);
  await expect(status(page)).toHaveText("done", { timeout: 45_000 });
  await expect(count(page, "dead")).toHaveText("0");
});

test("cancels what has not begun, and deletes the batch when asked twice", async ({ page, request }) => {
  await addFaults(cloud, { service: "workers-ai", kind: "slow", ms: 1500 });
  await openPage(page);
  await page.getByText("File", { exact: true }).click();
  await page.getByRole("button", { name: "1,000", exact: true }).click();
  await expect(page.locator("#file-told")).toContainText("summarise-documents-1000.ndjson");
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(count(page, "released")).not.toHaveText("0");
  await page.locator("#cancel").click();
  await page.getByRole("button", { name: "Cancel the batch" }).click();
  await expect(status(page)).toHaveText("cancelled");
  await expect(count(page, "waiting")).toHaveText("0");
  await expect(count(page, "cancelled")).not.toHaveText("0");

  const id = await page.locator("#ticket-id").textContent();
  await page.locator("#delete").click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.locator(`[data-batch="${id}"]`)).toHaveCount(0);
  const gone = await request.get(`${pipeline.url}/v1/batches/${id}`, {
    headers: { authorization: `Bearer ${pipeline.apiKey}` },
  });
  expect(gone.status()).toBe(404);
});

test("shows the end of a batch even where no events come through, and says when nobody answers", async ({
  page,
  complaints,
}) => {
  complaints.expect(/ERR_FAILED.*\/events/, /ERR_INTERNET_DISCONNECTED/);
  await addFaults(cloud, { service: "workers-ai", kind: "slow", ms: 3000 });
  await page.route("**/events", (route) => route.abort());
  await openPage(page);
  await page.getByRole("button", { name: "Start this example" }).click();
  await expect(page.locator("#ticket-id")).toHaveText(/^batch_/);
  await page.context().setOffline(true);
  await expect(page.locator("#page-error")).toContainText("cannot be reached");
  await page.context().setOffline(false);
  await expect(page.locator("#page-error")).toBeHidden();
  await expect(status(page)).toHaveText("done", { timeout: 30_000 });
});

test("opens the same batch again when it is loaded anew", async ({ page }) => {
  await openPage(page);
  await page.getByRole("button", { name: "Start this example" }).click();
  await expect(status(page)).toHaveText("done");
  const id = await page.locator("#ticket-id").textContent();
  await page.reload();
  await expect(page.locator("#ticket-id")).toHaveText(id ?? "");
  await expect(page).toHaveURL(`${pipeline.url}/?batch=${id}`);
});

test("says what is wrong with a file before anything is sent", async ({ page }) => {
  await openPage(page);
  await choose(page, "Product descriptions");
  await page.getByText("File", { exact: true }).click();
  const told = page.locator("#file-told");
  const take = (name: string, text: string) =>
    page.locator("#file").setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
  await take("prices.csv", "sku,price\nA,1\n");
  await expect(told).toContainText("no column “name”");
  await take("prices.xlsx", "PK");
  await expect(told).toContainText("Save it as CSV");
  await take("names.txt", "Lamp\nKettle\n");
  await expect(told).toContainText("2 items: each line is the name of one");
});

test("takes a file that is dropped anywhere on the form, one at a time", async ({ page }) => {
  await openPage(page);
  await choose(page, "Classify and tag");
  const drop = async (...names: string[]) => {
    const dataTransfer = await page.evaluateHandle((given) => {
      const transfer = new DataTransfer();
      for (const name of given) transfer.items.add(new File(['{"text":"A lamp."}'], name));
      return transfer;
    }, names);
    await page.locator("#form-heading").dispatchEvent("drop", { dataTransfer });
  };
  await drop("one.ndjson", "two.ndjson");
  await expect(page.locator("#file-told")).toContainText("One file at a time");
  await drop("one.ndjson");
  await expect(page.locator("#file-told")).toHaveText("one.ndjson, 18 bytes. One JSON object a line.");
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(status(page)).toHaveText("done");
});

test("shows what the Worker refuses beside the field", async ({ page, complaints }) => {
  complaints.expect(/ 400 .*options=/);
  await openPage(page);
  await page.getByLabel("Words", { exact: true }).fill("9000");
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page.locator("#form-error")).toContainText(/^Words: /);
  await expect(page.getByLabel("Words", { exact: true })).toBeFocused();
});

test("works by keyboard alone", async ({ page }) => {
  await openPage(page);
  await page.getByRole("radio", { name: "Classify and tag" }).focus();
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "Start this example" }).focus();
  await page.keyboard.press("Enter");
  await expect(status(page)).toHaveText("done");
});

test("refuses a wrong key in words", async ({ page, complaints }) => {
  complaints.expect(/ 401 /);
  await page.goto(pipeline.url);
  await page.getByLabel("API key").fill("tnr_not-a-key");
  await page.getByRole("button", { name: "Use this key" }).click();
  await expect(page.getByText("not valid here")).toBeVisible();
});

test("renders what a model writes as text, never as markup", async ({ page }) => {
  await openPage(page);
  await choose(page, "Summarise documents");
  await page
    .getByLabel("Items, one a line")
    .fill(JSON.stringify({ text: '<img src=x onerror="window.broken=1"> A sentence.', format: "text" }));
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(status(page)).toHaveText("done");
  await expect(page.locator("#results-rows")).toContainText("<img");
  expect(await page.evaluate(() => "broken" in window)).toBe(false);
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
