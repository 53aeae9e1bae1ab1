/** Lets one in at a time, in the order of arrival, and so many wait. */
export interface TurnQueue {
  /**
   * Waits for its turn.
   *
   * @returns what ends the turn; or `undefined`, at once, when too many wait already
   * @throws the signal's reason when it aborts before the turn comes
   */
  take(signal: AbortSignal): Promise<(() => void) | undefined>;
}

/** @param places how many may wait beside the one whose turn it is */
export function turnQueue(places: number): TurnQueue {
  const waiting: (() => void)[] = [];
  let taken = false;

  function next(): void {
    const first = waiting.shift();
    if (first) first();
    else taken = false;
  }

  return {
    async take(signal) {
      signal.throwIfAborted();
      if (taken) {
        if (waiting.length >= places) return undefined;
        await new Promise<void>((resolve, reject) => {
          const enter = () => {
            signal.removeEventListener("abort", leave);
            resolve();
          };
          const leave = () => {
            waiting.splice(waiting.indexOf(enter), 1);
            reject(signal.reason);
          };
          waiting.push(enter);
          signal.addEventListener("abort", leave, { once: true });
        });
      }
      taken = true;
      return next;
    },
  };
}
