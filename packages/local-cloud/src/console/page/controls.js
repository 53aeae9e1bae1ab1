import { call } from "./connection.js";
import { byId, make } from "./dom.js";
import { lengthOf } from "./time.js";

/** What the switches set: only faults that a service really takes. */
const SWITCHES = [
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
];

/**
 * The switches for faults.
 * @param {(error: unknown) => void} fail
 */
export function createFaultPanel(fail) {
  /** @type {any[]} */
  let faults = [];
  const buttons = SWITCHES.map(({ label, detail, fault }) => ({
    fault,
    button: make(
      "button",
      { type: "button", role: "switch", "aria-checked": "false", click: () => toggle(fault) },
      make("span", {}, label, " ", make("span", { class: "muted" }, detail)),
      make("span", { class: "knob", "aria-hidden": "true" }),
    ),
  }));
  byId("fault-switches").replaceChildren(...buttons.map(({ button }) => make("li", {}, button)));

  /** @param {any} one @param {any} other */
  const isSame = (one, other) => one.service === other.service && one.kind === other.kind && one.target === undefined;
  const set = (/** @type {any[]} */ wanted) =>
    call("/faults", { method: "PUT", body: wanted }).then((answer) => show(answer.faults), fail);
  const toggle = (/** @type {any} */ fault) => {
    const others = faults.filter((one) => !isSame(one, fault));
    const count = byId("fault-count").value;
    return set(
      others.length < faults.length ? others : [...faults, { ...fault, ...(count && { count: Number(count) }) }],
    );
  };
  byId("faults-off").addEventListener("click", () => set([]));

  const show = (/** @type {any[]} */ now) => {
    if (JSON.stringify(now) === JSON.stringify(faults)) return;
    faults = now;
    for (const { fault, button } of buttons) {
      button.setAttribute("aria-checked", String(faults.some((one) => isSame(one, fault))));
    }
    const others = faults.filter((one) => !SWITCHES.some(({ fault }) => isSame(one, fault)));
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
function sentence({ service, kind, target, count, ms, status }) {
  const facts = [status, ms === undefined ? undefined : `${ms} ms`, count === undefined ? undefined : `${count} left`];
  return [service, target, kind, ...facts].filter((fact) => fact !== undefined).join(" · ");
}

/**
 * The buttons that move the clock.
 * @param {(clock: { now: number, offset: number }) => void} moved
 */
export function createClockPanel(moved) {
  const message = byId("clock-message");
  const advance = async (/** @type {string} */ by) => {
    try {
      const clock = await call("/clock", { method: "POST", body: { advance: by } });
      moved(clock);
      byId("advance").value = "";
      message.textContent = `Moved. The cloud is now ${lengthOf(clock.offset)} ahead.`;
      message.className = "hint";
    } catch (error) {
      message.textContent = error instanceof Error && error.message ? error.message : "The cloud does not answer.";
      message.className = "hint bad";
    }
  };
  byId("clock-form").addEventListener("click", (/** @type {Event} */ { target }) => {
    const by = target instanceof HTMLElement ? target.dataset["advance"] : undefined;
    if (by) void advance(by);
  });
  byId("clock-form").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    void advance(byId("advance").value);
  });
}
