import { dollars } from "./cost-chart.js";
import { counted, make } from "./dom.js";
import { cloudNow, dateTime, lengthOf } from "./time.js";

/**
 * A gateway's spend rules: what is left, what is spent, and when the window ends.
 * @param {any} gateway as `/_local/ai-gateway` tells it
 * @returns {HTMLElement[]}
 */
export function budgetRules({ limited, rules }) {
  if (!limited || rules.length === 0)
    return [make("p", { class: "warn" }, "No spend limit is on: calls through this gateway cost what they cost.")];
  return rules.map(rule);
}

/** @param {any} rule */
function rule({ id, enabled, limit, window, technique, windowEnds, spending }) {
  const rest = Date.parse(windowEnds) - cloudNow();
  const [largest] = spending;
  const spent = largest?.spent ?? 0;
  const left = Math.max(0, limit - spent);
  const split = spending.some((/** @type {any} */ { budget }) => budget !== "");
  return make(
    "div",
    { class: "rule" },
    make(
      "p",
      { class: left === 0 ? "left spent" : "left" },
      left === 0 ? "Spent" : dollars(left),
      make("span", { class: "muted" }, left === 0 ? "" : ` left of $${limit}`),
    ),
    make("meter", {
      min: 0,
      max: limit,
      low: limit * 0.75,
      high: limit * 0.95,
      optimum: 0,
      value: Math.min(limit, spent),
      "aria-label": `Spent of ${id}`,
    }),
    make(
      "p",
      { class: "muted" },
      `${dollars(spent)} spent${split ? ` by ${readableBudget(largest?.budget)} (of ${counted(spending.length, "budget")})` : ""}. `,
      technique === "fixed"
        ? `The window of ${lengthOf(window * 1000)} ends in ${lengthOf(rest)}, ${dateTime(Date.parse(windowEnds))}.`
        : `Sliding over ${lengthOf(window * 1000)}.`,
    ),
    make("p", { class: "muted" }, make("code", {}, id), enabled ? "" : " is switched off"),
    make(
      "p",
      { class: "muted" },
      "This is the gateway's limit. What a stack's own ledger has left may be less: /v1/usage of its Workers says.",
    ),
  );
}

/** @param {string | undefined} budget `[["user","u-1"]]` */
function readableBudget(budget) {
  if (!budget) return "all";
  return JSON.parse(budget)
    .map((/** @type {[string, string]} */ [key, value]) => `${key} ${value}`)
    .join(", ");
}
