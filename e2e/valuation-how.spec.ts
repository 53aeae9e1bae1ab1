import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { stack } from "./stack.ts";
import { expect, inspect, test } from "./visit.ts";

const {
  app: { url },
  cloud,
} = stack();

/** A description that nobody has sent before. */
const newThing = () => `A brass lamp, number ${randomUUID()}`;

const plate = (page: Page, title: string) => page.getByRole("region", { name: title, exact: true });
const part = (page: Page, title: string, name: string) =>
  plate(page, title).getByRole("link", { name: new RegExp(`^\\d+ ${name}(?: |$)`) });

async function open(page: Page, path = "/how"): Promise<void> {
  await page.goto(url + path);
  await expect(page.locator("html[data-hydrated]")).toBeAttached();
}

async function send(page: Page, description: string): Promise<void> {
  await page.getByLabel("A thing", { exact: true }).fill(description);
  await page.getByRole("button", { name: "Send it", exact: true }).click();
  await expect(page.getByRole("region", { name: "Lit up below" })).toBeVisible();
}

test("draws the stack seven times, and each part says what it is: to a pointer, to keys, and in a list", async ({
  page,
}) => {
  await open(page);
  await expect(page.locator(".plate svg")).toHaveCount(7);
  const note = page.locator(".plate-note");

  const ledger = part(page, "What there is", "The ledger");
  await ledger.hover();
  await expect(note).toContainText("D1 database, bound as LEDGER");
  await page.mouse.move(0, 0);
  await expect(note).toHaveCount(0);

  await part(page, "What there is", "AI Gateway").focus();
  await expect(note).toContainText("The only way to a model");
  await page.keyboard.press("Tab");
  await expect(ledger).toBeFocused();
  await expect(note).toContainText("bound as LEDGER");
  await expect(ledger).toHaveAccessibleDescription(/D1 database, bound as LEDGER.*what they have spent/);
  await page.keyboard.press("Escape");
  await expect(note).toHaveCount(0);

  await plate(page, "What there is").getByText("parts in words").click();
  const row = plate(page, "What there is").getByRole("listitem").filter({ hasText: "The appraiser" });
  await expect(row).toContainText("Leads to 10, 11, 12.");
});

test("lights up the way of the visitor’s own request with its times, and a shorter one for the same once more", async ({
  page,
}) => {
  await open(page);
  await send(page, newThing());
  const waits = page.getByRole("table", { name: "What the request waited for" });
  await expect(waits.getByRole("row", { name: /Ask a model AI Gateway/ })).toContainText(/\d m?s.*llama/);
  await expect(waits.getByRole("row", { name: /Settle the cost/ })).toContainText(/\$0\.0\d+/);

  const way = "The way of an answer";
  const stateOf = (name: string) => expect(part(page, way, name));
  await stateOf("Is there an answer\\?").toHaveAttribute("data-state", "taken");
  await expect(part(page, way, "Is there an answer\\?")).toContainText(/miss · /);
  await stateOf("AI Gateway").toHaveAttribute("data-state", "taken");
  await stateOf("The estimate").toHaveAttribute("data-state", "passed-by");
  await expect(part(page, way, "Your valuation")).toHaveAccessibleDescription(/Your request: taken, .+, \$0\.\d+\./);
  await inspect(page, "valuation-app-how");

  const budget = page.getByRole("region", { name: "This month’s budget" });
  for (const name of ["Spent", "Reserved", "Left", "Days to go"]) await expect(budget.getByText(name)).toBeVisible();
  await expect(budget.getByText(/^\$[\d.]+ of \$\d+/)).toBeVisible();

  await page.getByRole("button", { name: "Send the same once more" }).click();
  await expect(part(page, way, "Is there an answer\\?")).toContainText(/hit · /);
  await stateOf("The kept answer").toHaveAttribute("data-state", "taken");
  await stateOf("AI Gateway").toHaveAttribute("data-state", "passed-by");
  await expect(page.getByRole("region", { name: "Lit up below" })).toContainText("cost nothing");
});

test.describe("without a script", () => {
  test.use({ javaScriptEnabled: false });

  test("the way lights up, a part leads to what is said of it, and what is wrong is said", async ({
    page,
    complaints,
  }) => {
    complaints.expect(/status of 422/);
    await page.goto(`${url}/how`);
    await send(page, newThing());
    await expect(part(page, "Asking a model", "Settle its cost")).toHaveAttribute("data-state", "taken");
    const said = page.getByText("The true cost by the tokens takes the place of what was held.");
    await expect(said).toBeHidden();
    await part(page, "Asking a model", "Settle its cost").click();
    await expect(said).toBeVisible();

    await page.getByLabel("A thing", { exact: true }).fill("🎸🎸🎸");
    await page.getByRole("button", { name: "Send it", exact: true }).click();
    await expect(page.getByRole("alert")).toContainText("there is no letter or number in it");
    await expect(page.getByLabel("A thing", { exact: true })).toHaveValue("🎸🎸🎸");
  });
});

test("draws how followed prices have gone, in the list of one’s own", async ({ page }) => {
  await follow(page);
  await appraisedAgain(await follow(page));
  await page.goto(`${url}/history`);
  const [newest, before] = [page.getByRole("main").getByRole("listitem").first(), page.getByText(/^Followed\./)];
  await expect(newest.locator("polyline")).toBeVisible();
  await expect(newest).toContainText("up 50 % in 14 days, followed");
  await expect(newest).toContainText(/Its prices: \$[\d.,]+ on \d+ \w+ 20\d\d; \$[\d.,]+ on /);
  await expect(before).toHaveText(/A model is asked again on \d+ \w+ 20\d\d\./);
});

/** Has a new thing valued and follows it, as forms of a browser without a script do. Answers its id. */
async function follow({ request }: Page): Promise<string> {
  const sent = await request.post(`${url}/how`, { form: { description: newThing(), category: "furniture" } });
  const id = new URL(sent.url()).searchParams.get("valuation") ?? "";
  expect((await request.post(`${url}/v/${id}`, { form: { follow: "yes" } })).ok()).toBe(true);
  return id;
}

/** Writes down what a model would say in one and in two weeks, for nobody waits that long. */
async function appraisedAgain(id: string): Promise<void> {
  const databases = `${cloud.url}/client/v4/accounts/${cloud.accountId}/d1/database`;
  const headers = { authorization: `Bearer ${cloud.apiToken}`, "content-type": "application/json" };
  const { result } = await (await fetch(databases, { headers })).json();
  const { uuid } = result.find(({ name }: { name: string }) => name.endsWith("valuation-app"));
  const sql = `INSERT INTO appraised_prices (fingerprint, appraised_at, price, price_confidence, model, stand_in)
    SELECT fingerprint, created_at + value * 604800000, CAST(item_price * (1 + value / 4.0) AS INTEGER), 'high', '@cf/a/model', 1
    FROM valuations, json_each('[1,2]') WHERE valuations.id = ?`;
  const body = JSON.stringify({ sql, params: [id] });
  const response = await fetch(`${databases}/${uuid}/query`, { method: "POST", headers, body });
  expect(response.ok, await response.text()).toBe(true);
}
