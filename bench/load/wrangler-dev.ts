import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

/** A template under `wrangler dev --local`. */
export interface WranglerDev {
  readonly url: string;
  /** What it and the Worker have printed so far. */
  readonly printed: () => string;
  end(): Promise<void>;
}

/** What Vite's plugin writes beside the bundle, as far as it is changed here. */
interface BuiltConfig {
  readonly assets: { readonly directory: string };
  readonly d1_databases: readonly { readonly binding: string; readonly migrations_dir: string }[];
  readonly ratelimits: readonly { readonly simple: { readonly limit: number; readonly period: number } }[];
}

/**
 * Runs a template's built bundle under its own wrangler, with databases of its own in a folder.
 *
 * @param kept what is in KV before it starts, by binding and key
 */
export async function startWranglerDev(
  template: string,
  folder: string,
  port: number,
  kept: readonly { readonly binding: string; readonly key: string; readonly value: string }[],
): Promise<WranglerDev> {
  const built = path.join(template, "dist/server");
  const config = JSON.parse(readFileSync(path.join(built, "wrangler.json"), "utf8")) as BuiltConfig; // the plugin's own
  const here = (file: string) => path.resolve(built, file);
  writeFileSync(
    path.join(folder, "wrangler.json"),
    JSON.stringify({
      ...config,
      configPath: undefined,
      userConfigPath: undefined,
      main: here("index.js"),
      assets: { ...config.assets, directory: here(config.assets.directory) },
      d1_databases: config.d1_databases.map((each) => ({ ...each, migrations_dir: here(each.migrations_dir) })),
      // What is measured is not the limits.
      ratelimits: config.ratelimits.map((each) => ({ ...each, simple: { ...each.simple, limit: 1_000_000 } })),
    }),
  );
  writeFileSync(path.join(folder, ".dev.vars"), readFileSync(path.join(template, ".dev.vars.example")));
  const wrangler = createRequire(path.join(template, "package.json"))
    .resolve("wrangler/package.json")
    .replace("package.json", "bin/wrangler.js");
  const options = { cwd: folder, env: { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "1", NO_COLOR: "1" } };
  const run = (...words: string[]) =>
    execFileSync(process.execPath, [wrangler, ...words, "--local", "--persist-to", folder], {
      ...options,
      stdio: "ignore",
    });
  for (const { binding } of config.d1_databases) run("d1", "migrations", "apply", binding);
  for (const { binding, key, value } of kept) run("kv", "key", "put", "--binding", binding, key, value);

  const words = ["dev", "--local", "--persist-to", folder, "--ip", "127.0.0.1", "--port", String(port)];
  const child = spawn(process.execPath, [wrangler, ...words], { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
  }
  const url = `http://127.0.0.1:${port}`;
  try {
    await answers(`${url}/health`, child);
  } catch (error) {
    child.kill();
    throw new Error(`wrangler dev did not start:\n${printed}`, { cause: error });
  }
  return { url, printed: () => printed, end: () => endOf(child) };
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    if ((await fetch(url).catch(() => undefined))?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("no answer in a minute");
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  await ended;
}
