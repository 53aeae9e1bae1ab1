import { readFile, rename, rm, writeFile } from "node:fs/promises";
import * as z from "zod";
import type { Project } from "./project.ts";

const Running = z.object({
  pid: z.number().int(),
  /** The stack whose account is below. */
  stack: z.string(),
  cloud: z.object({ url: z.string(), apiUrl: z.string(), accountId: z.string(), apiToken: z.string() }),
});

/** The local cloud that runs now, and how to reach it. Holds the API token: the file is readable by its owner only. */
export type Running = z.infer<typeof Running>;

/** The running cloud, or undefined when there is none (its process is gone). */
export async function findRunning(project: Project): Promise<Running | undefined> {
  let text: string;
  try {
    text = await readFile(project.runningFile, "utf8");
  } catch {
    return undefined;
  }
  const parsed = Running.safeParse(parseJson(text));
  return parsed.success && isAlive(parsed.data.pid) ? parsed.data : undefined;
}

export async function writeRunning(project: Project, running: Running): Promise<void> {
  const temporary = `${project.runningFile}.${process.pid}.tmp`;
  await writeFile(temporary, `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, project.runningFile);
}

/** Forgets this process's cloud; another process's entry stays. */
export async function clearRunning(project: Project): Promise<void> {
  const running = await findRunning(project);
  if (running === undefined || running.pid === process.pid) await rm(project.runningFile, { force: true });
}

const Workers = z.object({
  workers: z.array(z.object({ accountId: z.string(), script: z.string(), url: z.string() })),
});

/** The front-door address of each Worker in the cloud's account, by script name. */
export async function workerUrls(cloud: Running["cloud"]): Promise<Map<string, string>> {
  const response = await fetch(`${cloud.url}/_local/workers`, {
    headers: { authorization: `Bearer ${cloud.apiToken}` },
  });
  if (!response.ok) throw new Error(`GET ${cloud.url}/_local/workers answered ${response.status}`);
  const { workers } = Workers.parse(await response.json());
  return new Map(
    workers.filter((worker) => worker.accountId === cloud.accountId).map(({ script, url }) => [script, url]),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
