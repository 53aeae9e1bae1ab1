import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** A cron that fires. */
export interface ScheduledCall {
  readonly cron: string;
  /** ms since 1970. */
  readonly scheduledTime: number;
}

/**
 * Has the hidden Worker call a `scheduled` handler, and gives its outcome. Miniflare's own way makes this thread wait
 * until the handler has ended, but the handler may need it: for a queue, a model, or only for its log to be read.
 *
 * @param base address of the hidden Worker.
 */
export function callScheduled(base: string, secret: string, script: string, call: ScheduledCall): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { "x-local-secret": secret, "content-type": "application/json" };
    // `fetch` would give up after five minutes without an answer; a cron has fifteen.
    const sent = request(`${base}/scheduled/${encodeURIComponent(script)}`, { agent, method: "POST", headers });
    sent.once("error", reject);
    sent.once("response", (response) => {
      text(response).then((answer) => {
        if (response.statusCode === 200) resolve(answer);
        else reject(new Error(answer));
      }, reject);
    });
    sent.end(JSON.stringify(call));
  });
}
