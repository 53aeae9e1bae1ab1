/** A body that passes through until it is longer than it may be. What its headers say of its length is not believed. */
export function limitedBody(
  body: ReadableStream<Uint8Array>,
  most: number,
  exceeded: () => void,
): ReadableStream<Uint8Array> {
  let size = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(part, controller) {
        size += part.byteLength;
        if (size <= most) return controller.enqueue(part);
        exceeded();
        controller.error(new RangeError("the body is too long"));
      },
    }),
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
