import type { Deployment } from "./deployment.ts";
import type { UpdateResult } from "./events.ts";
import type { Monitor } from "./monitor.ts";
import { ALREADY_REPORTED, type Program, startProgram } from "./program.ts";
import { refreshAll } from "./refresh-step.ts";
import { openDeployment, type Session, type StackOptions, withSession } from "./session.ts";

export interface UpOptions extends StackOptions {
  /** URNs, with `*` and `**` for any part. Empty means everything. */
  readonly target?: readonly string[];
  /** Read everything from the API first. */
  readonly refresh?: boolean;
  /** Say what would be done, and do nothing. */
  readonly preview?: boolean;
}

/** Runs the program and brings the stack to what it says. */
export async function up(options: UpOptions): Promise<UpdateResult> {
  const preview = options.preview === true;
  // gRPC takes a while to load; the key is derived meanwhile, and nothing else needs it.
  const monitor = import("./monitor.ts");
  monitor.catch(() => {});
  return withSession(options, { operation: preview ? "preview" : "up", preview }, (session) =>
    runProgram(options, session, monitor),
  );
}

/** Runs the program and says what `up` would do. */
export function preview(options: Omit<UpOptions, "preview">): Promise<UpdateResult> {
  return up({ ...options, preview: true });
}

/** Runs the program against a session. @param loading the monitor's module, which takes a while */
export async function runProgram(
  options: UpOptions,
  session: Session,
  loading: Promise<typeof import("./monitor.ts")>,
): Promise<void> {
  const { reporter } = session;
  const deployment = prepare(options, session);
  deployment.catch(() => {});
  const { serveMonitor } = await loading;
  const monitor = await serveMonitor({
    stack: session.stack,
    deployment,
    readStack: session.readStack,
    onLog: (severity, message, urn) => reporter.diagnostic(severity, message.trimEnd(), urn),
  });
  let program: Program | undefined;
  try {
    program = startProgram({
      project: session.project,
      stack: session.stack.stack,
      address: monitor.address,
      configuration: session.configuration,
      environment: session.environment,
      cacheDirectory: session.cacheDirectory,
      preview: options.preview === true,
      parallel: session.parallel,
      onOutput: (stream, line) => reporter.output(stream, line),
    });
    const ready = await deployment;
    const code = await endOf(program, ready, options.signal);
    await ready.settled();
    if (options.signal?.aborted) return;
    report(session, code, monitor);
    if (!reporter.failed) {
      ready.settleStackOutputs();
      await ready.removeLeftovers();
    }
    if (reporter.failed && !options.preview) await (await session.context).journal.saveIfChanged();
  } finally {
    program?.stop();
    monitor.close();
  }
}

async function prepare(options: UpOptions, session: Session): Promise<Deployment> {
  const context = await session.context;
  if (options.refresh) {
    const { changes } = context.reporter;
    const { same } = changes;
    await refreshAll(context, session.parallel, options.target ?? [], options.signal);
    // What is read and is well comes again with the program.
    changes.same = same;
  }
  return openDeployment(session, options.target ?? [], options.signal);
}

/** Waits for the program. When the user stops it, the steps that run come to their end first. */
async function endOf(program: Program, deployment: Deployment, signal: AbortSignal | undefined): Promise<number> {
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  const stop = () => {
    deployment.context.reporter.notice("stopping: what is under way comes to its end first");
    void deployment.settled().then(resolve);
  };
  if (signal?.aborted) stop();
  else signal?.addEventListener("abort", stop, { once: true });
  const code = await Promise.race([program.ended, stopped.then(() => 1)]);
  signal?.removeEventListener("abort", stop);
  return code;
}

function report({ reporter }: Session, code: number, monitor: Monitor): void {
  if (code === 0 && monitor.finished()) return;
  if (code === 0) reporter.diagnostic("error", "the program ended before it was done");
  else if (code !== ALREADY_REPORTED || !reporter.failed)
    reporter.diagnostic("error", `the program ended with exit code ${code}`);
}
