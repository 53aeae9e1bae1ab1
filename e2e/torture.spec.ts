import { expect, test } from "@playwright/test";
import { torture } from "./torture.ts";

test.describe.configure({ timeout: 240_000 });

test("a thousand items survive ten kills, failing models and messages delivered twice: none lost, none paid twice", async () => {
  const items = 1000;
  const report = await torture({ items, kills: 10, timeout: 200_000, onProgress: (line) => console.log(line) });
  const { poison, dead, results } = report;
  expect(report.kills).toBe(10);
  expect(report.status).toBe("done");
  expect(report.counts).toMatchObject({ total: items, done: items - poison.length, dead: poison.length, waiting: 0 });
  expect(report.rows).toEqual({ done: items - poison.length, dead: poison.length });
  expect(dead.map(({ position }) => position)).toEqual(poison);
  expect(dead.every(({ reason, step }) => reason !== "" && step !== "")).toBe(true);
  const good = Array.from({ length: items }, (_, position) => position).filter((each) => !poison.includes(each));
  expect(results).toEqual(good);
  expect(report.paidTwice).toBe(0);
  expect(report.cost.gateway).toBeLessThanOrEqual(report.cost.ledger * (1 + 1e-9));
});
