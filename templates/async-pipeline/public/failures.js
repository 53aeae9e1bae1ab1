import { call } from "./api.js";
import { $ } from "./by-id.js";
import { make } from "./page.js";
import { isUnread, many, number, reasonOf, wasLoading } from "./words.js";

const EXAMPLES = 5;

/** The groups on the page by reason and step: what stands there is brought up to date, so nothing loses its place. */
const shown = new Map();

/** Forgets what was shown of another batch. */
export function clearFailures() {
  shown.clear();
  $("failure-groups").replaceChildren();
  $("failures").hidden = true;
}

/**
 * Shows why items are dead.
 *
 * @param actions `redrive(reason)` sends a group round again, `open(position)` shows an item
 */
export function showFailures({ key, batch, failures, canRedrive }, actions) {
  const total = failures.reduce((sum, { count }) => sum + count, 0);
  const redrivable = failures.filter((group) => !isUnread(group));
  $("failures-heading").textContent = `${many(total, "dead item")}`;
  const held = $("failures").contains(document.activeElement) ? document.activeElement : null;
  $("failures").hidden = failures.length === 0;
  $("redrive").hidden = !canRedrive || redrivable.length === 0;
  const going = redrivable.reduce((sum, { count }) => sum + count, 0);
  $("redrive").textContent = going === total ? "Send all round again" : `Send ${number(going)} round again`;

  const present = new Set(failures.map(nameOf));
  for (const [name, group] of shown) {
    if (present.has(name)) continue;
    group.element.remove();
    shown.delete(name);
  }
  for (const failure of failures) {
    const name = nameOf(failure);
    if (!shown.has(name)) shown.set(name, newGroup({ key, batch }, failure, actions));
    const group = shown.get(name);
    group.update(failure, canRedrive, failures);
    // The same order as the answer; what is in its place is not moved, so that it keeps the focus.
    const at = $("failure-groups").children[failures.indexOf(failure)];
    if (at !== group.element) $("failure-groups").insertBefore(group.element, at ?? null);
  }
  if (held && !held.isConnected) $("failures-heading").focus();
}

const nameOf = ({ reason, step }) => JSON.stringify([reason, step]);

function newGroup({ key, batch }, { reason, step }, actions) {
  const count = make("span", { className: "numeric many" });
  const message = make("p", { className: "hint" });
  const examples = make("ul", { className: "examples" });
  const details = make("details", {}, make("summary", {}, "Which ones"), examples);
  details.addEventListener("toggle", () => {
    if (details.open) void listExamples({ key, batch, reason, step, examples }, actions);
  });
  const redrive = make("button", { type: "button", className: "small" });
  redrive.addEventListener("click", () => actions.redrive(reason));
  const place = make("span", { className: "hint" }, wasLoading({ step }) ? "while it was read" : `in step “${step}”`);
  const unread = make("p", { className: "hint" }, "Mend them in your file and send them as a new batch.");
  const element = make(
    "li",
    {},
    count,
    make("div", { className: "flow" }, make("h3", {}, reasonOf(reason), " ", place), message, unread, details),
    redrive,
  );
  return {
    element,
    update(failure, canRedrive, all) {
      count.textContent = number(failure.count);
      const says = failure.message?.toLowerCase() === reasonOf(reason).toLowerCase() ? null : failure.message;
      message.textContent = says === null ? "" : `The first of them: ${says}`;
      message.hidden = says === null;
      unread.hidden = !isUnread(failure);
      // The API chooses by reason; the same one in several steps goes round as one.
      const same = all.filter((each) => each.reason === reason && !isUnread(each));
      redrive.hidden = !canRedrive || same[0]?.step !== step;
      redrive.textContent = same.length > 1 ? "Send round again, of all steps" : "Send round again";
      redrive.setAttribute("aria-label", `${redrive.textContent}: ${reasonOf(reason)}`);
    },
  };
}

async function listExamples({ key, batch, reason, step, examples }, actions) {
  const query = new URLSearchParams({ status: "dead", reason, limit: "100" });
  let items;
  try {
    ({ items } = await call(key, "GET", `/v1/batches/${batch.id}/items?${query}`));
  } catch (error) {
    examples.replaceChildren(make("li", { className: "hint" }, "They could not be listed just now."));
    actions.fail(error);
    return;
  }
  const rows = items
    .filter((item) => item.step === step)
    .slice(0, EXAMPLES)
    .map((item) => {
      const place = item.line === null ? "" : `, line ${number(item.line)}`;
      const open = make("button", { type: "button", className: "open" }, `No. ${number(item.position + 1)}${place}`);
      open.addEventListener("click", () => actions.open(item.position));
      return make("li", {}, open, item.message === null ? "" : ` ${item.message}`);
    });
  examples.replaceChildren(...rows);
}
