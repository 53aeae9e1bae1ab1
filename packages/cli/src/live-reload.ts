import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { updateResource } from "@tenner/engine";
import { watch } from "chokidar";
import { type Builder, createBuilder } from "./build.ts";
import { keepRollouts } from "./keep-rollouts.ts";
import type { StackReference } from "./local-stack.ts";
import type { Project } from "./project.ts";
import type { Terminal } from "./terminal.ts";

/** What a saved file asks for. */
export type Reaction =
  /** The source of one Worker: bundle it and upload it if the bundle differs. */
  | { type: "rebuild"; template: string }
  /** Static assets of one Worker: upload it again. */
  | { type: "upload"; template: string }
  /** What exists may have changed: run the program. */
  | { type: "deploy" }
  /** Of no concern. */
  | { type: "none" };

/**
 * Decides what a saved file asks for.
 *
 * @param file relative to the checkout, with `/`
 */
export function reactTo(
  file: string,
  builders: readonly Pick<Builder, "template" | "sources">[],
  root: string,
): Reaction[] {
  const [top, second, ...rest] = file.split("/");
  if (top === "infra") return /(\.ts|Pulumi\.yaml)$/.test(file) ? [{ type: "deploy" }] : [];
  if (top === "templates" && second !== undefined) {
    if (rest[0] === "wrangler.jsonc" || rest[0] === "migrations") return [{ type: "deploy" }];
    if (rest[0] === "public") return [{ type: "upload", template: second }];
  }
  const absolute = path.join(root, file);
  return builders
    .filter(
      (builder) =>
        builder.sources.has(absolute) || (top === "templates" && second === builder.template && rest[0] === "src"),
    )
    .map((builder) => ({ type: "rebuild", template: builder.template }) as const);
}

export interface LiveReloadOptions {
  readonly project: Project;
  readonly stack: StackReference;
  readonly terminal: Terminal;
  /** The deployed templates. */
  readonly templates: readonly string[];
  /** Runs the whole program, when more than a Worker's code changed. */
  readonly deploy: () => Promise<void>;
}

/** Watches the templates; a saved change is live about a second later. Only the Worker it belongs to is deployed. */
export async function startLiveReload(options: LiveReloadOptions): Promise<{ close(): Promise<void> }> {
  const { project, terminal } = options;
  const builders = await Promise.all(options.templates.map((template) => createBuilder(project, template)));
  await Promise.all(builders.map((builder) => builder.build()));
  const watcher = watch(
    ["templates", "packages/worker-kit/src", "infra"].map((folder) => path.join(project.root, folder)),
    {
      ignoreInitial: true,
      ignored: (file) => /[\\/](node_modules|dist|test|\.wrangler|\.git)([\\/]|$)|\.(tmp|tsbuildinfo)$/.test(file),
    },
  );
  const pending = new Map<string, Reaction>();
  let timer: NodeJS.Timeout | undefined;
  let work = Promise.resolve();

  watcher.on("all", (_event, file) => {
    const relative = path.relative(project.root, file).split(path.sep).join("/");
    for (const reaction of reactTo(relative, builders, project.root)) pending.set(JSON.stringify(reaction), reaction);
    if (pending.size === 0) return;
    // An editor saves in several steps: wait until it is quiet for a moment.
    clearTimeout(timer);
    timer = setTimeout(() => {
      const reactions = [...pending.values()];
      pending.clear();
      work = work.then(() => react(reactions));
    }, 40);
  });
  await new Promise<void>((resolve) => watcher.once("ready", () => resolve()));
  return {
    async close() {
      clearTimeout(timer);
      await watcher.close();
      await work;
      await Promise.all(builders.map((builder) => builder.close()));
    },
  };

  async function react(reactions: readonly Reaction[]): Promise<void> {
    try {
      if (reactions.some(({ type }) => type === "deploy")) return await options.deploy();
      for (const builder of builders) {
        const own = reactions.filter((reaction) => "template" in reaction && reaction.template === builder.template);
        if (own.length > 0)
          await reload(
            builder,
            own.some(({ type }) => type === "upload"),
          );
      }
    } catch (error) {
      terminal.fail(error instanceof Error ? error.message : String(error));
      terminal.line("  The version before it goes on running.");
    }
  }

  async function reload(builder: Builder, assetsChanged: boolean): Promise<void> {
    const start = performance.now();
    const built = await builder.build();
    if (!built.changed && !assetsChanged) return;
    const contentSha256 = createHash("sha256")
      .update(await readFile(built.file))
      .digest("hex");
    const result = await updateResource({
      ...options.stack,
      ...keepRollouts({}, "run tenner up --despite-rollout"),
      urn: { type: "cloudflare:index/workersScript:WorkersScript", name: builder.template },
      change: (inputs) => ({ ...inputs, contentSha256 }),
    });
    if (result.outcome !== "succeeded") {
      throw new Error(result.diagnostics.map(({ message }) => message).join("\n") || "the upload failed");
    }
    terminal.done(`${builder.template} is live`, performance.now() - start);
  }
}
