import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { ActivityLog } from "../core/activity.ts";
import type { Clock } from "../core/clock.ts";
import type { Faults } from "../core/faults.ts";

export interface EventOptions {
  activity: ActivityLog;
  clock: Clock;
  faults: Faults;
  /** Names this run of the cloud: activity ids begin again with each. */
  run: string;
  /** Ends all streams when the cloud stops. */
  closing?: AbortSignal;
  /** Milliseconds between signs of life. @default 5000 */
  heartbeat?: number;
}

/** Milliseconds in which activities are gathered into one event, so that a load test does not flood the page. */
const PACE = 100;

/**
 * The live stream: `hello` {run, resumed}, `activity` [RecordedActivity…] (resumed by `Last-Event-ID` or `?after=`,
 * `<run>:<id>`), and `state` {now, offset, faults} at each change and as heartbeat.
 */
export function eventStream(context: Context, options: EventOptions): Response {
  const { activity, clock, faults, run, closing, heartbeat = 5000 } = options;
  context.header("x-accel-buffering", "no");
  return streamSSE(context, async (stream) => {
    const resume = readPosition(context.req.header("last-event-id") ?? context.req.query("after"), run);
    let last = resume ?? 0;
    let wake = () => {};
    const rouse = () => wake();
    const stops = [activity.subscribe(rouse), clock.onMove(rouse)];
    stream.onAbort(rouse);
    closing?.addEventListener("abort", rouse);
    const over = () => stream.aborted || stream.closed || closing?.aborted === true;
    try {
      await stream.writeSSE({
        event: "hello",
        retry: 1000,
        data: JSON.stringify({ run, resumed: resume !== undefined }),
      });
      let shown = "";
      let beatAt = 0;
      while (!over()) {
        // Made before the log is read: what happens while we write is not slept through.
        const timer = { id: undefined as NodeJS.Timeout | undefined };
        const news = new Promise<void>((resolve) => {
          wake = resolve;
          timer.id = setTimeout(resolve, heartbeat);
        });
        const activities = activity.recent(last);
        last = activities.at(-1)?.id ?? last;
        if (activities.length > 0) {
          await stream.writeSSE({ event: "activity", id: `${run}:${last}`, data: JSON.stringify(activities) });
        }
        const state = JSON.stringify([clock.offset, faults.list()]);
        if (state !== shown || performance.now() >= beatAt) {
          shown = state;
          beatAt = performance.now() + heartbeat;
          const data = { now: clock.now(), offset: clock.offset, faults: faults.list() };
          await stream.writeSSE({ event: "state", data: JSON.stringify(data) });
        }
        await news;
        clearTimeout(timer.id);
        if (!over()) await stream.sleep(PACE);
      }
    } finally {
      for (const stop of stops) stop();
      closing?.removeEventListener("abort", rouse);
    }
  });
}

/** The last activity a client saw; undefined for a new client, or one that saw another run's. */
function readPosition(position: string | undefined, run: string): number | undefined {
  const [of, id] = position?.split(":") ?? [];
  return of === run && id !== undefined && /^\d+$/.test(id) ? Number(id) : undefined;
}
