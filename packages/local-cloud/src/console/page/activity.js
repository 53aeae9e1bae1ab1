import { byId, counted, make } from "./dom.js";
import { createFeed } from "./feed.js";
import { readLogLine } from "./log-line.js";
import { duration, rowTime } from "./time.js";

const SEVERITY = { exception: 3, error: 3, fatal: 3, warn: 2, warning: 2 };

/**
 * Requests and logs: two tables, their filters, and the pause button.
 * @param {{ account(): string | undefined, firstUrl(): string | undefined }} context
 */
export function createActivity(context) {
  const filter = { worker: byId("filter-worker"), status: byId("filter-status"), level: byId("filter-level") };
  const announce = createAnnouncer();
  /** What all Workers' names begin with: the stack. Rows leave it out, there the end is what tells. */
  let prefix = "";
  const short = (/** @type {string} */ script) => (script.startsWith(prefix) ? script.slice(prefix.length) : script);
  let paused = false;
  /** @type {any[]} */
  let waiting = [];

  const isInScope = (/** @type {any} */ item) => item.accountId === context.account();
  const isOfWorker = (/** @type {any} */ item) => filter.worker.value === "" || item.script === filter.worker.value;
  const requests = createFeed({
    body: byId("requests"),
    count: byId("requests-count"),
    row: (item) => requestRow(item, short(item.script)),
    isInScope,
    matches: (item) => isOfWorker(item) && statusFits(item.status, filter.status.value),
    showEmpty: (state) => {
      const url = context.firstUrl();
      const hint = url
        ? ["No requests yet. Open a Worker above, or try ", make("code", {}, `curl ${url}`)]
        : ["No requests yet. They appear here once a Worker is deployed."];
      showEmpty("requests-empty", state, hint);
    },
  });
  const logs = createFeed({
    body: byId("logs"),
    count: byId("logs-count"),
    row: (item) => logRow(item, short(item.script)),
    isInScope,
    matches: (item) => isOfWorker(item) && levelFits(item, filter.level.value),
    showEmpty: (state) =>
      showEmpty("logs-empty", state, [
        "No log lines yet. What a Worker writes with ",
        make("code", {}, "console.log"),
        " or throws appears here.",
      ]),
  });

  const show = (/** @type {any[]} */ activities) => {
    requests.add(activities.filter((item) => item.type === "request"));
    logs.add(activities.filter((item) => item.type !== "request").map(describe));
    announce(activities);
  };
  const redraw = () => {
    requests.redraw();
    logs.redraw();
  };
  const pause = byId("pause");
  const showPause = () => {
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? `Resume${waiting.length > 0 ? ` (${waiting.length} new)` : ""}` : "Pause";
  };
  const resetFilters = () => {
    for (const select of Object.values(filter)) select.value = "";
    redraw();
  };

  for (const select of Object.values(filter)) select.addEventListener("change", redraw);
  for (const id of ["requests-empty", "logs-empty"]) {
    byId(id).addEventListener("click", (/** @type {Event} */ event) => {
      if (event.target instanceof HTMLButtonElement) resetFilters();
    });
  }
  pause.addEventListener("click", () => {
    paused = !paused;
    if (!paused) show(waiting.splice(0));
    showPause();
  });
  byId("clear").addEventListener("click", () => {
    waiting = [];
    requests.clear();
    logs.clear();
    showPause();
  });
  redraw();

  return {
    /** @param {any[]} activities oldest first */
    add(activities) {
      if (!paused) return show(activities);
      waiting = [...waiting, ...activities].slice(-1000);
      showPause();
    },
    clear() {
      waiting = [];
      requests.clear();
      logs.clear();
    },
    redraw,
    /** @param {string[]} scripts the Workers one can filter by */
    offerWorkers(scripts) {
      const wanted = filter.worker.value;
      prefix = commonPrefix(scripts);
      filter.worker.replaceChildren(
        make("option", { value: "" }, "All Workers"),
        ...scripts.map((script) => make("option", { value: script }, script)),
      );
      filter.worker.value = scripts.includes(wanted) ? wanted : "";
    },
  };
}

/** @param {any} item @param {string} script the Worker's short name */
function requestRow(item, script) {
  const kind = item.status >= 500 ? "bad" : item.status >= 400 ? "warn" : "";
  return make(
    "tr",
    {},
    timeCell(item),
    make("td", { class: "script wide", title: item.script }, script),
    make("td", { class: "method wide" }, item.method),
    make(
      "td",
      { class: "path" },
      make("span", { class: "clip", title: item.path }, item.path),
      make("span", { class: "narrow muted clip" }, `${item.method} · ${script}`),
    ),
    make("td", { class: `status ${kind}` }, item.status),
    make("td", { class: "duration" }, duration(item.duration)),
  );
}

