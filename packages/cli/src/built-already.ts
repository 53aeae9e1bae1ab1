import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { version as esbuildVersion } from "esbuild";
import * as z from "zod";

/** What `dist/build.json` says of a bundle. */
const Record = z.object({
  main: z.string(),
  /** {@link recipeOf} of that build. */
  recipe: z.string(),
  /** Each source, relative to the template's folder, with its SHA-256. */
  inputs: z.record(z.string(), z.string()),
});

/**
 * The bundle of a template, when another build would make the same: its sources, its configuration, the packages and
 * the bundler are as they were. Imports name whole files here, so that a new file changes nothing before a source does.
 *
 * @param folder of the template
 * @param root of the project
 * @returns the bundle's path and size in bytes
 */
export async function builtAlready(root: string, folder: string): Promise<{ file: string; size: number } | undefined> {
  const text = await readIfThere(path.join(folder, "dist", "build.json"));
  const record = Record.safeParse(text && parseJson(text.toString()));
  if (!record.success || record.data.recipe !== (await recipeOf(root, folder))) return undefined;
  const file = path.join(folder, "dist", record.data.main);
  if (!existsSync(file)) return undefined;
  for (const [input, hash] of Object.entries(record.data.inputs)) {
    const source = await readIfThere(path.resolve(folder, input));
    if (!source || sha256(source) !== hash) return undefined;
  }
  return { file, size: (await stat(file)).size };
}

/** What decides a bundle besides its sources: the installed packages, wrangler.jsonc, esbuild and this package's way of calling it. */
export async function recipeOf(root: string, folder: string): Promise<string> {
  const hash = createHash("sha256").update(esbuildVersion);
  const files = [
    path.join(root, "pnpm-lock.yaml"),
    path.join(folder, "wrangler.jsonc"),
    path.join(import.meta.dirname, "build.ts"),
  ];
  for (const file of files) {
    const content = await readIfThere(file);
    hash.update(`\n${content?.length ?? -1}\n`).update(content ?? "");
  }
  return hash.digest("hex");
}

/** In hexadecimal digits. */
export function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** A file cut short counts as none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  return existsSync(file) ? readFile(file) : undefined;
}
