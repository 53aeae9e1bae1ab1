import { Miniflare, type MiniflareOptions } from "miniflare";

/**
 * A Miniflare whose process is ended by its owner. Miniflare's own handlers of SIGINT and SIGTERM end the whole process
 * at once; the owner drains requests first, so they are taken off again. What ends workerd when the process exits stays.
 */
export function createInstance(options: MiniflareOptions): Miniflare {
  const before = new Map(SIGNALS.map((signal) => [signal, new Set(process.listeners(signal))]));
  const instance = new Miniflare(options);
  for (const [signal, known] of before) {
    for (const listener of process.listeners(signal)) {
      if (!known.has(listener)) process.removeListener(signal, listener);
    }
  }
  return instance;
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
