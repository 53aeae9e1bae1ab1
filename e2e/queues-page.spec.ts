import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { endFaults } from "@tenner/cli/testing";
import { stack } from "./stack.ts";
import { expect, inspect, test } from "./visit.ts";

const { cloud } = stack();
const authorization = { authorization: `Bearer ${cloud.apiToken}` };

/** Queues of this spec alone, in the stack's account. */
const name = `page-${randomUUID().slice(0, 8)}`;
const dead = `${name}-dead`;
let queueId = "";
let deadId = "";

async function api<Result>(method: string, path: string, body?: unknown): Promise<Result> {
  const response = await fetch(`${cloud.url}/client/v4/accounts/${cloud.accountId}/queues${path}`, {
    method,
    headers: { ...authorization, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as { result: Result; errors: unknown };
  expect(response.ok, JSON.stringify(answer.errors)).toBe(true);
  return answer.result;
}

const send = (body: unknown, content_type = "json") => api("POST", `/${queueId}/messages`, { body, content_type });

/** Leases what waits and gives it back, which uses up its only attempt. */
async function bury(): Promise<void> {
  const { messages } = await api<{ messages: { lease_id: string }[] }>("POST", `/${queueId}/messages/pull`, {
    batch_size: 10,
  });
  const retries = messages.map(({ lease_id }) => ({ lease_id }));
  await api("POST", `/${queueId}/messages/ack`, { acks: [], retries });
}

async function openQueue(page: Page, queue: string): Promise<void> {
  const response = await fetch(`${cloud.url}/_local/session`, { method: "POST", headers: authorization });
  const { url } = (await response.json()) as { url: string }; // a one-time link
  await page.goto(url);
  await page.getByRole("link", { name: "Queues", exact: true }).click();
  await page
    .getByRole("table", { name: /queues of the account/ })
    .getByRole("button", { name: queue, exact: true })
    .click();
  await expect(page.getByRole("heading", { name: queue, exact: true })).toBeVisible();
}

/** The rows of messages. */
const rows = (page: Page) => page.locator("#messages tbody");

test.beforeAll(async () => {
  for (const queue_name of [name, dead]) {
    const { queue_id } = await api<{ queue_id: string }>("POST", "", { queue_name });
    if (queue_name === name) queueId = queue_id;
    else deadId = queue_id;
  }
  await api("POST", `/${queueId}/consumers`, {
    type: "http_pull",
    dead_letter_queue: dead,
    settings: { max_retries: 0, retry_delay: 0 },
  });
});
test.beforeEach(async () => {
  for (const id of [queueId, deadId]) await api("POST", `/${id}/purge`, { delete_messages_permanently: true });
});
test.afterAll(async () => {
  await endFaults(cloud, "queues");
  for (const id of [queueId, deadId]) await api("DELETE", `/${id}`);
});

test("shows what waits with its body, and asks before a purge", async ({ page }) => {
  await send({ order: 1, to: "anna" });
  await send("a line", "text");
  await openQueue(page, name);
  await expect(rows(page)).toHaveCount(2);
  await expect(page.locator("#flow")).toContainText("2 messages");
  await expect(page.locator("#flow")).toContainText("Pull consumer");
  await expect(page.getByRole("img", { name: /^Depth over the last .*: 2 now/ })).toBeVisible();

  const opener = rows(page).first().getByRole("button", { name: /order/ });
  await opener.focus();
  await page.keyboard.press("Enter");
  await expect(opener).toHaveAttribute("aria-expanded", "true");
  await expect(page.getByLabel("Body", { exact: true }).and(page.locator("pre"))).toHaveText(
    '{\n  "order": 1,\n  "to": "anna"\n}',
  );
  await expect(opener, "the focus stays though the row was drawn anew").toBeFocused();

  await inspect(page, "console-queues");
  await page.getByRole("button", { name: "Purge…" }).click();
  const dialog = page.getByRole("dialog", { name: `Delete all 2 messages of ${name}?` });
  await dialog.getByRole("button", { name: "Keep" }).click();
  await expect(dialog).toBeHidden();
  await expect(rows(page)).toHaveCount(2);

  await page.getByRole("button", { name: "Purge…" }).click();
  await dialog.getByRole("button", { name: "Purge" }).click();
  await expect(page.getByText("2 messages deleted.")).toBeVisible();
  await expect(page.getByText(/^Empty\. Send a message/)).toBeVisible();
  expect(await api("GET", `/${queueId}/metrics`)).toMatchObject({ backlog_count: 0 });
});

test("shows dead letters with why and where from, and sends chosen ones and all back", async ({ page }) => {
  for (const order of [1, 2, 3]) await send({ order });
  await bury();
  await openQueue(page, name);
  await page.locator("#flow").getByRole("button", { name: dead }).click();
  await expect(page.getByRole("heading", { name: dead, exact: true })).toBeFocused();
  await expect(rows(page)).toHaveCount(3);
  await expect(rows(page).first()).toContainText("retry");
  await rows(page).first().getByRole("button", { name: /order/ }).click();
  await expect(page.locator(".message-facts")).toContainText(`Comes from${name}`);

  await rows(page).nth(1).getByRole("checkbox").check();
  await page.getByRole("button", { name: "Redrive 1 chosen" }).click();
  await expect(page.getByText(`1 message went to ${name}.`)).toBeVisible();
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole("button", { name: "Redrive all" }).click();
  await expect(page.getByText(`2 messages went to ${name}.`)).toBeVisible();
  await expect(page.getByText(/^No dead letters/)).toBeVisible();
  await page.locator("#flow").getByRole("button", { name }).click();
  await expect(rows(page)).toHaveCount(3);
});

test("pauses delivery and goes on", async ({ page }) => {
  await openQueue(page, name);
  await page.getByRole("button", { name: "Pause delivery" }).click();
  await expect(page.locator("#queues tr", { hasText: name }).first()).toContainText("paused");
  expect(await api("GET", `/${queueId}`)).toMatchObject({ settings: { delivery_paused: true } });
  await page.getByRole("button", { name: "Resume delivery" }).click();
  await expect(page.locator("#queues tr", { hasText: name }).first()).toContainText("pull");
  expect(await api("GET", `/${queueId}`)).toMatchObject({ settings: { delivery_paused: false } });
});

test("sends a message, says what is wrong with one, and deletes it", async ({ page }) => {
  await openQueue(page, name);
  await page.getByRole("textbox", { name: "Body" }).fill('{"order":');
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(page.getByText(/^This is no JSON/)).toBeVisible();
  await page.getByRole("textbox", { name: "Body" }).fill('{"order":7}');
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(rows(page)).toContainText('{"order":7}');
  await rows(page).getByRole("checkbox").check();
  await page.getByRole("button", { name: "Delete 1 chosen…" }).click();
  await page.keyboard.press("Escape");
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole("button", { name: "Delete 1 chosen…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(rows(page)).toHaveCount(0);
});

test("sets a queue's faults for a share of the messages, and ends all with one button", async ({ page }) => {
  const faults = async () =>
    ((await (await fetch(`${cloud.url}/_local/faults`, { headers: authorization })).json()) as { faults: unknown[] })
      .faults;
  await openQueue(page, name);
  const redeliver = page.getByRole("switch", { name: /Queues redeliver/ });
  await redeliver.click();
  await expect(redeliver).toBeChecked();
  await page.getByLabel("Hits").selectOption("5");
  await expect(redeliver).toContainText("5 %");
  expect(await faults()).toEqual([{ service: "queues", kind: "redeliver", percent: 5 }]);
  await page.getByRole("button", { name: "All off" }).click();
  await expect(redeliver).not.toBeChecked();
  expect(await faults()).toEqual([]);
});

test.describe("on a phone, in the dark", () => {
  test.use({ viewport: { width: 390, height: 844 }, colorScheme: "dark" });

  test("fits, with a message open", async ({ page }) => {
    await send({ text: "a long word: ".padEnd(400, "x") });
    await openQueue(page, name);
    await rows(page)
      .getByRole("button", { name: /long word/ })
      .click();
    await expect(page.locator("pre.payload")).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    const body = await page.locator("pre.payload").boundingBox();
    expect(body?.width).toBeGreaterThan(280);
  });
});
