import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { lockStack } from "./lock.ts";

it("clears away what a kill in the middle of a lock left, and nothing of those who write one now", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tenner-locks-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const half = (pid: number, host = hostname()) => `d0c1de8e-9d0c-4d7a-8f3a-111111111111.${pid}.${host}.tmp`;
  const { pid: dead } = spawnSync("true");
  const kept = [half(process.pid), half(dead, "another-machine")].sort();
  for (const name of [...kept, half(dead)]) writeFileSync(join(folder, name), "");

  const release = await lockStack(folder, { wait: 0, notice: () => {} });
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual(kept);
  await release();
  expect(readdirSync(folder).sort()).toEqual(kept);
});
