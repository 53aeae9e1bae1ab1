import { call } from "./api.js";
import { $ } from "./by-id.js";
import { hasEnded } from "./follow.js";
import { make, setBadge } from "./page.js";
import { label, moment, money, number } from "./words.js";

const ROWS = 8;
let cursor = null;

/** Whether a listed batch is still on its way. */
export const anyOpen = () => $("batches").querySelector("[data-open]") !== null;

/**
 * Lists batches, newest first.
 *
 * @param before true adds the next page, else it begins anew
 * @param actions `open(batch)`, `remove(batch)`
 */
export async function listBatches(key, before, actions) {
  const query = new URLSearchParams({ limit: String(ROWS) });
  if (before && cursor) query.set("cursor", cursor);
  const status = $("recent-status").value;
  if (status) query.set("status", status);
  const page = await call(key, "GET", `/v1/batches?${query}`);
  cursor = page.next_cursor;
  $("more").hidden = cursor === null;
  const rows = page.batches.map((batch) => rowOf(batch, actions));
  const focused = document.activeElement?.closest("#batches tr")?.dataset.batch;
  if (before) $("batches").append(...rows);
  else $("batches").replaceChildren(...rows);
  if (!before && focused)
    rows
      .find((row) => row.dataset.batch === focused)
      ?.querySelector("button")
      ?.focus();
  const any = $("batches").children.length > 0;
  $("recent-empty").hidden = any;
  $("recent-empty").textContent = status
    ? `No batch is ${status}.`
    : "No batches yet. The first one will be listed here.";
  $("recent-scroll").hidden = !any;
}

/** Brings the row of a batch up to date, if it is listed. */
export function updateRow(batch, actions) {
  const row = $("batches").querySelector(`[data-batch="${batch.id}"]`);
  // A row with the focus is left until the list is read again.
  if (row && !row.contains(document.activeElement)) row.replaceWith(rowOf(batch, actions));
}

function rowOf(batch, actions) {
  const { counts, model } = batch;
  const verb = make("span", { className: "visually-hidden" }, "Open batch ");
  const open = make("button", { type: "button", className: "open", title: batch.id }, verb, `…${batch.id.slice(-10)}`);
  open.addEventListener("click", () => actions.open(batch));
  const badge = make("span", { className: "badge" });
  setBadge(badge, batch.status);
  const ended = counts.done + counts.dead + counts.cancelled;
  const items = hasEnded(batch) ? number(counts.total) : `${number(ended)} of ${number(counts.total)}`;
  const cell = (content, className = "") => make("td", { className }, content);
  const last = cell("", "wide");
  if (hasEnded(batch)) {
    const remove = make("button", { type: "button", className: "small danger" }, "Delete");
    remove.setAttribute("aria-label", `Delete batch ${batch.id}`);
    remove.addEventListener("click", () => actions.remove(batch));
    last.append(remove);
  }
  const row = make(
    "tr",
    {},
    cell(open),
    cell(label(batch.pipeline), "wide"),
    cell(badge),
    cell(items, "count"),
    cell(number(counts.dead), "count wide"),
    cell(model.calls === 0 ? "–" : money(model.cost_usd), "count wide"),
    cell(moment(batch.created_at), "wide"),
    last,
  );
  row.dataset.batch = batch.id;
  if (!hasEnded(batch)) row.dataset.open = "";
  return row;
}
