import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import * as z from "zod";
import { isNodeError } from "./durable-file.ts";

const ProjectFile = z.looseObject({
  name: z.string(),
  main: z.string().optional(),
  runtime: z.union([
    z.string(),
    z.looseObject({
      name: z.string(),
      options: z.looseObject({ typescript: z.boolean().optional(), nodeargs: z.string().optional() }).nullish(),
    }),
  ]),
  config: z.record(z.string(), z.unknown()).nullish(),
});

/** What `Pulumi.yaml` says. */
export interface Project {
  readonly name: string;
  /** Absolute. */
  readonly directory: string;
  /** The program, relative to the directory. */
  readonly main: string;
  /** Whether the SDK's own TypeScript loader is asked for; Node strips types itself. */
  readonly typescript: boolean;
  readonly nodeArguments: readonly string[];
  /** The project's own values for configuration keys, which a stack may override. */
  readonly config: Record<string, unknown>;
}

/**
 * Reads `Pulumi.yaml` in a folder.
 * @throws with the path when it is missing or not a Node project
 */
export async function readProject(directory: string): Promise<Project> {
  const path = join(resolve(directory), "Pulumi.yaml");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (isNodeError(cause) && cause.code === "ENOENT") throw new Error(`there is no ${path}`, { cause });
    throw cause;
  }
  const parsed = ProjectFile.safeParse(parse(text));
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
  const { name, main, runtime, config } = parsed.data;
  const runtimeName = typeof runtime === "string" ? runtime : runtime.name;
  if (runtimeName !== "nodejs") throw new Error(`${path}: runtime "${runtimeName}" is not supported, only "nodejs"`);
  const options = typeof runtime === "string" ? undefined : runtime.options;
  return {
    name,
    directory: resolve(directory),
    main: main ?? ".",
    typescript: options?.typescript === true,
    nodeArguments: options?.nodeargs?.split(/\s+/).filter(Boolean) ?? [],
    config: config ?? {},
  };
}
