import { createActivity } from "./activity.js";
import { call, follow, SignedOut } from "./connection.js";
import { createClockPanel, createFaultPanel } from "./controls.js";
import { byId, make } from "./dom.js";
import { showResources } from "./resources.js";
import { ago, cloudNow, dateTime, hearClock, lengthOf } from "./time.js";
import { showWorkers } from "./workers.js";

/** What `/_local/overview` said last. @type {any} */
let overview = { accounts: [], url: location.origin };
let accountId = new URLSearchParams(location.search).get("account") ?? "";

const account = () => overview.accounts.find((/** @type {any} */ one) => one.id === accountId);
const activity = createActivity({
  account: () => account()?.id,
  firstUrl: () => account()?.workers.find((/** @type {any} */ worker) => worker.url)?.url,
});
const faultPanel = createFaultPanel(showProblem);
createClockPanel(showClock);

/** Shows what exists. @param {any} next */
function showOverview(next) {
  const same = JSON.stringify([next.accounts, next.url]) === JSON.stringify([overview.accounts, overview.url]);
  overview = next;
  showClock(next.clock);
  faultPanel.show(next.faults);
  if (same) return;
  byId("address").textContent = next.url.replace(/^https?:\/\//, "");
  showAccounts();
}

function showAccounts() {
  if (!account())
    accountId =
      overview.accounts.find((/** @type {any} */ one) => one.workers.length > 0)?.id ?? overview.accounts[0]?.id ?? "";
  const select = byId("account");
  select.replaceChildren(
    ...overview.accounts.map((/** @type {any} */ { id, name, plan }) =>
      make("option", { value: id }, `${name} (${plan} plan)`),
    ),
  );
  select.value = accountId;
  select.disabled = overview.accounts.length < 2;
  const { workers = [], resources = [], runtime } = account() ?? {};
  showWorkers(workers, resources, overview.url);
  showResources(resources);
  byId("runtime").hidden = runtime === undefined;
  byId("runtime").dataset.state = runtime;
  byId("runtime").textContent =
    runtime === "running" ? "Runtime running" : "Runtime asleep, wakes with the next request";
  activity.offerWorkers(workers.map((/** @type {any} */ { script }) => script));
  activity.redraw();
}

/** @param {{ now: number, offset: number }} clock */
function showClock({ now, offset }) {
  hearClock(now);
  const badge = byId("offset");
  badge.hidden = offset < 1000;
  badge.textContent = `+${lengthOf(offset)}`;
  badge.title = "The cloud's clock was moved";
  tick();
}

function tick() {
  const now = cloudNow();
  const clock = byId("clock");
  clock.textContent = dateTime(now);
  clock.title = new Date(now).toISOString();
  clock.dateTime = clock.title;
}

/** @param {unknown} problem */
function showProblem(problem) {
  const banner = byId("banner");
  banner.hidden = problem === undefined;
  if (problem === undefined) return;
  if (problem instanceof SignedOut) {
    banner.replaceChildren(
      "This session is over. Get a fresh link with ",
      make("code", {}, "npm run tenner -- console"),
    );
  } else {
    banner.replaceChildren(problem instanceof Error ? problem.message : "Something went wrong in this page.");
  }
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let asked;
/** Asks again what exists, once for many changes. */
function refresh() {
  if (asked !== undefined) return;
  asked = setTimeout(() => {
    asked = undefined;
    call("/overview").then(showOverview, (error) => {
      // A cloud that is gone shows in the connection's state, and is asked again when it is back.
      if (!(error instanceof TypeError)) showProblem(error);
    });
  }, 150);
}

let run = "";
follow({
  hello(event) {
    if (event.run !== run) activity.clear();
    run = event.run;
    refresh();
  },
  activity(activities) {
    activity.add(activities);
    if (activities.some((item) => item.type === "change" || item.type === "runtime")) refresh();
  },
  state(state) {
    showClock(state);
    faultPanel.show(state.faults);
  },
  status(state) {
    const element = byId("connection");
    element.dataset.state = state;
    const text = { live: "Live", lost: "Connection lost, trying again", "signed-out": "Signed out" }[state];
    if (element.textContent !== text) element.textContent = text;
    showProblem(state === "signed-out" ? new SignedOut() : undefined);
  },
});
refresh();

byId("account").addEventListener("change", (/** @type {any} */ { target }) => {
  accountId = target.value;
  history.replaceState(null, "", `?account=${encodeURIComponent(accountId)}`);
  showAccounts();
});
byId("copy-address").addEventListener("click", async (/** @type {any} */ { target }) => {
  await navigator.clipboard.writeText(overview.url);
  target.textContent = "Copied";
  setTimeout(() => (target.textContent = "Copy"), 1500);
});
setInterval(tick, 1000);
setInterval(() => {
  for (const time of document.querySelectorAll("time[data-ago]"))
    time.textContent = ago(time.getAttribute("datetime") ?? "");
}, 30_000);
