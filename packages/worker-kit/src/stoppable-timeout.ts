/** A signal that aborts after a time, unless it is stopped before. */
export interface StoppableTimeout {
  readonly signal: AbortSignal;
  readonly stop: () => void;
}

/**
 * As `AbortSignal.timeout`, for what usually ends long before: a timer that still runs keeps a Durable Object awake, and
 * Cloudflare bills its time.
 *
 * @see https://developers.cloudflare.com/durable-objects/concepts/durable-object-lifecycle/
 */
export function stoppableTimeout(ms: number): StoppableTimeout {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError")),
    ms,
  );
  return { signal: controller.signal, stop: () => clearTimeout(timer) };
}
