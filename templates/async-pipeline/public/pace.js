const WINDOW_MS = 30_000;
const LEAST_MS = 2_500;

/** How fast a batch's items end, from what was seen of it in the last half minute. */
export class Pace {
  #samples = [];

  /** @param at ms, when the batch was so */
  add(batch, at) {
    const { done, dead, cancelled } = batch.counts;
    const ended = done + dead + cancelled;
    const last = this.#samples.at(-1);
    // Sent round again, or it stood still: what was before says nothing about what comes.
    if (batch.status !== "running" || (last && ended < last.ended)) this.#samples = [];
    else if (this.#samples.length === 0) this.#begin(batch, ended, at);
    if (batch.status === "running") this.#samples.push({ at, ended });
    while (this.#samples.length > 2 && this.#samples[1].at < at - WINDOW_MS) this.#samples.shift();
  }

  /** Items a minute; null while there is too little to say. */
  perMinute(now) {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || now - first.at < LEAST_MS || last.ended === first.ended) return null;
    return ((last.ended - first.ended) / (now - first.at)) * 60_000;
  }

  /** A page that is opened later begins with the whole time so far, if the batch runs for the first time. */
  #begin(batch, ended, at) {
    const startedAt = batch.started_at === null ? at : Date.parse(batch.started_at);
    if (batch.run === 1 && ended > 0 && startedAt < at) this.#samples.push({ at: startedAt, ended: 0 });
  }
}