/** @param {any} item @param {string} script the Worker's short name */
function logRow(item, script) {
  const { title, fields, more } = item.line;
  const head = [
    make("span", { class: "title" }, title),
    ...fields.flatMap((/** @type {[string, string]} */ [name, value]) => [
      " ",
      make("span", { class: "pair" }, make("span", { class: "muted" }, `${name}=`), value),
    ]),
  ];
  const message = more
    ? make("details", {}, make("summary", {}, ...head), make("pre", { tabindex: "0" }, more))
    : make("div", {}, ...head);
  return make(
    "tr",
    { class: item.level === "exception" ? "exception" : undefined },
    timeCell(item),
    make(
      "td",
      { class: `level ${severity(item.level) === 3 ? "bad" : severity(item.level) === 2 ? "warn" : ""}` },
      item.level,
    ),
    make("td", { class: "script wide", title: item.script }, script),
    make("td", { class: "message" }, message, make("span", { class: "narrow muted clip" }, script)),
  );
}

/** @param {any} item */
function timeCell(item) {
  const date = new Date(item.time);
  const [time, milliseconds] = rowTime(item.time);
  return make(
    "td",
    { class: "time" },
    make(
      "time",
      { datetime: date.toISOString(), title: date.toISOString() },
      time,
      make("span", { class: "wide" }, milliseconds),
    ),
  );
}

/** Anything but a request, as a log line. @param {any} item */
function describe(item) {
  if (item.type === "log") {
    const line = readLogLine(item.message);
    const plain = item.level === "log" || item.level === "info";
    return { ...item, line, level: (plain && line.level) || item.level };
  }
  const common = { ...item, script: "", level: item.state === "failed" ? "error" : "cloud" };
  if (item.type === "change")
    return { ...common, line: readLogLine(`${item.product}: ${item.action} ${item.resource}`) };
  const took = item.duration === undefined ? "" : ` in ${duration(item.duration)}`;
  return { ...common, line: readLogLine(`runtime ${item.state}${took}${item.message ? `: ${item.message}` : ""}`) };
}

/** The words, up to a hyphen, that all names share. @param {string[]} names */
function commonPrefix([first = "", ...others]) {
  let prefix = first;
  for (const name of others) while (!name.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return others.length === 0 ? "" : prefix.slice(0, prefix.lastIndexOf("-") + 1);
}

/** @param {string} level */
function severity(level) {
  return SEVERITY[/** @type {keyof typeof SEVERITY} */ (level)] ?? 1;
}

/** @param {any} item @param {string} wanted */
function levelFits(item, wanted) {
  if (wanted === "worker") return item.type === "log";
  if (wanted === "cloud") return item.type !== "log";
  return severity(item.level) >= (wanted === "error" ? 3 : wanted === "warn" ? 2 : 0);
}

/** @param {number} status @param {string} wanted */
function statusFits(status, wanted) {
  if (wanted === "failed") return status >= 400;
  return wanted === "" || Math.floor(status / 100) === Number(wanted);
}

/** @param {string} id @param {"none" | "nothing-matches" | "rows"} state @param {(Node | string)[]} hint */
function showEmpty(id, state, hint) {
  const element = byId(id);
  element.hidden = state === "rows";
  if (state === "none") element.replaceChildren(...hint);
  if (state === "nothing-matches") {
    element.replaceChildren(
      "Nothing matches the filters. ",
      make("button", { type: "button", class: "quiet" }, "Show all"),
    );
  }
}

/** Tells screen readers what came, in one sentence and not more often than every ten seconds. */
function createAnnouncer() {
  const region = byId("announcer");
  let counts = { requests: 0, failed: 0, exceptions: 0 };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const speak = () => {
    timer = undefined;
    const parts = [
      counts.requests > 0 ? counted(counts.requests, "new request") : "",
      counts.failed > 0 ? `${counts.failed} failed` : "",
      counts.exceptions > 0 ? counted(counts.exceptions, "exception") : "",
    ].filter(Boolean);
    region.textContent = parts.join(", ");
    counts = { requests: 0, failed: 0, exceptions: 0 };
  };
  return (/** @type {any[]} */ activities) => {
    for (const item of activities) {
      if (item.type === "request") counts.requests++;
      if (item.status >= 400) counts.failed++;
      if (item.level === "exception") counts.exceptions++;
    }
    if (timer === undefined && counts.requests + counts.exceptions > 0) timer = setTimeout(speak, 10_000);
  };
}
