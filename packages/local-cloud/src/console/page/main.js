import { createActivity } from "./activity.js";
import { createClockPanel } from "./clock-panel.js";
import { call } from "./connection.js";
import { byId } from "./dom.js";
import { ALL_FAULTS, createFaultPanel } from "./fault-panel.js";
import { showResources } from "./resources.js";
import { keepFresh, showClock, showProblem, startShell } from "./shell.js";
import { showWorkers } from "./workers.js";

/** The chosen account. @type {any} */
let account;
/** How many messages wait in each queue of it, by the queue's id. @type {Map<string, number>} */
let messages = new Map();
const activity = createActivity({
  account: () => account?.id,
  firstUrl: () => account?.workers.find((/** @type {any} */ worker) => worker.url)?.url,
});
const faultPanel = createFaultPanel({
  switches: ALL_FAULTS,
  extent: byId("fault-count"),
  unit: "count",
  fail: showProblem,
});
createClockPanel(showClock);

/** Asks what waits in the queues. */
const refresh = keepFresh(async () => {
  if (!account?.resources.some((/** @type {any} */ { product }) => product === "queues")) return;
  const { id } = account;
  const { queues } = await call(`/queues?account=${encodeURIComponent(id)}`);
  if (account?.id !== id) return;
  const before = messages;
  messages = new Map(queues.map((/** @type {any} */ queue) => [queue.id, queue.depth]));
  if ([...messages].some(([queue, depth]) => before.get(queue) !== depth)) showResources(account.resources, messages);
});

startShell({
  account(chosen, overview) {
    account = chosen;
    const { workers = [], resources = [], runtime } = account ?? {};
    showWorkers(workers, resources, overview.url);
    showResources(resources, messages);
    refresh();
    byId("runtime").hidden = runtime === undefined;
    byId("runtime").dataset.state = runtime;
    byId("runtime").textContent =
      runtime === "running" ? "Runtime running" : "Runtime asleep, wakes with the next request";
    activity.offerWorkers(workers.map((/** @type {any} */ { script }) => script));
    activity.redraw();
  },
  state: ({ faults }) => faultPanel.show(faults),
  activity(activities) {
    activity.add(activities);
    refresh();
  },
  begin: () => activity.clear(),
});
