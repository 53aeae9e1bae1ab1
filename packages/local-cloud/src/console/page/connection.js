/** The session is over: a new link is needed. */
export class SignedOut extends Error {}

/**
 * Calls `/_local`. Throws with the cloud's own message when it refuses.
 * @param {string} path
 * @param {{ method?: string, body?: unknown }} [options]
 */
export async function call(path, { method = "GET", body } = {}) {
  const answer = await fetch(`/_local${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  if (answer.status === 401) throw new SignedOut();
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(json.errors?.[0]?.message ?? json.error ?? `the cloud answered ${answer.status}`);
  return json;
}

/**
 * Follows the cloud's events, and comes back by itself where it was cut off.
 * @param {{
 *   hello(event: { run: string, resumed: boolean }): void,
 *   activity(activities: any[]): void,
 *   state(state: { now: number, offset: number, faults: any[] }): void,
 *   status(state: "live" | "lost" | "signed-out"): void,
 * }} listener
 */
export function follow(listener) {
  let position = "";
  let wait = 500;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let silence;

  const connect = () => {
    const source = new EventSource(`/_local/events${position && `?after=${encodeURIComponent(position)}`}`);
    const lost = async () => {
      source.close();
      clearTimeout(silence);
      // Only an answer tells "signed out" from "gone": the event source itself does not say why it failed.
      const signedOut = await call("/clock").then(
        () => false,
        (error) => error instanceof SignedOut,
      );
      listener.status(signedOut ? "signed-out" : "lost");
      setTimeout(connect, signedOut ? 5000 : wait);
      wait = Math.min(wait * 1.6, 5000);
    };
    // The cloud gives a sign of life every five seconds.
    const alive = () => {
      clearTimeout(silence);
      silence = setTimeout(() => void lost(), 17_000);
    };
    source.onerror = lost;
    source.onopen = alive;
    source.addEventListener("hello", ({ data }) => {
      wait = 500;
      alive();
      listener.hello(JSON.parse(data));
      listener.status("live");
    });
    source.addEventListener("activity", ({ data, lastEventId }) => {
      position = lastEventId;
      alive();
      listener.activity(JSON.parse(data));
    });
    source.addEventListener("state", ({ data }) => {
      alive();
      listener.state(JSON.parse(data));
    });
  };
  connect();
}
