import { createActivity } from "./activity.js";
import { createClockPanel, createFaultPanel } from "./controls.js";
import { byId } from "./dom.js";
import { showResources } from "./resources.js";
import { showClock, showProblem, startShell } from "./shell.js";
import { showWorkers } from "./workers.js";

/** The chosen account. @type {any} */
let account;
const activity = createActivity({
  account: () => account?.id,
  firstUrl: () => account?.workers.find((/** @type {any} */ worker) => worker.url)?.url,
});
const faultPanel = createFaultPanel(showProblem);
createClockPanel(showClock);

startShell({
  account(chosen, overview) {
    account = chosen;
    const { workers = [], resources = [], runtime } = account ?? {};
    showWorkers(workers, resources, overview.url);
    showResources(resources);
    byId("runtime").hidden = runtime === undefined;
    byId("runtime").dataset.state = runtime;
    byId("runtime").textContent =
      runtime === "running" ? "Runtime running" : "Runtime asleep, wakes with the next request";
    activity.offerWorkers(workers.map((/** @type {any} */ { script }) => script));
    activity.redraw();
  },
  state: ({ faults }) => faultPanel.show(faults),
  activity: (activities) => activity.add(activities),
  begin: () => activity.clear(),
});
