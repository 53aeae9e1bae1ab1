import { confirmed } from "./confirm.js";
import { call } from "./connection.js";
import { depthChart } from "./depth-chart.js";
import { byId, counted, make } from "./dom.js";
import { createFaultPanel, QUEUE_FAULTS } from "./fault-panel.js";
import { createMessageList } from "./message-list.js";
import { showFlow } from "./queue-flow.js";
import { rates, remember } from "./queue-history.js";
import { showQueues } from "./queue-list.js";
import { keepFresh, showProblem, startShell } from "./shell.js";
import { cloudNow, lengthOf } from "./time.js";

/** Messages on a page. */
const PAGE = 25;
/** Milliseconds between two looks because of what happens: a busy queue has better things to do than to be looked at. */
const PACE = 1500;
/** Pixels to the left and right of the picture of the depth. */
const DEPTH_PADDING = 32;

/** The chosen account's id. @type {string | undefined} */
let accountId;
/** What `/_local/queues` said last. @type {any[]} */
let queues = [];
/** The name of the queue that is shown. */
let chosen = new URLSearchParams(location.search).get("queue") ?? "";
/** Messages of the page that is shown, undefined while they are asked for. @type {any[] | undefined} */
let messages;
/** Where the pages up to the shown one begin, and where the next does. @type {{ starts: string[], next: string | null }} */
let pages = { starts: [""], next: null };
/** What was seen of each queue, by its id. @type {Map<string, import("./queue-history.js").Sample[]>} */
let seen = new Map();

/** When the cloud was asked last. */
let lookedAt = 0;

const samplesOf = (/** @type {string} */ id) => seen.get(id) ?? [];
const chosenQueue = () => queues.find(({ name }) => name === chosen);
const query = (/** @type {string} */ queue) =>
  `account=${encodeURIComponent(accountId ?? "")}&queue=${encodeURIComponent(queue)}`;

const list = createMessageList({
  changed: showActions,
  remove: (sequences) => void remove(sequences),
  redrive: (sequences) => void redrive(sequences),
});

async function load() {
  if (!accountId) return;
  const account = accountId;
  lookedAt = performance.now();
  const answer = await call(`/queues?account=${encodeURIComponent(account)}`);
  if (account !== accountId) return;
  queues = answer.queues;
  const at = performance.now();
  seen = new Map(
    queues.map(({ id, depth, totals: { sent, acknowledged } }) => [
      id,
      remember(samplesOf(id), { at, depth, sent, acknowledged }),
    ]),
  );
  if (!chosenQueue()) chosen = (queues.find(({ depth }) => depth > 0) ?? queues[0])?.name ?? "";
  await loadMessages();
}

async function loadMessages() {
  const queue = chosen;
  const start = pages.starts.at(-1) ?? "";
  const answer = queue
    ? await call(`/queues/messages?${query(queue)}&limit=${PAGE}${start && `&after=${start}`}`)
    : { messages: [], next: null };
  if (queue !== chosen || start !== (pages.starts.at(-1) ?? "")) return;
  // What was on this page is gone: there may be something on the one before.
  if (answer.messages.length === 0 && pages.starts.length > 1) {
    pages.starts.pop();
    return loadMessages();
  }
  messages = answer.messages;
  pages.next = answer.next;
  show();
}

function show() {
  const now = performance.now();
  const queue = chosenQueue();
  const depth = queues.reduce((sum, one) => sum + one.depth, 0);
  byId("queues-count").textContent = String(queues.length);
  byId("queues-total").textContent = queues.length > 0 ? `${counted(depth, "message")} in all` : "";
  byId("no-queue").hidden = queues.length > 0;
  byId("queues-panel").hidden = queues.length === 0;
  byId("content").hidden = !queue;
  showQueues({ queues, chosen, samplesOf, now, choose });
  if (!queue) return;
  byId("chosen-title").textContent = queue.name;
  byId("pause").textContent = queue.paused ? "Resume delivery" : "Pause delivery";
  byId("purge").disabled = queue.depth === 0;
  showFlow({ queue, queues, rate: rates(samplesOf(queue.id)), choose: follow });
  const width = Math.max(200, byId("depth").clientWidth - DEPTH_PADDING);
  byId("depth").replaceChildren(depthChart(samplesOf(queue.id), { now, width }));
  showMessages(queue);
  tick();
}

