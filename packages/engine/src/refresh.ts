import type { UpdateResult } from "./events.ts";
import { refreshAll } from "./refresh-step.ts";
import { type StackOptions, withSession } from "./session.ts";
import { reportUnmatchedTargets } from "./unmatched-targets.ts";

/** Brings the state to what the API says. Nothing is changed there; what is gone there leaves the state. */
export async function refresh(options: StackOptions & { target?: readonly string[] }): Promise<UpdateResult> {
  return withSession(options, { operation: "refresh", preview: false, order: "in place" }, async (session) => {
    const context = await session.context;
    const targets = options.target ?? [];
    reportUnmatchedTargets(
      context.reporter,
      targets,
      context.journal.resources.map(({ urn }) => urn),
    );
    await refreshAll(context, session.parallel, targets, options.signal);
  });
}
