import { createDisplay, type EngineEvent, type UpdateResult, up } from "@tenner/engine";
import { buildAll } from "./build.ts";
import { keepData } from "./keep-data.ts";
import { keepRollouts } from "./keep-rollouts.ts";
import type { StackReference } from "./local-stack.ts";
import type { Project } from "./project.ts";
import { stackTemplates } from "./stack-templates.ts";
import type { Terminal } from "./terminal.ts";

/** How long a second `up` waits for the first, in ms. */
export const LOCK_PATIENCE = 60_000;

/** Builds the stack's templates and runs the Pulumi program against the stack's cloud. */
export async function deploy(
  project: Project,
  stack: StackReference,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<UpdateResult> {
  await buildTemplates(project, await stackTemplates(project, stack.stack), terminal);
  return up({
    ...stack,
    ...keepData({}, "run tenner up --allow-data-loss"),
    ...keepRollouts({}, "run tenner up --despite-rollout"),
    signal,
    waitForLock: LOCK_PATIENCE,
    onEvent: displayOn(terminal),
  });
}

/** Builds templates, a line each. */
export async function buildTemplates(
  project: Project,
  templates: readonly string[],
  terminal: Terminal,
): Promise<void> {
  for (const built of await buildAll(project, templates)) {
    terminal.done(`${built.template} built, ${Math.round(built.size / 1024)} KiB`, built.durationMs);
  }
}

/** Shows an operation of the engine as it goes on. */
export function displayOn({ stream, color }: Terminal): (event: EngineEvent) => void {
  return createDisplay({ stream, color, columns: stream.columns ?? 100 });
}
