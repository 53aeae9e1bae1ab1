import { spawn } from "node:child_process";
import { constants } from "node:os";
import path from "node:path";
import { buildAll } from "./build.ts";
import { isLocalStack, LOCAL_STACK, openStack } from "./local-stack.ts";
import { type Project, templateNames } from "./project.ts";

/**
 * Runs the real Pulumi CLI in `infra/`: the one on PATH, else the launcher of the npm package `pulumi`, which fetches
 * it. For a local stack the backend and the passphrase are set, so that it needs no login.
 *
 * @returns the CLI's exit code
 */
export async function runPulumi(project: Project, words: readonly string[]): Promise<number> {
  if (words.some((word) => ["up", "update", "preview"].includes(word))) await buildAll(project, templateNames(project));
  const environment: NodeJS.ProcessEnv = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const stack = stackOf(words) ?? process.env["PULUMI_STACK"];
  const local = stack === undefined ? !process.env["PULUMI_BACKEND_URL"] : await isLocalStack(project, stack);
  if (local) {
    const { stateDirectory, passphrase } = await openStack(project, stack ?? LOCAL_STACK);
    environment["PULUMI_BACKEND_URL"] = `file://${stateDirectory}`;
    environment["PULUMI_CONFIG_PASSPHRASE"] = passphrase;
    environment["PULUMI_STACK"] = stack ?? LOCAL_STACK;
  }
  environment["PATH"] = launcherLast(environment["PATH"] ?? "", path.join(project.root, "node_modules", ".bin"));
  const child = spawn("pulumi", words, { cwd: project.infra, stdio: "inherit", env: environment });
  // Ctrl-C reaches the CLI by itself; it saves its state before it ends.
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

function stackOf(words: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    if (word === "-s" || word === "--stack") return words[index + 1];
    if (word.startsWith("--stack=")) return word.slice("--stack=".length);
  }
  return undefined;
}

function launcherLast(searchPath: string, launcher: string): string {
  const folders = searchPath.split(path.delimiter).filter((folder) => folder !== launcher);
  return [...folders, launcher].join(path.delimiter);
}
