import { readFileSync } from "node:fs";
import path from "node:path";
import { type Outputs, runInProject } from "@tenner/cli/testing";
import type { CalledTemplate } from "./callers.ts";
import { LoadUsageError } from "./load-options.ts";
import { MIX } from "./seeds-mix.ts";

/**
 * The stack of this checkout that runs now, or of the one that `TENNER_HOME` and `TENNER_INFRA` name.
 *
 * @throws LoadUsageError when nothing runs, or nothing is deployed
 */
export async function findRunningStack(): Promise<{ templates: Record<string, CalledTemplate>; pid: number }> {
  const printed = await runInProject("outputs", "--running", "--json");
  if (printed.code !== 0) throw new LoadUsageError(`--running: ${printed.stderr.replace(/^\s*✘?\s*/, "").trim()}`);
  const { templates } = JSON.parse(printed.stdout) as Outputs;
  if (!MIX.some(({ template }) => template in templates)) {
    throw new LoadUsageError("--running: the local cloud runs, and nothing is deployed there. Deploy it: npm start");
  }
  const home = path.resolve(import.meta.dirname, "../..", process.env["TENNER_HOME"] ?? ".tenner");
  const { pid } = JSON.parse(readFileSync(path.join(home, "running.json"), "utf8")) as { pid: number };
  return { templates, pid };
}
