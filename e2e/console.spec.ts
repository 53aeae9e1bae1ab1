import { stack } from "./stack.ts";
import { expect, inspect, test } from "./visit.ts";

const { cloud, agent, printed } = stack();

test("shows nothing to a visitor without a session", async ({ page, complaints }) => {
  complaints.expect(/ 401 /);
  await page.goto(cloud.url);
  await expect(page.getByText("one-time link", { exact: false }).first()).toBeVisible();
  await expect(page.locator("body")).not.toContainText("event-agent");
  await inspect(page, "console-closed");
});

test("opens once with the printed link, and shows Workers, resources and live requests", async ({ page, browser }) => {
  const link = /http:\/\/127\.0\.0\.1:\d+\/_local\/session\?code=\S+/.exec(printed)?.[0];
  expect(link, "npm start prints the console's link").toBeDefined();
  await page.goto(link ?? "");
  await expect(page).toHaveURL(`${cloud.url}/`);
  const workers = page.locator("#workers");
  await expect(workers).toContainText("event-agent");
  await expect(workers.getByRole("link", { name: new URL(agent.url).host })).toBeVisible();
  await expect(page.locator("#resources")).toContainText("event-agent-lookup");
  await expect(page.locator("body")).not.toContainText(agent.apiKey);

  const path = `/health?seen-live=${Date.now()}`;
  await fetch(agent.url + path);
  await expect(page.getByRole("table", { name: /Recent requests/ })).toContainText("/health");
  // Hundreds of rows that are alike cost axe seconds.
  const alike = page.locator("#logs tr:nth-child(n+9), #requests tr:nth-child(n+9)");
  await alike.evaluateAll((rows) => {
    for (const row of rows) row.remove();
  });
  await inspect(page, "console");

  const elsewhere = await (await browser.newContext()).newPage();
  await elsewhere.goto(link ?? "");
  await expect(elsewhere.getByText("used already", { exact: false })).toBeVisible();
});

test("refuses a page of another origin, and a foreign host name", async ({ request }) => {
  const authorized = { authorization: `Bearer ${cloud.apiToken}` };
  expect((await request.get(`${cloud.url}/_local/workers`, { headers: authorized })).status()).toBe(200);
  expect((await request.get(`${cloud.url}/_local/workers`)).status()).toBeGreaterThanOrEqual(401);
  const rebound = await request.get(`${cloud.url}/client/v4/accounts`, {
    headers: { ...authorized, host: "evil.example" },
  });
  expect(rebound.status()).toBeGreaterThanOrEqual(400);
  const foreign = await request.post(`${cloud.url}/_local/clock`, {
    headers: { origin: "http://evil.example" },
    data: { advance: 1 },
  });
  expect(foreign.status()).toBeGreaterThanOrEqual(400);
});
