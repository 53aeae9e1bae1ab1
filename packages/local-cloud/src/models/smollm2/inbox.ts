/** Nothing came in time. */
export class SilenceError extends Error {
  override readonly name = "SilenceError";
}

/** Messages in the order of arrival, for one reader. */
export interface Inbox<Message> {
  put(message: Message): void;
  /** Ends the inbox: whoever reads on gets this error, after what has arrived before. */
  fail(error: Error): void;
  /**
   * The next message.
   *
   * @param patience ms
   * @throws {SilenceError} when nothing comes in that time
   * @throws the signal's reason when it aborts; no message is lost by that
   */
  next(patience: number, signal?: AbortSignal): Promise<Message>;
}

/** An empty inbox. */
export function createInbox<Message>(): Inbox<Message> {
  const messages: Message[] = [];
  let failure: Error | undefined;
  let wake: (() => void) | undefined;

  return {
    put(message) {
      messages.push(message);
      wake?.();
    },
    fail(error) {
      failure ??= error;
      wake?.();
    },
    async next(patience, signal) {
      signal?.throwIfAborted();
      if (messages.length === 0 && !failure) await arrival(patience, signal);
      signal?.throwIfAborted();
      const message = messages.shift();
      if (message !== undefined) return message;
      throw failure ?? new SilenceError(`nothing came for ${patience / 1000} s`);
    },
  };

  /** Until something comes, or the time is up, or the reader gives up. */
  async function arrival(patience: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, patience);
    const give = () => resolve();
    signal?.addEventListener("abort", give, { once: true });
    wake = resolve;
    await promise;
    wake = undefined;
    clearTimeout(timer);
    signal?.removeEventListener("abort", give);
  }
}
