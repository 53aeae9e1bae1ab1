import { createDisplay, type EngineEvent, type UpdateResult, up } from "@tenner/engine";
import { buildAll } from "./build.ts";
import type { StackReference } from "./local-stack.ts";
import { type Project, templateNames } from "./project.ts";
import type { Terminal } from "./terminal.ts";

/** How long a second `up` waits for the first, in ms. */
export const LOCK_PATIENCE = 60_000;

/** Builds every template and runs the Pulumi program against the stack's cloud. */
export async function deploy(
  project: Project,
  stack: StackReference,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<UpdateResult> {
  await buildTemplates(project, terminal);
  return up({ ...stack, signal, waitForLock: LOCK_PATIENCE, onEvent: displayOn(terminal) });
}

/** Builds every template, a line each. */
export async function buildTemplates(project: Project, terminal: Terminal): Promise<void> {
  for (const built of await buildAll(project, templateNames(project))) {
    terminal.done(`${built.template} built, ${Math.round(built.size / 1024)} KiB`, built.durationMs);
  }
}

/** Shows an operation of the engine as it goes on. */
export function displayOn({ stream, color }: Terminal): (event: EngineEvent) => void {
  return createDisplay({ stream, color, columns: stream.columns ?? 100 });
}
