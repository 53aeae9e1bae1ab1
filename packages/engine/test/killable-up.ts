import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { TestProject } from "./project.ts";

const children: ChildProcess[] = [];

/** Starts an `up` of a project in a process that can be killed. */
export function startUp(project: TestProject): ChildProcess {
  const { onEvent: _onEvent, ...options } = project.options;
  const script = fileURLToPath(new URL("up-process.ts", import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(options)], { stdio: "ignore" });
  children.push(child);
  return child;
}

/** `kill -9`, and waits until it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
  child.kill("SIGKILL");
  await ended;
}

/** What a test that failed has left. */
export async function killAll(): Promise<void> {
  await Promise.all(children.splice(0).map(kill));
}
