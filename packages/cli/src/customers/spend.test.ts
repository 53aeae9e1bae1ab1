import { createServer } from "node:http";
import { answerJson, endServers, listen } from "@tenner/local-cloud/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type AccountApi, accountApi } from "../account-api.ts";
import { readSpend } from "./spend.ts";

/** Databases of an account by their ids, with what each answers to a query. */
const ROWS: Record<string, object[]> = { used: [{ spent: 1_500_000_000, reserved: 250_000_000 }], fresh: [] };
const server = createServer((request, response) => {
  const rows = ROWS[/\/d1\/database\/(\w+)\/query$/.exec(request.url ?? "")?.[1] ?? ""];
  if (rows) answerJson(response, { success: true, errors: [], result: [{ success: true, results: rows }] });
  else answerJson(response, { success: false, errors: [{ code: 7404, message: "not found" }], result: null }, 404);
});
let api: AccountApi;

beforeAll(async () => {
  api = accountApi({ accountId: "account", baseUrl: await listen(server), token: "token" });
});
afterAll(() => endServers(server));

it("adds what is reserved to what was spent; a month without a call costs nothing", async () => {
  expect(await readSpend(api, "used", "2026-11")).toBe(1.75);
  expect(await readSpend(api, "fresh", "2026-11")).toBe(0);
});

it("says that the ledger is not there", async () => {
  await expect(readSpend(api, "gone", "2026-11")).rejects.toThrow("The ledger's database gone is not there.");
});
