import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { constants } from "node:os";
import path from "node:path";
import { buildAll } from "./build.ts";
import { isLocalStack, LOCAL_STACK, openStack } from "./local-stack.ts";
import type { Project } from "./project.ts";
import { stackTemplates } from "./stack-templates.ts";
import { UserError } from "./user-error.ts";

const BUILDS_FIRST = ["up", "update", "preview"];
const NEEDS_STACK = [...BUILDS_FIRST, "refresh", "destroy"];

/**
 * Runs the real Pulumi CLI in `infra/`: the one on PATH, else the launcher of the npm package `pulumi`, which fetches
 * it. For a local stack the backend and the passphrase are set, so that it needs no login.
 *
 * @returns the CLI's exit code
 * @throws UserError when a local stack is named that does not exist yet
 */
export async function runPulumi(project: Project, words: readonly string[]): Promise<number> {
  const environment: NodeJS.ProcessEnv = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const named = stackOf(words);
  const stack = named ?? process.env["PULUMI_STACK"];
  const local = stack === undefined ? !process.env["PULUMI_BACKEND_URL"] : await isLocalStack(project, stack);
  if (local) {
    const name = stack ?? LOCAL_STACK;
    const needsStack = (named !== undefined && words[1] !== "init") || words.some((word) => NEEDS_STACK.includes(word));
    if (needsStack && !(await exists(project, name))) {
      const start = name === LOCAL_STACK ? "npm start" : `npm start -- --stack ${name}`;
      throw new UserError(`The local stack ${name} does not exist yet: \`${start}\` makes it and runs its cloud.`);
    }
    const { backend, passphrase } = await openStack(project, name);
    await mkdir(backend, { recursive: true }); // The CLI opens no folder that is not there.
    environment["PULUMI_BACKEND_URL"] = `file://${backend}`;
    environment["PULUMI_CONFIG_PASSPHRASE"] = passphrase;
    environment["PULUMI_STACK"] = name;
  }
  if (words.some((word) => BUILDS_FIRST.includes(word)))
    await buildAll(project, await stackTemplates(project, stack ?? LOCAL_STACK));
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

/** The stack that the words name, as an option or as in `stack init NAME`. */
function stackOf(words: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    if (word === "-s" || word === "--stack") return words[index + 1];
    if (word.startsWith("--stack=")) return word.slice("--stack=".length);
  }
  const [command, verb = "", ...rest] = words;
  if (command !== "stack" || !["init", "select", "rm"].includes(verb)) return undefined;
  return rest.find((word) => !word.startsWith("-"));
}

/** Whether the state has a local stack. */
async function exists(project: Project, stack: string): Promise<boolean> {
  const stacks = path.join(project.state, ".pulumi", "stacks");
  const projects = existsSync(stacks) ? await readdir(stacks) : [];
  return projects.some((name) => existsSync(path.join(stacks, name, `${stack}.json`)));
}

function launcherLast(searchPath: string, launcher: string): string {
  const folders = searchPath.split(path.delimiter).filter((folder) => folder !== launcher);
  return [...folders, launcher].join(path.delimiter);
}
