import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export { billTable } from "./bill/bill-table.ts";
export { type CloudflareBill, daysOfMonth, readAccountBill } from "./bill/cloudflare-bill.ts";
export { processFamily } from "./process-family.ts";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

/** How to speak to a running local cloud: what `tenner cloud --json` prints. */
export interface CloudAccess {
  readonly url: string;
  readonly accountId: string;
  readonly apiToken: string;
}

/** What `npm run -s outputs` prints. */
export interface Outputs {
  cloud: CloudAccess;
  templates: Record<string, { url: string; apiKey: string }>;
}

/** How a command has ended, and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `tenner …` in the project itself, to its end. */
export function runInProject(...words: string[]): Promise<Ended> {
  return toItsEnd(spawnIn(root, words));
}

function spawnIn(directory: string, words: readonly string[]): ChildProcess {
  const { NO_COLOR: _, ...environment } = process.env;
  return spawn(process.execPath, [path.join(directory, "packages/cli/src/main.ts"), ...words], {
    cwd: directory,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...environment, NODE_NO_WARNINGS: "1" },
  });
}

async function toItsEnd(child: ChildProcess): Promise<Ended> {
  const output = collect(child);
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { code, ...output() };
}

/** A copy of the project that a test may change, run and kill as it likes. Packages come from the real one. */
export class Checkout {
  readonly directory: string;
  readonly #running = new Set<ChildProcess>();

  /** @param directory of one that is there already; otherwise a new one is made */
  constructor(directory?: string) {
    this.directory = directory ?? mkdtempSync(path.join(tmpdir(), "tenner-e2e-"));
    if (directory === undefined) this.#copy();
  }

  #copy(): void {
    for (const name of readdirSync(root)) {
      if ([".git", ".tenner", "node_modules", ".toolchain", "docs", "bench", "e2e"].includes(name)) continue;
      cpSync(path.join(root, name), path.join(this.directory, name), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (file) => !/Pulumi\.(local|e2e[^/]*)\.yaml$|[\\/]\.wrangler([\\/]|$)/.test(file),
      });
    }
    const modules = path.join(this.directory, "node_modules");
    cpSync(path.join(root, "node_modules"), modules, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (file) => path.basename(file) !== ".pnpm",
    });
    symlinkSync(path.join(root, "node_modules", ".pnpm"), path.join(modules, ".pnpm"));
  }

  file(...parts: string[]): string {
    return path.join(this.directory, ...parts);
  }

  /** Runs `tenner …` to its end. */
  tenner(...words: string[]): Promise<Ended> {
    return toItsEnd(this.spawn(...words));
  }

  /** Starts `tenner …` in a process group of its own. */
  spawn(...words: string[]): ChildProcess {
    const child = spawnIn(this.directory, words);
    this.#running.add(child);
    child.once("exit", () => this.#running.delete(child));
    return child;
  }

  /** Ends whatever of it runs still: who starts something and is interrupted leaves nothing behind. */
  async endAll(): Promise<void> {
    await Promise.all([...this.#running].map((child) => end(child)));
  }

  /** Starts `tenner start` on free ports and waits until it says that it is ready. */
  async start(...words: string[]): Promise<Running> {
    const child = this.spawn("start", "--port", "0", ...words);
    const output = collect(child);
    await ready("tenner start", child, output, () => output().stderr.includes("Ctrl-C ends everything"), 120_000);
    const printed = await this.tenner("outputs", "--running", "--json");
    if (printed.code !== 0) throw new Error(printed.stderr);
    return new Running(child, JSON.parse(printed.stdout) as Outputs, () => output().stderr);
  }

  /** Runs the local cloud alone, and waits until it answers. */
  async cloud(port = 0): Promise<{ child: ChildProcess; cloud: CloudAccess }> {
    const child = this.spawn("cloud", "--port", String(port), "--json");
    const output = collect(child);
    await ready("tenner cloud", child, output, () => output().stdout.includes("\n"), 60_000);
    return { child, cloud: JSON.parse(output().stdout) as CloudAccess };
  }

  remove(): void {
    if (existsSync(this.directory)) rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Adds faults to what the cloud does, as `POST /_local/faults` takes them. */
export async function addFaults(cloud: CloudAccess, ...faults: readonly object[]): Promise<void> {
  await callFaults(cloud, "", { method: "POST", body: JSON.stringify(faults) });
}

/** Ends all faults, or those of a service. */
export async function endFaults(cloud: CloudAccess, service?: string): Promise<void> {
  await callFaults(cloud, service === undefined ? "" : `?service=${service}`, { method: "DELETE" });
}

async function callFaults({ url, apiToken }: CloudAccess, query: string, init: RequestInit): Promise<void> {
  const headers = { authorization: `Bearer ${apiToken}`, "content-type": "application/json" };
  const response = await fetch(`${url}/_local/faults${query}`, { ...init, headers });
  if (!response.ok) throw new Error(`${init.method} of faults: ${await response.text()}`);
}

/** A `tenner start` that is ready. */
export class Running {
  readonly child: ChildProcess;
  readonly outputs: Outputs;
  /** What it has printed so far. */
  readonly printed: () => string;

  constructor(child: ChildProcess, outputs: Outputs, printed: () => string) {
    this.child = child;
    this.outputs = outputs;
    this.printed = printed;
  }

  /** The address and key of the event-agent. */
  get agent(): { url: string; apiKey: string } {
    const agent = this.outputs.templates["event-agent"];
    if (!agent) throw new Error("the event-agent is not deployed");
    return agent;
  }

  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals = "SIGINT"): Promise<number | null> {
    return end(this.child, signal);
  }
}

/** Sends a signal to a process and waits for its end; of one that has ended already, gives back how. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = "SIGINT"): Promise<number | null> {
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.kill(signal);
  return ended;
}

function collect(child: ChildProcess): () => { stdout: string; stderr: string } {
  const output = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => {
    output.stdout += chunk;
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    output.stderr += chunk;
  });
  return () => output;
}

/**
 * Waits until a process, which leads a group of its own, says that it is ready.
 *
 * @param patience ms; who is not ready by then is killed with all it has started
 * @throws Error with what it printed
 */
async function ready(
  name: string,
  child: ChildProcess,
  output: () => { stderr: string },
  isReady: () => boolean,
  patience: number,
): Promise<void> {
  const late = await waitFor(() => isReady() || child.exitCode !== null, patience).then(
    () => false,
    () => true,
  );
  if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}:\n${output().stderr}`);
  if (!late) return;
  if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  throw new Error(`${name} was not ready within ${patience / 1000} s:\n${output().stderr}`);
}

/** Waits until `condition` holds. */
export async function waitFor(condition: () => boolean | Promise<boolean>, timeout = 15_000): Promise<void> {
  const deadline = Date.now() + timeout;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not so within ${timeout} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
