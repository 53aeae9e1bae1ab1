import { call } from "./connection.js";
import { byId, make } from "./dom.js";

/** @typedef {{ label: string, detail: string, fault: Record<string, unknown> }} FaultSwitch */

/** Faults of queues. The page Queues has these alone. @type {FaultSwitch[]} */
export const QUEUE_FAULTS = [
  {
    label: "Queues redeliver",
    detail: "what was acknowledged comes once more",
    fault: { service: "queues", kind: "redeliver" },
  },
  {
    label: "Queues reorder",
    detail: "batches are drawn from what waits",
    fault: { service: "queues", kind: "reorder" },
  },
];

/** What the switches set: only faults that a service really takes. @type {FaultSwitch[]} */
export const ALL_FAULTS = [
  { label: "Models fail", detail: "error 500", fault: { service: "workers-ai", kind: "fail", status: 500 } },
  { label: "Models hang", detail: "30 s, then a timeout", fault: { service: "workers-ai", kind: "hang", ms: 30_000 } },
  { label: "Models are slow", detail: "3 s late", fault: { service: "workers-ai", kind: "slow", ms: 3000 } },
  {
    label: "Models answer garbage",
    detail: "not what was asked for",
    fault: { service: "workers-ai", kind: "garbage" },
  },
  { label: "Streams break off", detail: "half of an answer", fault: { service: "workers-ai", kind: "cut" } },
  { label: "AI Gateway is gone", detail: "no connection", fault: { service: "ai-gateway", kind: "unreachable" } },
  {
    label: "The cap is ignored",
    detail: "when a gateway is made or changed",
    fault: { service: "ai-gateway", kind: "ignore-cap" },
  },
  {
    label: "Vectorize is late",
    detail: "mutations 10 s later",
    fault: { service: "vectorize", kind: "slow", ms: 10_000 },
  },
  {
    label: "KV is stale",
    detail: "reads see a write 60 s later",
    fault: { service: "kv", kind: "stale", ms: 60_000 },
  },
  ...QUEUE_FAULTS,
];

/**
 * The switches for faults, and the one button that ends all.
 * @param {{
 *   switches: FaultSwitch[],
 *   extent: HTMLSelectElement,
 *   unit: "count" | "percent",
 *   fail: (error: unknown) => void,
 * }} options `extent` says how often a fault happens: its value is the `count` or the `percent`, or empty for always.
 */
export function createFaultPanel({ switches, extent, unit, fail }) {
  /** @type {any[]} */
  let faults = [];
  const buttons = switches.map(({ label, detail, fault }) => {
    const hint = make("span", { class: "muted" }, detail);
    const button = make(
      "button",
      { type: "button", role: "switch", "aria-checked": "false", click: () => toggle(fault) },
      make("span", {}, label, " ", hint),
      make("span", { class: "knob", "aria-hidden": "true" }),
    );
    return { fault, detail, hint, button };
  });
  byId("fault-switches").replaceChildren(...buttons.map(({ button }) => make("li", {}, button)));

  /** @param {any} one @param {any} other */
  const isSame = (one, other) => one.service === other.service && one.kind === other.kind && one.target === undefined;
  const set = (/** @type {any[]} */ wanted) =>
    call("/faults", { method: "PUT", body: wanted }).then((answer) => show(answer.faults), fail);
  const toggle = (/** @type {any} */ fault) => {
    const others = faults.filter((one) => !isSame(one, fault));
    return set(others.length < faults.length ? others : [...faults, extended(fault)]);
  };
  const extended = (/** @type {any} */ fault) => ({ ...fault, ...(extent.value && { [unit]: Number(extent.value) }) });
  const isSwitched = (/** @type {any} */ fault) => switches.some((one) => isSame(one.fault, fault));
  // A share holds for what is on already; a count is for what is switched on next.
  extent.addEventListener("change", () => {
    if (unit === "count" || !faults.some(isSwitched)) return;
    void set(
      faults.map((fault) => {
        const { [unit]: _, ...rest } = fault;
        return isSwitched(fault) ? extended(rest) : fault;
      }),
    );
  });
  byId("faults-off").addEventListener("click", () => set([]));

  const show = (/** @type {any[]} */ now) => {
    if (JSON.stringify(now) === JSON.stringify(faults)) return;
    faults = now;
    for (const { fault, detail, hint, button } of buttons) {
      const set = faults.find((one) => isSame(one, fault));
      button.setAttribute("aria-checked", String(set !== undefined));
      hint.textContent = [detail, ...extentOf(set ?? {})].join(" · ");
    }
    const others = faults.filter((one) => !isSwitched(one));
    byId("fault-others").hidden = others.length === 0;
    byId("fault-others").replaceChildren(
      ...others.map((fault) =>
        make(
          "li",
          {},
          make("span", {}, sentence(fault)),
          make(
            "button",
            {
              type: "button",
              class: "quiet",
              "aria-label": `Remove: ${sentence(fault)}`,
              click: () => set(faults.filter((one) => one !== fault)),
            },
            "Remove",
          ),
        ),
      ),
    );
    byId("faults-off").hidden = faults.length === 0;
  };
  return { show };
}

/** @param {any} fault */
function sentence(fault) {
  const { service, kind, target, ms, status } = fault;
  const facts = [service, target, kind, status, ms === undefined ? undefined : `${ms} ms`];
  return [...facts.filter((fact) => fact !== undefined), ...extentOf(fault)].join(" · ");
}

/** How often a fault happens. @param {any} fault */
function extentOf({ percent, count }) {
  return [...(percent === undefined ? [] : [`${percent} %`]), ...(count === undefined ? [] : [`${count} left`])];
}
