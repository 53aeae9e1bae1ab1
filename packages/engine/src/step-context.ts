import type { PendingOperation, ResourceState } from "./checkpoint.ts";
import { CloudflareApiError, CloudflareConnectionError } from "./cloudflare-client.ts";
import type { Journal } from "./journal.ts";
import type { ProviderHost } from "./providers/provider-host.ts";
import type { ReportedResource, Reporter } from "./reporter.ts";
import { type Urn, urnName } from "./urn.ts";

/** What every step of an operation works with. */
export interface StepContext {
  readonly journal: Journal;
  readonly providers: ProviderHost;
  readonly reporter: Reporter;
  /** Nothing is changed, it is only said what would be. */
  readonly preview: boolean;
  /** Nothing that holds data is deleted: what to do about it, for the error. Left out, losses are only told of. */
  readonly keepData?: string | undefined;
  /** What an earlier run was doing when it was killed. */
  readonly interrupted: readonly PendingOperation[];
}

/** No further step is begun: the user asked to stop. */
export class CancelledError extends Error {
  override readonly name = "CancelledError";
}

export function reported(state: ResourceState): ReportedResource {
  return { urn: state.urn, type: state.type, name: urnName(state.urn), id: state.id };
}

/** What an earlier run was doing with a resource, by kind. */
export function interruptedAt(
  context: StepContext,
  urn: Urn,
  type: PendingOperation["type"],
): readonly PendingOperation[] {
  return context.interrupted.filter((operation) => operation.resource.urn === urn && operation.type === type);
}

type TimedStep = "create" | "update" | "delete" | "read";

/**
 * Runs a call to a provider within the resource's time limit.
 * @throws StepTimeoutError when the limit has passed
 */
export async function withTimeLimit<Result>(
  step: TimedStep,
  timeouts: ResourceState["customTimeouts"],
  call: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const seconds = timeouts?.[step];
  if (seconds === undefined) return call(new AbortController().signal);
  const signal = AbortSignal.timeout(Math.ceil(seconds * 1000));
  try {
    return await call(signal);
  } catch (cause) {
    if (signal.aborted) throw new StepTimeoutError(step, seconds, cause);
    throw cause;
  }
}

/** A resource's own time limit has passed. */
export class StepTimeoutError extends Error {
  override readonly name = "StepTimeoutError";

  constructor(step: TimedStep, seconds: number, cause: unknown) {
    super(`${step} took longer than the ${seconds} s that customTimeouts.${step} allows`, { cause });
  }
}

/** Whether a call that failed may have had its effect all the same. */
export function isUncertain(error: unknown): boolean {
  if (error instanceof StepTimeoutError || error instanceof CloudflareConnectionError) return true;
  return error instanceof CloudflareApiError && (error.status >= 500 || error.retried);
}
