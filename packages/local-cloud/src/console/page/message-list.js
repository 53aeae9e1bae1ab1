import { byId, make } from "./dom.js";
import { bodyText, bytesText, previewOf } from "./message-text.js";
import { redrawList } from "./redraw.js";
import { dateTime } from "./time.js";

/**
 * The table of a queue's messages: which are open, and which are chosen.
 * @param {{ changed: () => void, remove: (sequences: number[]) => void, redrive: (sequences: number[]) => void }} actions
 * `changed`: others are chosen now
 */
export function createMessageList({ changed, remove, redrive }) {
  /** @type {Set<number>} */
  const open = new Set();
  /** @type {Set<number>} */
  const chosen = new Set();
  /** @type {any[]} */
  let messages = [];

  const draw = () => {
    const items = messages.map((message) => ({
      ...message,
      isOpen: open.has(message.sequence),
      isChosen: chosen.has(message.sequence),
    }));
    redrawList(byId("messages"), items, ({ sequence }) => sequence, rows);
    byId("messages").classList.toggle(
      "unfailed",
      messages.every(({ reason }) => reason === null),
    );
    const all = byId("choose-all");
    all.checked = messages.length > 0 && chosen.size === messages.length;
    all.indeterminate = chosen.size > 0 && chosen.size < messages.length;
    all.disabled = messages.length === 0;
  };
  const toggle = (/** @type {Set<number>} */ set, /** @type {number} */ sequence) => {
    if (!set.delete(sequence)) set.add(sequence);
    draw();
    changed();
  };
  byId("choose-all").addEventListener("change", () => {
    const wanted = chosen.size < messages.length ? messages.map(({ sequence }) => sequence) : [];
    chosen.clear();
    for (const sequence of wanted) chosen.add(sequence);
    draw();
    changed();
  });

  /** A message's row, and its details below. @param {any} message */
  const rows = (message) => {
    const { sequence, id, body, contentType, state, readyAt, attempts, reason, enqueuedAt, isOpen, isChosen } = message;
    const details = `message-${sequence}`;
    return make(
      "tbody",
      {},
      make(
        "tr",
        { class: isChosen ? "chosen" : undefined },
        make(
          "td",
          { class: "choice" },
          make("input", {
            type: "checkbox",
            "aria-label": `Choose message ${id.slice(0, 8)}`,
            checked: isChosen,
            "data-focus": "choice",
            change: () => toggle(chosen, sequence),
          }),
        ),
        make(
          "td",
          { class: "body" },
          make(
            "button",
            {
              type: "button",
              class: "opener",
              "aria-expanded": String(isOpen),
              "aria-controls": isOpen && details,
              "data-focus": "open",
              click: () => toggle(open, sequence),
            },
            make("code", {}, previewOf(body) || "(empty)"),
          ),
          make("span", { class: "tag" }, contentType),
        ),
        make("td", {}, stateOf(state, readyAt)),
        make("td", { class: "number wide" }, attempts),
        make("td", { class: "failure wide", title: reason ?? "" }, make("span", { class: "clip" }, reason ?? "")),
        make("td", { class: "number age muted" }, make("span", { "data-since": enqueuedAt })),
      ),
      isOpen
        ? make("tr", { class: "details", id: details }, make("td", { class: "all", colspan: 6 }, ...detailsOf(message)))
        : undefined,
    );
  };

  /** @param {any} message */
  const detailsOf = ({ sequence, id, body, bytes, contentType, sentAt, enqueuedAt, attempts, reason, origin }) => {
    const facts = {
      Id: id,
      Content: `${contentType}, ${bytesText(bytes)}${body.form === "hex" && contentType === "v8" ? ", a value that only Workers can read" : ""}`,
      Sent: dateTime(sentAt),
      ...(enqueuedAt !== sentAt && { "In this queue since": dateTime(enqueuedAt) }),
      Attempts: origin ? `${attempts} since it came here` : String(attempts),
      ...(reason !== null && { "Last failure": reason }),
      ...(origin && { "Comes from": origin.name ?? `a queue that is gone (${origin.id})` }),
    };
    return [
      make(
        "dl",
        { class: "message-facts" },
        ...Object.entries(facts).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]),
      ),
      make("pre", { class: "payload", tabindex: "0", "aria-label": "Body", "data-focus": "body" }, bodyText(body)),
      ...(body.truncated ? [make("p", { class: "muted" }, "This is only the beginning of the body.")] : []),
      make(
        "p",
        { class: "one" },
        ...(origin ? [action("Redrive", () => redrive([sequence]), "redrive")] : []),
        action("Delete…", () => remove([sequence]), "delete", "danger"),
      ),
    ];
  };

  return {
    /** @param {any[]} next */
    show(next) {
      messages = next;
      const sequences = new Set(next.map(({ sequence }) => sequence));
      for (const set of [open, chosen]) for (const sequence of set) if (!sequences.has(sequence)) set.delete(sequence);
      draw();
    },
    chosen: () => [...chosen],
  };
}

/** @param {string} state @param {number} readyAt */
function stateOf(state, readyAt) {
  if (state !== "delayed") return make("span", { class: state === "in flight" ? "state ok" : "state" }, state);
  return make("span", { class: "state" }, "in ", make("span", { "data-until": readyAt }));
}

/** @param {string} text @param {() => void} click @param {string} name @param {string} [kind] */
function action(text, click, name, kind) {
  return make("button", { type: "button", class: kind, "data-focus": name, click }, text);
}
