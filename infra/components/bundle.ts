import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";

/** What the builder writes beside the bundle: `dist/build.json`. */
const Build = z.object({
  /** The bundle, relative to this file: beside it, or where Vite puts it. */
  main: z.string(),
  /** Every source file, relative to the template's folder, with its SHA-256. */
  inputs: z.record(z.string(), z.string()),
});

/** A Worker's bundle of one module. */
export interface Bundle {
  /** Absolute path. */
  readonly file: string;
  /** The file's own name, e.g. `index.js`. */
  readonly main: string;
  readonly sha256: string;
}

const HOW_TO_BUILD = "run npm run tenner -- build";

/**
 * The built bundle of a template.
 * @param folder of the template
 * @param title how messages call it, e.g. `templates/event-agent`
 * @throws when the bundle is missing, or older than one of its sources
 */
export function readBundle(folder: string, title: string): Bundle {
  const dist = join(folder, "dist");
  if (!existsSync(join(dist, "build.json"))) throw new pulumi.RunError(`${title}: bundle is missing: ${HOW_TO_BUILD}`);
  const build = Build.parse(JSON.parse(readFileSync(join(dist, "build.json"), "utf8")));
  const file = join(dist, build.main);
  if (!existsSync(file)) throw new pulumi.RunError(`${title}: bundle is missing (dist/${build.main}): ${HOW_TO_BUILD}`);
  const changed = Object.entries(build.inputs)
    .filter(([path, hash]) => hashOf(resolve(folder, path)) !== hash)
    .map(([path]) => path);
  if (changed.length > 0) {
    const [first] = changed;
    const others = changed.length > 1 ? ` and ${changed.length - 1} more` : "";
    throw new pulumi.RunError(`${title}: bundle is stale (${first}${others} changed): ${HOW_TO_BUILD}`);
  }
  return { file, main: basename(build.main), sha256: hashOf(file) ?? "" };
}

function hashOf(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
