import { createDisplay, type UpdateResult, up } from "@tenner/engine";
import { buildAll } from "./build.ts";
import type { StackReference } from "./local-stack.ts";
import { type Project, templateNames } from "./project.ts";
import type { Terminal } from "./terminal.ts";

export interface DeployOptions {
  readonly preview?: boolean;
  readonly refresh?: boolean;
  readonly target?: string[];
  readonly signal?: AbortSignal;
}

/** Builds every template and runs the Pulumi program against the stack's cloud. */
export async function deploy(
  project: Project,
  stack: StackReference,
  terminal: Terminal,
  options: DeployOptions = {},
): Promise<UpdateResult> {
  for (const built of await buildAll(project, templateNames(project))) {
    terminal.done(`${built.template} built, ${Math.round(built.size / 1024)} KiB`, built.durationMs);
  }
  return up({
    ...stack,
    ...options,
    waitForLock: LOCK_PATIENCE,
    onEvent: createDisplay({ stream: terminal.stream, color: terminal.color, columns: terminal.stream.columns ?? 100 }),
  });
}

/** How long a second `up` waits for the first, in ms. */
export const LOCK_PATIENCE = 60_000;
