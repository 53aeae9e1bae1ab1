import { existsSync, readFileSync, statSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { SMOLLM2_WEIGHTS } from "./weights.ts";

/** A model that is whole and can be started. All paths are absolute. */
export interface InstalledModel {
  readonly name: "smollm2";
  readonly folder: string;
  readonly weights: string;
  /** The folder of `node-llama-cpp`. */
  readonly runtime: string;
}

/** Written as the last file of an installation. */
export const Manifest = z.object({ name: z.literal("smollm2"), file: z.string(), bytes: z.int(), sha256: z.string() });
export type Manifest = z.infer<typeof Manifest>;

/** The folder of an installed model, and the one that an installation works in. */
export const modelFolders = (models: string) => ({
  final: join(models, "smollm2"),
  partial: join(models, ".smollm2.partial"),
});

/** What an installed model consists of. */
export const modelFiles = (folder: string, file: string) => ({
  manifest: join(folder, "installed.json"),
  weights: join(folder, file),
  runtime: join(folder, "runtime"),
});

/**
 * SmolLM2 below the folder of models, if all of it is there.
 *
 * @param expected by what the weights are known. @default those of {@link SMOLLM2_WEIGHTS}
 */
export function findSmollm2(
  models: string,
  expected: { sha256: string } = SMOLLM2_WEIGHTS,
): InstalledModel | undefined {
  const folder = modelFolders(models).final;
  const manifest = readManifest(modelFiles(folder, "").manifest);
  if (manifest?.sha256 !== expected.sha256) return undefined;
  const { weights, runtime } = modelFiles(folder, manifest.file);
  const whole =
    statSync(weights, { throwIfNoEntry: false })?.size === manifest.bytes &&
    existsSync(join(runtime, "node_modules/node-llama-cpp/dist/index.js"));
  return whole ? { name: "smollm2", folder, weights, runtime } : undefined;
}

/** Bytes of all files below a folder; 0 when there is none. */
export async function bytesOf(folder: string): Promise<number> {
  if (!existsSync(folder)) return 0;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function readManifest(file: string): Manifest | undefined {
  try {
    return Manifest.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    // None, or cut off: then the model is not installed.
    return undefined;
  }
}
