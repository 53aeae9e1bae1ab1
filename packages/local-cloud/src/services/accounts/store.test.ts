import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createClock } from "../../core/clock.ts";
import { createIds } from "../../core/ids.ts";
import { Store } from "../../core/store.ts";
import { AccountStore } from "./store.ts";

const directory = mkdtempSync(join(tmpdir(), "accounts-"));
const store = new Store(join(directory, "cloud.sqlite"));
const accounts = new AccountStore({ store, clock: createClock(), ids: createIds() });
afterAll(() => {
  store.close();
  rmSync(directory, { recursive: true });
});

it("makes an account once, by id or by name", () => {
  const id = "a".repeat(32);
  const made = accounts.ensure({ id, name: "mine" });
  expect(made).toMatchObject({ id, name: "mine", plan: "free" });
  expect(accounts.ensure({ id, name: "another name", plan: "paid" })).toEqual(made);
  expect(accounts.ensure({ name: "mine" })).toEqual(made);
  expect(accounts.ensure({ name: "yours", plan: "paid" }).id).not.toBe(id);
  expect(accounts.list()).toHaveLength(2);
});

it("takes the limits from the plan", () => {
  const { id } = accounts.ensure({ name: "mine" });
  expect(accounts.limits(id)).toMatchObject({ plan: "free", d1Databases: 10 });
  accounts.setPlan(id, "paid");
  expect(accounts.limits(id)).toMatchObject({ plan: "paid", d1Databases: 50_000 });
});

it("refuses what is no id", () => {
  expect(() => accounts.ensure({ id: "MINE", name: "mine" })).toThrow(/identifier is invalid/);
  expect(() => accounts.ensure({ name: " " })).toThrow(/Invalid account name/);
});
