import { byId, counted, make } from "./dom.js";
import { rateText } from "./queue-history.js";
import { redraw } from "./redraw.js";
import { duration, lengthOf } from "./time.js";

/**
 * Shows the way of a queue's messages: who sends, what waits, who takes, and where goes what nobody could take.
 * @param {{
 *   queue: any,
 *   queues: readonly any[],
 *   rate: { sent: number, acknowledged: number } | undefined,
 *   choose: (name: string) => void,
 * }} flow `rate` is messages per second
 */
export function showFlow({ queue, queues, rate, choose }) {
  const deadLetters = queues.find(({ name }) => name === queue.consumer?.dead_letter_queue);
  const rates = rate && { sent: rateText(rate.sent), acknowledged: rateText(rate.acknowledged) };
  // Of the queues that bury their dead here: how often they did.
  const buried = queues
    .filter(({ name }) => queue.deadLettersOf.includes(name))
    .reduce((sum, { totals }) => sum + totals.deadLettered, 0);
  const state = { queue, buried, dead: deadLetters?.depth, rates };
  redraw(byId("flow"), state, () => picture({ queue, buried, deadLetters, rates, choose }));
}

/** @param {any} flow */
function picture({ queue, buried, deadLetters, rates, choose }) {
  const { totals, consumer } = queue;
  const isDead = queue.deadLettersOf.length > 0;
  const perSecond = (/** @type {string | undefined} */ rate) => (rate && rate !== "0" ? [`${rate} a second`] : []);
  const lost = [
    ...(totals.deadLettered > 0 ? [`${totals.deadLettered.toLocaleString()} given up`] : []),
    ...(totals.dropped > 0 ? [`${totals.dropped.toLocaleString()} dropped`] : []),
  ];
  return make(
    "ol",
    { class: "flow", "aria-label": `The way of the messages of ${queue.name}` },
    source(queue, choose),
    arrow([
      ...(isDead ? [counted(buried, "dead letter")] : []),
      ...(isDead && totals.sent === 0 ? [] : [`${totals.sent.toLocaleString()} sent`]),
      ...perSecond(rates?.sent),
    ]),
    waiting(queue),
    arrow([
      ...(consumer || totals.acknowledged > 0 ? [`${totals.acknowledged.toLocaleString()} acknowledged`] : []),
      ...perSecond(rates?.acknowledged),
      ...(totals.retried > 0 ? [counted(totals.retried, "retry", "retries")] : []),
      ...(totals.expired > 0 ? [`${totals.expired.toLocaleString()} expired`] : []),
    ]),
    taker(queue),
    ...(consumer
      ? [arrow(lost.length > 0 ? lost : ["none given up"], lost.length > 0), end(consumer, deadLetters, choose)]
      : []),
  );
}

/** @param {any} queue @param {(name: string) => void} choose */
function source({ producers, deadLettersOf }, choose) {
  const lines = producers.map((/** @type {string} */ name) => make("strong", {}, name));
  const parents = deadLettersOf.map((/** @type {string} */ name) => queueButton(name, choose));
  return step(
    deadLettersOf.length > 0 ? "Dead letters of" : "Producers",
    ...parents,
    ...lines,
    ...(parents.length + lines.length === 0
      ? [make("span", { class: "muted" }, "No Worker sends to it, only the REST API can")]
      : []),
  );
}

/** @param {any} queue */
function waiting({ depth, waiting: ready, delayed, inFlight, paused, deliveryDelay, retention, deadLettersOf }) {
  const kind = paused ? " paused" : deadLettersOf.length > 0 && depth > 0 ? " dead" : "";
  return make(
    "li",
    { class: `step queue${kind}` },
    make("span", { class: "title" }, paused ? "Queue, paused" : "Queue"),
    make(
      "span",
      {},
      make("strong", { class: "figure" }, depth.toLocaleString()),
      depth === 1 ? " message" : " messages",
    ),
    make(
      "span",
      { class: "units" },
      ...[`${ready} ready`, `${delayed} delayed`, `${inFlight} in flight`].map((text) => make("span", {}, text)),
    ),
    make(
      "span",
      { class: "muted" },
      `kept ${lengthOf(retention * 1000)}${deliveryDelay > 0 ? ` · delivered after ${lengthOf(deliveryDelay * 1000)}` : ""}`,
    ),
  );
}

/** @param {any} queue */
function taker({ consumer, running, deadLettersOf }) {
  if (!consumer)
    return make(
      "li",
      { class: "step absent" },
      make("span", { class: "title" }, "Consumer"),
      make("span", {}, "None"),
      make(
        "span",
        { class: "muted" },
        deadLettersOf.length > 0 ? "They wait for a redrive" : "Messages wait until they expire",
      ),
    );
  const { type, script, settings } = consumer;
  const isWorker = type === "worker";
  return step(
    isWorker ? "Worker" : "Pull consumer",
    make("strong", {}, isWorker ? script : "over HTTP"),
    ...(isWorker
      ? [make("span", { class: running > 0 ? "accent" : "muted" }, counted(running, "call"), " under way")]
      : []),
    ...settingsOf(isWorker, settings).map((line) => make("span", { class: "muted" }, line)),
  );
}

/** @param {boolean} isWorker @param {any} settings @returns {string[]} */
function settingsOf(isWorker, settings) {
  const { batch_size: size, max_retries: retries, retry_delay: delay, max_concurrency: calls } = settings;
  const pause = delay > 0 ? `, ${lengthOf(delay * 1000)} apart` : "";
  return [
    isWorker
      ? `batches of ${size}, or after ${duration(settings.max_wait_time_ms)}`
      : `batches of ${size}, leased for ${lengthOf(settings.visibility_timeout_ms)}`,
    `${counted(retries, "retry", "retries")}${pause}`,
    ...(isWorker
      ? [calls === undefined ? "as many calls as it takes" : `at most ${counted(calls, "call")} at once`]
      : []),
  ];
}

/** @param {any} consumer @param {any} queue @param {(name: string) => void} choose */
function end(consumer, queue, choose) {
  const name = consumer.dead_letter_queue;
  if (!name)
    return make(
      "li",
      { class: "step absent" },
      make("span", { class: "title" }, "Dead letters"),
      make("span", {}, "Nowhere"),
      make("span", { class: "muted" }, "What fails too often is deleted"),
    );
  return make(
    "li",
    { class: queue?.depth > 0 ? "step dead" : "step" },
    make("span", { class: "title" }, "Dead letters"),
    queue ? queueButton(name, choose) : make("strong", {}, name),
    make(
      "span",
      { class: queue?.depth > 0 ? "bad" : "muted" },
      queue ? counted(queue.depth, "message") : "does not exist yet",
    ),
  );
}

/** @param {string} title @param {...Node} children */
function step(title, ...children) {
  return make("li", { class: "step" }, make("span", { class: "title" }, title), ...children);
}

/** @param {string[]} lines @param {boolean} [isBad] */
function arrow(lines, isBad = false) {
  return make(
    "li",
    { class: isBad ? "arrow bad" : "arrow" },
    make("span", { class: "labels" }, ...lines.map((line) => make("span", {}, line))),
  );
}

/** @param {string} name @param {(name: string) => void} choose */
function queueButton(name, choose) {
  return make(
    "button",
    { type: "button", class: "quiet to-queue", title: name, "data-focus": name, click: () => choose(name) },
    name,
  );
}
