/** How a stream ended. `left`: its reader went away before the end. */
export interface StreamEnd {
  readonly outcome: "complete" | "broken" | "left";
  /** What passed, from its beginning: all of it, or `limit` bytes and more. */
  readonly chunks: readonly Uint8Array[];
  /** Whether `chunks` is all that passed. */
  readonly whole: boolean;
}

/**
 * The same stream, each chunk passed on as it comes. `ended` is called once; the end itself is passed on when its
 * promise is kept.
 *
 * @param limit bytes that are collected at most.
 */
export function tapStream(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  ended: (end: StreamEnd) => Promise<void> | void,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let whole = true;
  let over = false;
  const end = async (outcome: StreamEnd["outcome"]) => {
    if (over) return;
    over = true;
    await ended({ outcome, chunks, whole });
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (over) return;
          if (done) {
            await end("complete");
            controller.close();
            return;
          }
          if (size <= limit) chunks.push(value);
          else whole = false;
          size += value.byteLength;
          controller.enqueue(value);
        } catch (error) {
          await end("broken");
          controller.error(error);
        }
      },
      async cancel(reason) {
        // The model counts what it has answered when its reader leaves, so the end is told after that.
        const told = reader.cancel(reason).catch(() => undefined);
        const outcome = over ? undefined : "left";
        if (outcome === undefined) return;
        over = true;
        await told;
        await ended({ outcome, chunks, whole });
      },
    },
    { highWaterMark: 0 },
  );
}
