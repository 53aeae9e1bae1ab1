import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ModelInstallError } from "./install-error.ts";

/** The package and the prebuilt binary that this platform needs of it. */
const NEEDED = ["node-llama-cpp/dist/index.js", "@node-llama-cpp/linux-x64/package.json"];

/**
 * Installs `node-llama-cpp` into a folder of its own, in the versions of the lockfile beside this file. Its optional
 * packages (CUDA, Vulkan, other platforms; 650 MB) are left out, and no install script runs.
 *
 * @throws {ModelInstallError} with what npm said
 */
export async function installRuntime(folder: string, signal: AbortSignal, npm = "npm"): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) {
    await copyFile(fileURLToPath(new URL(`./runtime/${file}`, import.meta.url)), join(folder, file));
  }
  const { code, said } = await run(npm, folder, signal);
  signal.throwIfAborted();
  const missing = NEEDED.filter((file) => !existsSync(join(folder, "node_modules", file)));
  if (code === 0 && missing.length === 0) return;
  const reason = said || (code === 0 ? `${missing.join(", ")} is missing afterwards` : `exit code ${code}`);
  throw new ModelInstallError(`npm could not install node-llama-cpp: ${reason}`);
}

function run(npm: string, folder: string, signal: AbortSignal): Promise<{ code: number | null; said: string }> {
  const words = ["install", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  return new Promise((resolve, reject) => {
    const child = spawn(npm, words, { cwd: folder, env: withoutNpmVariables(), stdio: ["ignore", "ignore", "pipe"] });
    // npm's own processes end with it; an aborted fetch leaves nothing that the next run would take for whole.
    const stop = () => child.kill("SIGTERM");
    signal.addEventListener("abort", stop, { once: true });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-2000);
    });
    child.once("error", (cause: NodeJS.ErrnoException) => {
      signal.removeEventListener("abort", stop);
      const missing = `There is no ${npm} on PATH: it comes with Node (https://nodejs.org). Install it and run the command again.`;
      reject(cause.code === "ENOENT" ? new ModelInstallError(missing, { cause }) : cause);
    });
    child.once("close", (code) => {
      signal.removeEventListener("abort", stop);
      resolve({ code, said: said.trim() });
    });
  });
}

/** Started by an npm script, we would hand that script's configuration on to this npm. */
function withoutNpmVariables(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(package|lifecycle|config_(prefix|local_prefix|global))/i.test(name),
    ),
  );
}
