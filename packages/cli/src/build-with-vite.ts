import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import * as z from "zod";
import type { Builder, Built } from "./build.ts";
import type { Project } from "./project.ts";
import { UserError } from "./user-error.ts";

/** The bundle and its client's files, below `dist`, as Cloudflare's plugin for Vite names them. */
const MAIN = "server/index.js";
const CLIENT = "client";
/** Besides the sources: what decides how they are built. The lockfile, because React and its kin are in the bundle. */
const CONFIGURATION = ["vite.config.ts", "wrangler.jsonc", "package.json", "../../pnpm-lock.yaml"];

const Inputs = z.record(z.string(), z.string());
const SourceMap = z.object({ sources: z.array(z.string()) });

/** Whether a template's Worker is built by Vite: because it has pages that run in the browser, too. */
export function hasViteConfiguration(folder: string): boolean {
  return existsSync(path.join(folder, "vite.config.ts"));
}

/**
 * Makes a builder for a template with a `vite.config.ts`: `vite build` in its folder makes one module
 * (`dist/server/index.js`) and the assets (`dist/client`). A build whose sources are as they were is not repeated: Vite
 * takes seconds.
 */
export function createViteBuilder(project: Project, template: string): Builder {
  const folder = path.join(project.root, "templates", template);
  const dist = path.join(folder, "dist");
  const main = path.join(dist, MAIN);
  let sources: ReadonlySet<string> = new Set();
  let running: AbortController | undefined;

  return {
    template,
    get sources() {
      return sources;
    },
    async build() {
      const start = performance.now();
      const before = await readIfThere(main);
      const known = await readInputs(dist);
      const upToDate = before !== undefined && known !== undefined && (await isCurrent(folder, known));
      if (!upToDate) {
        // Without it the program says that the bundle is missing, should this build fail.
        await rm(path.join(dist, "build.json"), { force: true });
        running = new AbortController();
        await runVite(folder, template, running.signal);
        const inputs = await hashAll(folder, await findInputs(folder));
        await writeFile(path.join(dist, "build.json"), `${JSON.stringify({ main: MAIN, inputs }, null, 2)}\n`);
      }
      const after = await readFile(main);
      sources = new Set((await findInputs(folder)).map((input) => path.resolve(folder, input)));
      return {
        template,
        file: main,
        size: after.byteLength,
        changed: before === undefined || !before.equals(after),
        durationMs: performance.now() - start,
      } satisfies Built;
    },
    async close() {
      running?.abort();
    },
  };
}

/** The sources that the last build was made of, by their hashes; undefined when there is none. */
async function readInputs(dist: string): Promise<Record<string, string> | undefined> {
  const text = await readIfThere(path.join(dist, "build.json"));
  if (text === undefined || !existsSync(path.join(dist, CLIENT))) return undefined;
  const parsed = z.object({ inputs: Inputs }).safeParse(JSON.parse(text.toString()));
  return parsed.success ? parsed.data.inputs : undefined;
}

async function isCurrent(folder: string, known: Record<string, string>): Promise<boolean> {
  const now = await hashAll(folder, await findInputs(folder));
  const names = Object.keys(now);
  return names.length === Object.keys(known).length && names.every((name) => known[name] === now[name]);
}

/** Every file that a build depends on, relative to the folder: its own, and of other packages those the bundle holds. */
async function findInputs(folder: string): Promise<string[]> {
  const own = [
    ...(await filesBelow(folder, "src")),
    ...(await filesBelow(folder, "public")),
    ...existing(folder, CONFIGURATION),
  ];
  const map = await readIfThere(path.join(folder, "dist", `${MAIN}.map`));
  const bundled = map ? SourceMap.parse(JSON.parse(map.toString())).sources : [];
  const others = bundled
    .map((source) => path.relative(folder, path.resolve(path.dirname(path.join(folder, "dist", MAIN)), source)))
    .filter(
      (source) => source.startsWith("..") && !source.includes("node_modules") && existsSync(path.join(folder, source)),
    );
  return [...new Set([...own, ...others].map((file) => file.split(path.sep).join("/")))].sort();
}

function existing(folder: string, files: readonly string[]): string[] {
  return files.filter((file) => existsSync(path.join(folder, file)));
}

async function filesBelow(folder: string, name: string): Promise<string[]> {
  const top = path.join(folder, name);
  if (!existsSync(top)) return [];
  const entries = await readdir(top, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

async function hashAll(folder: string, files: readonly string[]): Promise<Record<string, string>> {
  const hashes = files.map(async (file) => {
    const content = await readFile(path.join(folder, file));
    return [file, createHash("sha256").update(content).digest("hex")] as const;
  });
  return Object.fromEntries(await Promise.all(hashes));
}

/** @throws {UserError} with what Vite said */
async function runVite(folder: string, template: string, signal: AbortSignal): Promise<void> {
  const vite = path.join(folder, "node_modules", "vite", "bin", "vite.js");
  if (!existsSync(vite)) throw new UserError(`templates/${template}: Vite is not installed: run pnpm install`);
  const child = spawn(process.execPath, [vite, "build", "--logLevel", "warn"], {
    cwd: folder,
    // Vite takes NODE_ENV from here, and a test's would put React's development build into the bundle.
    env: { ...process.env, NODE_ENV: "production", NO_COLOR: "1", FORCE_COLOR: "0" },
    stdio: ["ignore", "pipe", "pipe"],
    signal,
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (said += part.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new UserError(`templates/${template} does not build:\n${readableError(said)}`);
}

/** What is wrong and where, without colours, warnings, and the call stack of Vite's own code. */
function readableError(said: string): string {
  const text = stripVTControlCharacters(said);
  const heading = "error during build:";
  const start = text.lastIndexOf(heading);
  const told = start === -1 ? text : text.slice(start + heading.length);
  // All that is wrong comes first; after the stack only the error object's own properties are printed.
  const [wrong = told] = told.split(/\n\s+at .*(?:file:|node:|<anonymous>|:\d+:\d+)/);
  return wrong.trim();
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  return existsSync(file) ? readFile(file) : undefined;
}
