import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Store } from "./store.ts";

function openStore(): Store {
  const directory = mkdtempSync(join(tmpdir(), "store-"));
  const store = new Store(join(directory, "s.sqlite"));
  onTestFinished(() => {
    store.close();
    rmSync(directory, { recursive: true });
  });
  store.define("CREATE TABLE notes (text TEXT)");
  return store;
}

const FULL = 2;
const NORMAL = 1;
const waits = (store: Store) => store.get("PRAGMA synchronous")?.["synchronous"];

it("waits for the disk, but for quick transactions", () => {
  const store = openStore();
  expect(waits(store)).toBe(FULL);
  expect(store.quickTransaction(() => waits(store))).toBe(NORMAL);
  expect(store.transaction(() => waits(store))).toBe(FULL);
});

it.each(["transaction", "quickTransaction"] as const)("undoes all of a %s that throws, and waits as before", (kind) => {
  const store = openStore();
  const failing = () => {
    store.run("INSERT INTO notes VALUES ('a')");
    throw new Error("no");
  };
  expect(() => store[kind](failing)).toThrow("no");
  expect(store.all("SELECT * FROM notes")).toEqual([]);
  expect(waits(store)).toBe(FULL);
});

it("shows a quick transaction to another reader of the file at once", () => {
  const store = openStore();
  store.quickTransaction(() => store.run("INSERT INTO notes VALUES ('a')"));
  const other = new Store(store.file);
  expect(other.all("SELECT text FROM notes")).toEqual([{ text: "a" }]);
  other.close();
});
