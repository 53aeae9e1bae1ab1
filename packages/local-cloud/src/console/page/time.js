const day = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
const second = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** The cloud's clock as last heard: its lead over this browser's, and how far it was moved. In ms. */
let lead = 0;

/** @param {number} now the cloud's time */
export function hearClock(now) {
  lead = now - Date.now();
}

/** The cloud's time, ms. */
export function cloudNow() {
  return Date.now() + lead;
}

/** @param {number} ms `20 Nov, 14:03:22` */
export function dateTime(ms) {
  return `${day.format(ms)}, ${second.format(ms)}`;
}

/**
 * A row's time, with the day when it is not the cloud's today.
 * @param {number} ms
 * @returns {[time: string, milliseconds: string]} `14:03:22` and `.081`
 */
export function rowTime(ms) {
  const time = second.format(ms);
  const isToday = new Date(ms).toDateString() === new Date(cloudNow()).toDateString();
  return [isToday ? time : `${day.format(ms)} ${time}`, `.${String(Math.floor(ms) % 1000).padStart(3, "0")}`];
}

/** @param {string} time RFC 3339. Answers `2 minutes ago`. */
export function ago(time) {
  const seconds = (new Date(time).getTime() - cloudNow()) / 1000;
  if (Number.isNaN(seconds)) return "";
  if (seconds > -45) return "just now";
  for (const [unit, size] of /** @type {const} */ ([
    ["minute", 60],
    ["hour", 3600],
    ["day", 86_400],
  ])) {
    const amount = Math.round(seconds / size);
    if (Math.abs(amount) < (unit === "minute" ? 60 : unit === "hour" ? 24 : 30) || unit === "day")
      return relative.format(amount, unit);
  }
  return "";
}

/** @param {number} ms `+1 d 6 h` */
export function lengthOf(ms) {
  const parts = [];
  let rest = Math.round(ms / 1000);
  for (const [unit, size] of /** @type {const} */ ([
    ["d", 86_400],
    ["h", 3600],
    ["min", 60],
    ["s", 1],
  ])) {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0 && parts.length < 2) parts.push(`${amount} ${unit}`);
  }
  return parts.join(" ") || "0 s";
}

/** @param {number} ms `8 ms`, `1.24 s` */
export function duration(ms) {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}
