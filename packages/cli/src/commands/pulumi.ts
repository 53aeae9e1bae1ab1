import { spawn } from "node:child_process";
import { constants } from "node:os";
import path from "node:path";
import { defineCommand } from "citty";
import { buildAll } from "../build.ts";
import { isLocalStack, LOCAL_STACK, openStack } from "../local-stack.ts";
import { openProject, templateNames } from "../project.ts";

export const command = defineCommand({
  meta: { name: "pulumi", description: "Run the real Pulumi CLI in infra/, with the backend and passphrase of a local stack set" },
  async run({ rawArgs }) {
    const project = openProject();
    if (rawArgs.some((word) => ["up", "update", "preview"].includes(word))) await buildAll(project, templateNames(project));
    const environment: NodeJS.ProcessEnv = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
    const stack = stackOf(rawArgs) ?? process.env["PULUMI_STACK"];
    if (stack === undefined ? !process.env["PULUMI_BACKEND_URL"] : await isLocalStack(project, stack)) {
      const local = await openStack(project, stack ?? LOCAL_STACK);
      environment["PULUMI_BACKEND_URL"] = `file://${local.stateDirectory}`;
      environment["PULUMI_CONFIG_PASSPHRASE"] = local.passphrase;
      if (stack === undefined) environment["PULUMI_STACK"] = LOCAL_STACK;
    }
    // The CLI from PATH when there is one, else the launcher of the npm package `pulumi`, which fetches it.
    environment["PATH"] = `${withoutLauncher(environment["PATH"] ?? "", project.root)}${path.delimiter}${path.join(project.root, "node_modules/.bin")}`;
    const child = spawn("pulumi", rawArgs, { cwd: project.infra, stdio: "inherit", env: environment });
    for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    process.exitCode = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  },
});

function stackOf(words: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    if (word === "-s" || word === "--stack") return words[index + 1];
    if (word.startsWith("--stack=")) return word.slice("--stack=".length);
  }
  return undefined;
}

function withoutLauncher(searchPath: string, root: string): string {
  return searchPath
    .split(path.delimiter)
    .filter((folder) => folder !== path.join(root, "node_modules", ".bin"))
    .join(path.delimiter);
}
