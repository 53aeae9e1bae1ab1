import type { UpdateResult } from "./events.ts";
import { refreshAll } from "./refresh-step.ts";
import { type StackOptions, withSession } from "./session.ts";

/** Brings the state to what the API says. Nothing is changed there; what is gone there leaves the state. */
export async function refresh(options: StackOptions & { target?: readonly string[] }): Promise<UpdateResult> {
  return withSession(options, { operation: "refresh", preview: false, order: "in place" }, async (session) => {
    await refreshAll(await session.context, session.parallel, options.target ?? [], options.signal);
  });
}
