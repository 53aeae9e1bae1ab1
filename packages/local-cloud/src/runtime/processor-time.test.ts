import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it, onTestFinished } from "vitest";
import { TELLS_PROCESSOR_TIME } from "../core/usage.ts";
import { ProcessorTime } from "./processor-time.ts";

it.runIf(TELLS_PROCESSOR_TIME)("tells what a marked child computes, and nothing once it has ended", async () => {
  const busy = "setInterval(() => { for (let i = 0; i < 1e7; i++); process.stdout.write('.'); }, 0)";
  const env = { ...process.env, PROCESSOR_TIME_TEST: "one" };
  const child = spawn(process.execPath, ["-e", busy], { env, stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");

  const time = new ProcessorTime("PROCESSOR_TIME_TEST=one");
  expect(time.sinceLast()).toBe(0);
  let spent = 0;
  while (spent < 50) {
    await once(child.stdout, "data");
    spent += time.sinceLast();
  }

  child.kill("SIGKILL");
  await once(child, "exit");
  expect(time.sinceLast()).toBe(0);
});
