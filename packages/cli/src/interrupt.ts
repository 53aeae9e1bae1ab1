/** Ctrl-C and its kin, once for the whole command: the first asks to end, the second ends at once. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** Resolves at the first signal. */
  readonly requested: Promise<void>;
  stopListening(): void;
}

/** @param onSecond called when the user is out of patience; the process ends right after. */
export function listenForInterrupt(onSecond?: () => void): Interrupt {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  // npm and the terminal may both deliver the same Ctrl-C: what comes within half a second is one.
  let first = 0;
  const handle = () => {
    if (first === 0) {
      first = Date.now();
      controller.abort(new Error("interrupted"));
      resolve();
    } else if (Date.now() - first > 500) {
      onSecond?.();
      process.exit(130);
    }
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, handle);
  return {
    signal: controller.signal,
    requested: promise,
    stopListening() {
      for (const signal of signals) process.removeListener(signal, handle);
    },
  };
}
