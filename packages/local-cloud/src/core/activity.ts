/** What happens in the cloud, for the terminal and the console. */
export type Activity =
  /** A request that the front door passed to a Worker. `duration` in ms. */
  | {
      type: "request";
      accountId: string;
      script: string;
      method: string;
      path: string;
      status: number;
      duration: number;
    }
  /** A line a Worker wrote, or an exception nobody caught (`level: "exception"`). */
  | { type: "log"; accountId: string; script: string; level: string; message: string }
  /** A resource was made, changed or deleted over the API. */
  | { type: "change"; accountId: string; product: string; action: string; resource: string }
  /** The runtime of an account started, reloaded, stopped or failed. `duration` in ms. */
  | {
      type: "runtime";
      accountId: string;
      state: "started" | "reloaded" | "stopped" | "failed";
      message?: string;
      duration?: number;
    };

/** An activity with its time (cloud clock, ms) and a number that only grows. */
export type RecordedActivity = Activity & { id: number; time: number };

/** Passes activities on to listeners and keeps the newest ones. */
export interface ActivityLog {
  record(activity: Activity): void;
  /** The newest activities, oldest first; with `after`, only those with a greater id. */
  recent(after?: number): RecordedActivity[];
  /** Calls `listener` for each new activity. Answers how to stop that. */
  subscribe(listener: (activity: RecordedActivity) => void): () => void;
}

/** @param capacity how many activities are kept. */
export function createActivityLog(now: () => number, capacity = 1000): ActivityLog {
  const kept: RecordedActivity[] = [];
  const listeners = new Set<(activity: RecordedActivity) => void>();
  let nextId = 1;
  return {
    record(activity) {
      const recorded = { ...activity, id: nextId++, time: now() };
      kept.push(recorded);
      if (kept.length > capacity * 1.25) kept.splice(0, kept.length - capacity);
      for (const listener of listeners) listener(recorded);
    },
    recent: (after = 0) => kept.filter((activity) => activity.id > after).slice(-capacity),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
