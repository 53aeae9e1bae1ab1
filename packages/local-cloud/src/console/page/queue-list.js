import { sparkline } from "./depth-chart.js";
import { byId, make } from "./dom.js";
import { rates, rateText } from "./queue-history.js";
import { redrawList } from "./redraw.js";

/**
 * The queues by name, each followed by the one that takes its dead letters. Exported for its test.
 * @public
 * @template {{ name: string, deadLettersOf: readonly string[] }} Queue
 * @param {readonly Queue[]} queues
 * @returns {Queue[]}
 */
export function inOrder(queues) {
  const byName = queues.toSorted((one, other) => one.name.localeCompare(other.name));
  /** @type {Queue[]} */
  const ordered = [];
  const add = (/** @type {Queue} */ queue) => {
    if (ordered.includes(queue)) return;
    ordered.push(queue);
    for (const other of byName) if (other.deadLettersOf.includes(queue.name)) add(other);
  };
  for (const queue of byName) if (queue.deadLettersOf.every((name) => name === queue.name)) add(queue);
  // Two queues can take each other's dead letters: neither comes first then.
  for (const queue of byName) add(queue);
  return ordered;
}

/**
 * Shows the table of queues.
 * @param {{
 *   queues: readonly any[],
 *   chosen: string,
 *   samplesOf: (id: string) => readonly import("./queue-history.js").Sample[],
 *   now: number,
 *   choose: (name: string) => void,
 * }} list `chosen` is a queue's name, `now` is on the clock of the samples
 */
export function showQueues({ queues, chosen, samplesOf, now, choose }) {
  const items = inOrder(queues).map((queue) => {
    const rate = rates(samplesOf(queue.id));
    const flow = rate ? `${rateText(rate.sent)} / ${rateText(rate.acknowledged)}` : "–";
    return { queue, flow, isChosen: queue.name === chosen };
  });
  const body = byId("queues");
  redrawList(
    body,
    items,
    ({ queue }) => queue.id,
    (item) => row(item, choose),
  );
  for (const { queue } of items)
    body
      .querySelector(`[data-key="${CSS.escape(queue.id)}"] .trend`)
      .replaceChildren(sparkline(samplesOf(queue.id), now));
}

/** @param {{ queue: any, flow: string, isChosen: boolean }} item @param {(name: string) => void} choose */
function row({ queue, flow, isChosen }, choose) {
  const { name, depth, oldest, inFlight, delayed, totals, deadLettersOf } = queue;
  const isDead = deadLettersOf.length > 0;
  const number = (/** @type {number} */ count, kind = "number wide") =>
    make("td", { class: count === 0 ? `${kind} zero` : kind }, count.toLocaleString());
  return make(
    "tr",
    { class: isChosen ? "chosen" : undefined },
    make(
      "td",
      { class: isDead ? "name dead" : "name" },
      make(
        "button",
        {
          type: "button",
          title: name,
          "aria-current": isChosen && "true",
          "data-focus": "name",
          click: () => choose(name),
        },
        name,
      ),
      isDead ? make("span", { class: "muted clip" }, `dead letters of ${deadLettersOf.join(", ")}`) : undefined,
    ),
    make("td", { class: `number depth-figure${depth === 0 ? " zero" : isDead ? " bad" : ""}` }, depth.toLocaleString()),
    make("td", { class: "trend wide roomy" }),
    make("td", { class: "number" }, oldest === null ? "" : make("span", { "data-since": oldest })),
    number(inFlight),
    number(delayed),
    number(totals.retried, "number wide roomy"),
    make("td", { class: "number wide roomy" }, flow),
    make("td", {}, delivery(queue)),
  );
}

/** Who takes the messages, if anybody does now. @param {any} queue */
function delivery({ paused, consumer }) {
  if (paused) return make("span", { class: "state paused" }, "paused");
  if (!consumer) return make("span", { class: "state" }, "nobody");
  const words = consumer.type === "worker" ? consumer.script : "pull";
  return make("span", { class: "state ok", title: consumer.type === "worker" ? "Worker" : "Over HTTP" }, words);
}
