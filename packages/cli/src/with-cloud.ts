import { isLocalStack, prepareLocalStack } from "./local-stack.ts";
import { parsePort } from "./port.ts";
import type { Project } from "./project.ts";
import { findRunning, type Running } from "./running.ts";
import type { Terminal } from "./terminal.ts";

/** Does `work` while the cloud of a local stack runs: the one that runs already, or one of its own for the time being. */
export async function withCloud<Result>(
  project: Project,
  stack: string,
  terminal: Terminal,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!(await isLocalStack(project, stack))) return work();
  return withLocalCloud(project, stack, terminal, async (cloud) => {
    await prepareLocalStack(project, stack, cloud);
    return work();
  });
}

/** As `withCloud`, for any number of local stacks, which `work` has to prepare. @param stack named as the cloud's own */
export async function withLocalCloud<Result>(
  project: Project,
  stack: string,
  terminal: Terminal,
  work: (cloud: Running["cloud"]) => Promise<Result>,
): Promise<Result> {
  const running = await findRunning(project);
  if (running) return work(running.cloud);
  // Loading the cloud takes half a second, and most of the time one runs already.
  const { startCloud } = await import("./cloud-session.ts");
  const session = await startCloud(project, stack, { port: parsePort(undefined) });
  terminal.done(`local cloud on ${session.cloud.url}, for this command only (npm start keeps it running)`);
  try {
    return await work(session.running.cloud);
  } finally {
    await session.close();
  }
}
