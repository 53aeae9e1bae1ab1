import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { type BuildContext, type BuildFailure, type BuildOptions, context, type Metafile } from "esbuild";
import { parse } from "jsonc-parser";
import * as z from "zod";
import { createViteBuilder, hasViteConfiguration } from "./build-with-vite.ts";
import { builtAlready, recipeOf, sha256 } from "./built-already.ts";
import type { Project } from "./project.ts";
import { UserError } from "./user-error.ts";

/**
 * What wrangler.jsonc says about the bundle, with wrangler's own defaults.
 * @see https://developers.cloudflare.com/workers/wrangler/configuration/
 */
const BundleSettings = z.object({
  main: z.string({ error: "must name the entry file" }),
  minify: z.boolean({ error: "must be true or false" }).default(false),
  keep_names: z.boolean({ error: "must be true or false" }).default(true),
});
type BundleSettings = z.infer<typeof BundleSettings>;

/** One built Worker. */
export interface Built {
  readonly template: string;
  /** The bundle, absolute. */
  readonly file: string;
  /** Bytes of the bundle. */
  readonly size: number;
  /** Whether the bundle is another one than before. */
  readonly changed: boolean;
  readonly durationMs: number;
}

/** Bundles one template's Worker into a single module, again and again. */
export interface Builder {
  readonly template: string;
  /** @throws {UserError} with file, line and text of each mistake in the source. */
  build(): Promise<Built>;
  /** The source files of the last bundle, absolute. */
  readonly sources: ReadonlySet<string>;
  close(): Promise<void>;
}

/**
 * Makes a builder: esbuild turns `main` of wrangler.jsonc into `dist/index.js` (one ES module, source map beside it,
 * minified where wrangler.jsonc says `minify`) and `dist/build.json` with the SHA-256 of each source, by which the Pulumi program knows a stale bundle.
 * A template with a `vite.config.ts` is built by Vite instead, with the same `dist/build.json`.
 */
export async function createBuilder(project: Project, template: string): Promise<Builder> {
  const folder = path.join(project.root, "templates", template);
  if (hasViteConfiguration(folder)) return createViteBuilder(project, template);
  const bundler = await createBundler(folder, await readSettings(folder, template));
  let sources: ReadonlySet<string> = new Set();
  return {
    template,
    get sources() {
      return sources;
    },
    async build() {
      const start = performance.now();
      const result = await rebuild(bundler, template);
      sources = new Set(Object.keys(result.metafile.inputs).map((input) => path.resolve(folder, input)));
      const file = path.join(folder, "dist", "index.js");
      const before = existsSync(file) ? await readFile(file) : undefined;
      let size = 0;
      let changed = false;
      await mkdir(path.dirname(file), { recursive: true });
      for (const output of result.outputFiles) {
        await replaceFile(output.path, output.contents);
        if (output.path !== file) continue;
        size = output.contents.byteLength;
        changed = before === undefined || !before.equals(output.contents);
      }
      await replaceFile(path.join(folder, "dist", "build.json"), await describeBuild(project, folder, result.metafile));
      return { template, file, size, changed, durationMs: performance.now() - start };
    },
    close: () => bundler.dispose(),
  };
}

/** Builds each template once; where nothing of a bundle has changed, it stays. */
export async function buildAll(project: Project, templates: readonly string[]): Promise<Built[]> {
  return Promise.all(templates.map((template) => buildOnce(project, template)));
}

async function buildOnce(project: Project, template: string): Promise<Built> {
  const start = performance.now();
  const bundle = await builtAlready(project.root, path.join(project.root, "templates", template));
  if (bundle) return { template, ...bundle, changed: false, durationMs: performance.now() - start };
  const builder = await createBuilder(project, template);
  try {
    return await builder.build();
  } finally {
    await builder.close();
  }
}

async function readSettings(folder: string, template: string): Promise<BundleSettings> {
  const file = path.join(folder, "wrangler.jsonc");
  const parsed = BundleSettings.safeParse(parse(await readFile(file, "utf8")));
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `"${issue.path.join(".")}" ${issue.message}`);
  throw new UserError(`templates/${template}/wrangler.jsonc: ${wrong.join(", ")}`);
}

/** What esbuild, a Go program, tries to keep below. Without a limit it holds on to three times as much for as long as it watches. */
const BUNDLER_MEMORY = "96MiB";

function createBundler(folder: string, settings: BundleSettings): Promise<BuildContext<Options>> {
  // esbuild's process takes this process's environment.
  process.env["GOMEMLIMIT"] ??= BUNDLER_MEMORY;
  return context({
    ...OPTIONS,
    minify: settings.minify,
    // Names that minifying took away are put back: stack traces in logs show them.
    keepNames: settings.minify && settings.keep_names,
    absWorkingDir: folder,
    entryPoints: { index: settings.main },
    outdir: "dist",
  });
}

/** What is built is handed over, with the list of its sources, rather than written. */
type Options = BuildOptions & { metafile: true; write: false };

const OPTIONS: Options = {
  bundle: true,
  format: "esm",
  target: "es2024",
  platform: "browser",
  conditions: ["workerd", "worker", "browser"],
  external: ["cloudflare:*", "node:*"],
  loader: { ".css": "text", ".html": "text", ".sql": "text" },
  sourcemap: "linked",
  sourcesContent: true,
  metafile: true,
  write: false,
  logLevel: "silent",
  legalComments: "none",
};

async function rebuild(bundler: BuildContext<Options>, template: string) {
  try {
    return await bundler.rebuild();
  } catch (error) {
    const failures = (error as Partial<BuildFailure>).errors ?? [];
    if (failures.length === 0) throw error;
    const lines = failures.map(({ location, text }) =>
      location
        ? `  templates/${template}/${location.file}:${location.line}:${location.column + 1}  ${text}`
        : `  ${text}`,
    );
    throw new UserError(`templates/${template} does not build:\n${lines.join("\n")}`, { cause: error });
  }
}

async function describeBuild({ root }: Project, folder: string, metafile: Metafile): Promise<string> {
  const inputs: Record<string, string> = {};
  for (const input of Object.keys(metafile.inputs).sort()) {
    if (!input.includes("node_modules")) inputs[input] = sha256(await readFile(path.resolve(folder, input)));
  }
  return `${JSON.stringify({ main: "index.js", recipe: await recipeOf(root, folder), inputs }, null, 2)}\n`;
}

/** Other processes read the bundle while it is rebuilt: they see the old one or the new one, never half of it. */
async function replaceFile(file: string, contents: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, contents);
  await rename(temporary, file);
}
