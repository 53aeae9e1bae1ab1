import { deleteAll } from "./deletions.ts";
import type { UpdateResult } from "./events.ts";
import { referencesOf } from "./journal.ts";
import { removeOrphans } from "./orphans.ts";
import { Semaphore } from "./semaphore.ts";
import { type StackOptions, withSession } from "./session.ts";
import { reportUnmatchedTargets } from "./unmatched-targets.ts";
import { matchesTarget } from "./urn.ts";

/** Deletes everything a stack has, or the targets. The program does not run. */
export async function destroy(
  options: StackOptions & { target?: readonly string[]; preview?: boolean },
): Promise<UpdateResult> {
  const kind = { operation: "destroy", preview: options.preview === true, order: "in place" } as const;
  return withSession(options, kind, async (session) => {
    const context = await session.context;
    const targets = options.target ?? [];
    const isTarget = (urn: string) => targets.length === 0 || targets.some((target) => matchesTarget(urn, target));
    if (targets.length === 0) await removeOrphans(context);
    reportUnmatchedTargets(
      context.reporter,
      targets,
      context.journal.resources.map(({ urn }) => urn),
    );
    const states = context.journal.resources.filter((state) => isTarget(state.urn));
    const going = new Set(states.map((state) => state.urn));
    for (const state of context.journal.resources) {
      if (going.has(state.urn)) continue;
      const needed = [...referencesOf(state)].find((urn) => going.has(urn));
      if (needed)
        context.reporter.diagnostic(
          "error",
          `cannot delete ${needed}: ${state.urn} needs it and is not a target`,
          needed,
        );
    }
    if (!context.reporter.failed) await deleteAll(context, states, new Semaphore(session.parallel), options.signal);
  });
}