/** @param {any} queue */
function showMessages(queue) {
  const shown = messages ?? [];
  const isDead = queue.deadLettersOf.length > 0;
  byId("messages-title").textContent = isDead ? "Dead letters" : "Messages";
  list.show(shown);
  const empty = byId("messages-empty");
  empty.hidden = messages === undefined || shown.length > 0;
  byId("messages").hidden = messages?.length === 0;
  empty.textContent = isDead
    ? "No dead letters. What a consumer could not take, as often as it tried, comes here."
    : `Empty. Send a message from a Worker${queue.producers.length > 0 ? ` (${queue.producers.join(", ")})` : " that has a binding to this queue"}, over the REST API, or with the form on this page. To look at messages before they are taken, pause delivery first.`;
  const before = (pages.starts.length - 1) * PAGE;
  byId("pager").hidden = pages.next === null && before === 0;
  byId("page-range").textContent = `${before + 1} to ${before + shown.length} of ${queue.depth.toLocaleString()}`;
  byId("page-before").disabled = before === 0;
  byId("page-after").disabled = pages.next === null;
  showActions();
}

/** What can be done with the messages, all or chosen ones. */
function showActions() {
  const queue = chosenQueue();
  const count = list.chosen().length;
  const shown = messages ?? [];
  const isDead = queue?.deadLettersOf.length > 0 || shown.some(({ origin }) => origin);
  byId("redrive").hidden = !isDead;
  byId("redrive").disabled = shown.length === 0;
  byId("redrive").textContent = count > 0 ? `Redrive ${count} chosen` : "Redrive all";
  byId("remove").hidden = shown.length === 0;
  byId("remove").disabled = count === 0;
  byId("remove").textContent = count > 0 ? `Delete ${count} chosen…` : "Delete…";
  byId("redrive-to-choice").hidden = !isDead || shown.every(({ origin }) => origin?.name);
  const select = byId("redrive-to");
  const target = select.value;
  const names = queues.map(({ name }) => name).filter((name) => name !== chosen);
  select.replaceChildren(
    make("option", { value: "" }, "their own queue"),
    ...names.map((name) => make("option", { value: name }, name)),
  );
  if (names.includes(target)) select.value = target;
}

/** @param {string} name */
function choose(name) {
  const parameters = new URLSearchParams(location.search);
  parameters.set("queue", name);
  history.replaceState(null, "", `?${parameters}`);
  if (name === chosen) return;
  chosen = name;
  messages = undefined;
  pages = { starts: [""], next: null };
  say("");
  show();
  void loadMessages().catch(showProblem);
}

/** Goes to the queue that a part of the picture leads to. @param {string} name */
function follow(name) {
  choose(name);
  byId("chosen-title").focus();
}

/** Does what a button asks for, and shows what has become of it. @param {() => Promise<string | void>} action */
async function act(action) {
  try {
    const outcome = await action();
    if (outcome !== undefined) say(outcome);
  } catch (error) {
    say(error instanceof Error && error.message ? error.message : "The cloud does not answer.", true);
  }
  await load().catch(showProblem);
  // A button that went with its message leaves the focus nowhere.
  if (document.activeElement === document.body) byId("messages-title").focus();
}

/** @param {string} text @param {boolean} [isBad] */
function say(text, isBad = false) {
  byId("message").className = isBad ? "hint outcome bad" : "hint outcome";
  byId("message").textContent = text;
}

/** @param {string} route @param {unknown} [body] */
function post(route, body = {}) {
  return call(`/queues/${route}?${query(chosen)}`, { method: "POST", body });
}

