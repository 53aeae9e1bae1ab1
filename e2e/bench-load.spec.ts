import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "@playwright/test";
import type { Ended } from "@tenner/cli/testing";

const root = path.resolve(import.meta.dirname, "..");

/** Runs `npm run bench:load -- …` on a checkout. */
function benchLoad(checkout: string, ...words: string[]): Promise<Ended> {
  const env = {
    ...process.env,
    TENNER_HOME: path.join(checkout, ".tenner"),
    TENNER_INFRA: path.join(checkout, "infra"),
  };
  return new Promise((resolve) => {
    const script = path.join(root, "bench/load/bench-load.ts");
    const child = execFile(process.execPath, [script, ...words], { env }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

for (const [words, said] of [
  [["--connections", "many"], "--connections many: is a whole number from 1 to 50000"],
  [["--conections", "5"], "--connections N"],
  [["--running"], "Nothing runs. Start it with: npm start"],
] as const) {
  test(`bench:load ${words.join(" ")} is refused with words that help`, async () => {
    const { code, stderr } = await benchLoad("/nowhere", ...words);
    expect(code).toBe(1);
    expect(stderr).toContain(said);
    expect(stderr).not.toContain("    at ");
  });
}

test("a shell that allows too few open files is told how many are needed", async () => {
  const script = `ulimit -n 5000 && exec "$0" "$1" --connections 2000`;
  const words = ["-c", script, process.execPath, path.join(root, "bench/load/bench-load.ts")];
  const stderr = await new Promise((resolve) => execFile("bash", words, (_, __, text) => resolve(text)));
  expect(stderr).toContain("ulimit -n 6096");
});

test("200 callers at once are counted, and the report is one page of its own", async ({ page }, testInfo) => {
  test.setTimeout(150_000);
  const report = testInfo.outputPath("load-report.html");
  const words = [
    "--running",
    "--connections",
    "200",
    "--seconds",
    "3",
    "--pause",
    "9",
    "--timeout",
    "100",
    "--report",
    report,
    "--json",
  ];
  const { code, stdout, stderr } = await benchLoad(process.env["E2E_CHECKOUT"] ?? "", ...words);
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/3 s: \d+ connections, .* answered/);
  const result = JSON.parse(stdout) as {
    counts: { answered: number; failed: number };
    kinds: { kind: string; answered: number; p50: number; p99: number }[];
    moments: { memory: { command: string; bytes: number }[] }[];
  };
  expect(result.counts.failed).toBe(0);
  expect(result.counts.answered).toBeGreaterThanOrEqual(150);
  const asked = result.kinds.find(({ kind }) => kind === "edge-cache: ask a question, of a model");
  expect(asked?.answered).toBeGreaterThan(50);
  expect(asked?.p99).toBeGreaterThanOrEqual(asked?.p50 ?? Number.NaN);
  const last = result.moments.at(-1)?.memory ?? [];
  expect(last.map(({ command }) => command)).toEqual(expect.arrayContaining(["local cloud", "workerd", "callers"]));

  expect(existsSync(report)).toBe(true);
  expect(readFileSync(report, "utf8")).not.toMatch(/(?:src|href)=/);
  await page.goto(`file://${report}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Tenner under 200 connections");
  await expect(page.getByRole("img", { name: "Memory of each process" })).toBeVisible();
  await expect(page.getByRole("cell", { name: "edge-cache: ask a question, of a model" })).toBeVisible();
});
