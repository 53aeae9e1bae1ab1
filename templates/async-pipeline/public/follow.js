import { ApiProblem, call, watch } from "./api.js";

const LOOK_EVERY_MS = 2_000;
const QUIET_MS = 5_000;

/** Whether nothing more happens to a batch unless it is sent round again. */
export const hasEnded = ({ status }) => status === "done" || status === "cancelled" || status === "failed";

/**
 * Calls `onState` with a batch whenever it has changed, until it has ended: from its events, and by asking for it where
 * events do not come through. `onReach` is told when nobody answers, and when somebody does again. Rejects with an
 * ApiProblem when it cannot go on.
 */
export async function follow(key, batch, { onState, onReach }, signal) {
  const address = `/v1/batches/${batch.id}`;
  const stop = new AbortController();
  signal.addEventListener("abort", () => stop.abort());
  let { version } = batch;
  let heardAt = Date.now();
  let isReached = true;
  const reach = (now) => {
    if (isReached !== now && !signal.aborted) onReach(now);
    isReached = now;
  };
  const take = (state) => {
    heardAt = Date.now();
    reach(true);
    // What was on its way while something newer came is old.
    if (state.version <= version || signal.aborted) return;
    version = state.version;
    onState(state);
    if (hasEnded(state)) stop.abort();
  };

  let streamIsSilent = false;
  const look = async () => {
    if (Date.now() - heardAt < (streamIsSilent ? LOOK_EVERY_MS : QUIET_MS)) return;
    heardAt = Date.now();
    const before = version;
    const state = await call(key, "GET", address).catch((error) => {
      // An answer of whatever kind is one: what it means, the stream finds out.
      if (!(error instanceof ApiProblem)) reach(false);
      return null;
    });
    if (!state) return;
    // There is news that the stream has not told of: from now on it is not waited for.
    streamIsSilent = state.version > before;
    take(state);
  };
  const looks = setInterval(() => void look(), LOOK_EVERY_MS);
  try {
    await watch(key, `${address}/events`, { onState: take, hasEnded }, stop.signal);
  } catch (error) {
    if (!(error instanceof ApiProblem) || !stop.signal.aborted) throw error;
  } finally {
    clearInterval(looks);
  }
}
