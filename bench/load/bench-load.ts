import { writeFileSync } from "node:fs";
import path from "node:path";
import { Checkout, type Running } from "@tenner/cli/testing";
import type { CalledTemplate } from "./callers.ts";
import { LoadUsageError, parseLoadOptions, USAGE } from "./load-options.ts";
import { reportPage } from "./load-report.ts";
import { checkOpenFiles } from "./open-files.ts";
import { runLoad } from "./run-load.ts";
import { findRunningStack } from "./running-stack.ts";

/** A stack under load. */
interface LoadedStack {
  readonly templates: Readonly<Record<string, CalledTemplate>>;
  /** The local cloud's process. */
  readonly pid: number;
  end(): Promise<void>;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(error instanceof LoadUsageError ? `✘ ${error.message}\n` : `${String(error)}\n`);
  process.exitCode = 1;
}

async function main(words: readonly string[]): Promise<void> {
  const options = parseLoadOptions(words);
  if (options === "help") {
    process.stdout.write(USAGE);
    return;
  }
  const { connections, seconds, pause, timeout } = options;
  checkOpenFiles(connections, process.pid);
  const say = (line: string) => process.stderr.write(`  ${line}\n`);
  const stack = options.running ? await runningStack() : await ownStack(say);
  try {
    checkOpenFiles(connections, stack.pid);
    say(`${connections} callers for ${seconds} s: ${Object.keys(stack.templates).join(", ")}`);
    const result = await runLoad(
      { templates: stack.templates, connections, seconds, pause, timeout },
      {
        pid: stack.pid,
        onMoment({ at, counts, underWay, connections: open, p95, memory }) {
          const megabytes = Math.round(memory.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6);
          say(
            `${at.toFixed(0)} s: ${open} connections, ${underWay} wait, ${counts.answered} answered, ` +
              `${counts.refused} refused, ${counts.failed} failed, ` +
              `p95 ${p95 === undefined ? "–" : `${(p95 / 1000).toFixed(2)} s`}, ${megabytes} MB`,
          );
        },
      },
    );
    const file = path.resolve(options.report);
    writeFileSync(file, reportPage(options, result));
    say(`the report is in ${file}`);
    if (options.json) process.stdout.write(`${JSON.stringify({ ...options, ...result })}\n`);
  } finally {
    await stack.end();
  }
}

async function runningStack(): Promise<LoadedStack> {
  const { templates, pid } = await findRunningStack();
  return { templates, pid, end: async () => {} };
}

/** All templates, with limits and a budget that are not what is measured. */
async function ownStack(say: (line: string) => void): Promise<LoadedStack> {
  const checkout = new Checkout();
  const clear = async () => {
    await checkout.endAll();
    checkout.remove();
  };
  // Its processes are in a group of their own: Ctrl-C does not reach them.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      say("stopping …");
      void clear().then(() => process.exit(130));
    });
  }
  let running: Running;
  try {
    const settings = {
      budget: { monthlyUsd: 100_000 },
      limits: { requestsPerMinute: 1_000_000, submissionsPerMinute: 100_000 },
      aiGateway: { requestsPerMinute: 1_000_000 },
      valuation: { submissionsPerMinute: 10_000 },
    };
    const set = await checkout.tenner("config", "set", "tenner:settings", JSON.stringify(settings));
    if (set.code !== 0) throw new Error(set.stderr);
    say("starting a stack with all templates …");
    running = await checkout.start("--no-watch", "--no-sample");
  } catch (error) {
    await clear();
    throw error;
  }
  return { templates: running.outputs.templates, pid: running.child.pid ?? 0, end: clear };
}
