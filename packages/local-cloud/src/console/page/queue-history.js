/** How far back the page remembers, ms. */
const SPAN = 600_000;
/** Two samples within this many ms count as one. */
const PACE = 1000;
/** Figures per second are of this many ms. */
const RATE_SPAN = 12_000;

/**
 * What the page saw of a queue at one moment. `at` is ms by a clock that only goes forward; the others are messages, all
 * but the depth since the queue was made.
 * @typedef {{ at: number, depth: number, sent: number, acknowledged: number }} Sample
 */

/**
 * The samples with one more. What is too old falls out; a queue that was emptied and counted anew begins anew.
 * @param {readonly Sample[]} samples oldest first
 * @param {Sample} sample
 * @returns {Sample[]}
 */
export function remember(samples, sample) {
  const last = samples.at(-1);
  if (last && (sample.sent < last.sent || sample.acknowledged < last.acknowledged)) return [sample];
  const kept = samples.filter(({ at }) => sample.at - at <= SPAN);
  const [before, newest] = kept.slice(-2);
  if (before && newest && newest.at - before.at < PACE) kept.pop();
  return [...kept, sample];
}

/**
 * Messages per second that came and that were acknowledged lately. Undefined until two samples are far enough apart.
 * @param {readonly Sample[]} samples
 * @returns {{ sent: number, acknowledged: number } | undefined}
 */
export function rates(samples) {
  const last = samples.at(-1);
  const first = samples.find(({ at }) => last && last.at - at <= RATE_SPAN);
  if (!last || !first || last.at - first.at < PACE) return undefined;
  const perSecond = (/** @type {"sent" | "acknowledged"} */ name) =>
    ((last[name] - first[name]) * 1000) / (last.at - first.at);
  return { sent: perSecond("sent"), acknowledged: perSecond("acknowledged") };
}

/**
 * A rate as people read it.
 * @param {number} perSecond `0`, `0.3`, `12`, `1,200`
 */
export function rateText(perSecond) {
  if (perSecond > 0 && perSecond < 0.05) return "<0.1";
  return perSecond < 9.95 ? String(Number(perSecond.toFixed(1))) : Math.round(perSecond).toLocaleString("en");
}

/**
 * The line of a queue's depth: where it is in a picture, from the left to the right edge in time, 0 at the bottom.
 * @param {readonly Sample[]} samples
 * @param {{ now: number, width: number, height: number }} picture
 * @returns {{ line: string, area: string, highest: number, span: number } | undefined} path data, the most messages, and
 * how many ms the picture covers (a minute at least). Undefined without samples.
 */
export function depthLine(samples, { now, width, height }) {
  const [first] = samples;
  if (!first) return undefined;
  const span = Math.min(SPAN, Math.max(60_000, now - first.at));
  const highest = Math.max(...samples.map(({ depth }) => depth));
  const x = (/** @type {number} */ at) => round(width * Math.max(0, 1 - (now - at) / span));
  const y = (/** @type {number} */ depth) => round(height * (1 - depth / Math.max(1, highest)));
  // Between two looks a depth is taken to stay: a slope would tell of messages that nobody has seen.
  const steps = samples.map(({ at, depth }, index) =>
    index === 0 ? `M${x(at)} ${y(depth)}` : `H${x(at)} V${y(depth)}`,
  );
  const line = `${steps.join(" ")} H${width}`;
  return { line, area: `${line} V${height} H${x(first.at)} Z`, highest, span };
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