/** @param {number[] | undefined} sequences undefined: all dead letters of the queue */
function redrive(sequences) {
  const to = byId("redrive-to-choice").hidden ? "" : byId("redrive-to").value;
  return act(async () => {
    const { moved, stayed } = await post("redrive", { ...(sequences && { messages: sequences }), ...(to && { to }) });
    const went = Object.entries(moved).map(([name, count]) => `${counted(Number(count), "message")} went to ${name}.`);
    const rest =
      stayed > 0
        ? [`${counted(stayed, "message")} stayed: the queue they come from is not known. Choose one under “To”.`]
        : [];
    return [...went, ...rest].join(" ") || "There was nothing to redrive.";
  });
}

/** @param {number[]} sequences */
async function remove(sequences) {
  const question = `Delete ${counted(sequences.length, "message")} of ${chosen}?`;
  if (!(await confirmed({ question, consequence: "Deleted messages cannot be brought back.", verb: "Delete" }))) return;
  await act(async () => {
    const { removed } = await post("remove", { messages: sequences });
    const gone = sequences.length - removed;
    return `${counted(removed, "message")} deleted.${gone > 0 ? ` ${gone} were gone already.` : ""}`;
  });
}

byId("purge").addEventListener("click", async () => {
  const depth = chosenQueue()?.depth ?? 0;
  const question = `Delete all ${counted(depth, "message")} of ${chosen}?`;
  const consequence = "Also those that are delayed or in flight. They cannot be brought back.";
  if (!(await confirmed({ question, consequence, verb: "Purge" }))) return;
  await act(async () => `${counted((await post("purge")).purged, "message")} deleted.`);
});
byId("pause").addEventListener("click", () => {
  const paused = !chosenQueue()?.paused;
  void act(async () => {
    await post("pause", { paused });
    return paused ? "Delivery is paused: messages come in and wait." : "Delivery goes on.";
  });
});
byId("redrive").addEventListener("click", () => {
  const sequences = list.chosen();
  void redrive(sequences.length > 0 ? sequences : undefined);
});
byId("remove").addEventListener("click", () => void remove(list.chosen()));
byId("page-before").addEventListener("click", () => {
  pages.starts.pop();
  void loadMessages().catch(showProblem);
});
byId("page-after").addEventListener("click", () => {
  if (pages.next === null) return;
  pages.starts.push(pages.next);
  void loadMessages().catch(showProblem);
});

byId("send").addEventListener("submit", async (/** @type {Event} */ event) => {
  event.preventDefault();
  const outcome = byId("send-message");
  outcome.className = "hint";
  const text = byId("send-body").value;
  const isJson = byId("send-type").value === "json";
  // Without one, the queue's own delay holds.
  const delay = byId("send-delay").value;
  try {
    const body = isJson ? JSON.parse(text) : text;
    await post("send", {
      body,
      content_type: isJson ? "json" : "text",
      ...(delay && { delay_seconds: Number(delay) }),
    });
    outcome.textContent = `Sent to ${chosen}.`;
  } catch (error) {
    outcome.className = "hint bad";
    outcome.textContent =
      error instanceof SyntaxError
        ? `This is no JSON: ${error.message}. Send it as text, or put it right.`
        : error instanceof Error && error.message
          ? error.message
          : "The cloud does not answer.";
  }
  refresh();
});

/** Ages and waiting times go on between two looks. */
function tick() {
  const now = cloudNow();
  for (const element of document.querySelectorAll("[data-since]"))
    element.textContent = lengthOf(Math.max(0, now - Number(element.getAttribute("data-since"))));
  for (const element of document.querySelectorAll("[data-until]"))
    element.textContent = lengthOf(Math.max(0, Number(element.getAttribute("data-until")) - now));
}
setInterval(tick, 1000);
addEventListener("resize", show);

const faultPanel = createFaultPanel({
  switches: QUEUE_FAULTS,
  extent: byId("fault-percent"),
  unit: "percent",
  fail: showProblem,
});
const refresh = keepFresh(load);
startShell({
  account(account) {
    if (account?.id !== accountId) {
      queues = [];
      seen = new Map();
      pages = { starts: [""], next: null };
    }
    accountId = account?.id;
    refresh();
  },
  state: ({ faults }) => faultPanel.show(faults),
  activity() {
    if (performance.now() - lookedAt > PACE) refresh();
  },
});
