import { isLocalStack, prepareLocalStack } from "./local-stack.ts";
import { parsePort } from "./port.ts";
import type { Project } from "./project.ts";
import { findRunning } from "./running.ts";
import type { Terminal } from "./terminal.ts";

/** Does `work` while the cloud of a local stack runs: the one that runs already, or one of its own for the time being. */
export async function withCloud<Result>(
  project: Project,
  stack: string,
  terminal: Terminal,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!(await isLocalStack(project, stack))) return work();
  const running = await findRunning(project);
  if (running) {
    await prepareLocalStack(project, stack, running.cloud);
    return work();
  }
  // Loading the cloud takes half a second, and most of the time one runs already.
  const { startCloud } = await import("./cloud-session.ts");
  const session = await startCloud(project, stack, { port: parsePort(undefined) });
  terminal.done(`local cloud on ${session.cloud.url}, for this command only (npm start keeps it running)`);
  try {
    await prepareLocalStack(project, stack, session.running.cloud);
    return await work();
  } finally {
    await session.close();
  }
}
