/** Who watches a body on its way. */
export interface BodyWatcher {
  /** The sender is waited for, from now on or not any more. */
  waits(forSender: boolean): void;
  /** It is longer than it may be: who reads it has to be ended. */
  exceeded(): void;
}

/** A body that passes through until it is longer than it may be. What its headers say of its length is not believed. */
export function limitedBody(
  body: ReadableStream<Uint8Array>,
  most: number,
  watcher: BodyWatcher,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let size = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        watcher.waits(true);
        const part = await reader.read();
        watcher.waits(false);
        if (part.done) return controller.close();
        size += part.value.byteLength;
        if (size <= most) return controller.enqueue(part.value);
        watcher.exceeded();
        await reader.cancel();
        // Neither its end nor an error: the first would be half a body, the second nobody waits for.
        return new Promise<never>(() => {});
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** A body that breaks off when nothing has come of it for so long: its reader would wait for ever. */
export function watchedBody(body: ReadableStream<Uint8Array>, idleMs: number): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { promise: silence, reject } = Promise.withResolvers<never>();
        const timer = setTimeout(() => reject(new Error(`nothing came for ${idleMs} ms`)), idleMs);
        try {
          const part = await Promise.race([reader.read(), silence]);
          if (part.done) controller.close();
          else controller.enqueue(part.value);
        } catch (error) {
          controller.error(error);
          await reader.cancel(error).catch(() => {});
        } finally {
          clearTimeout(timer);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
