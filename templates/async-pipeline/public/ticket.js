import { $ } from "./by-id.js";
import { hasEnded } from "./follow.js";
import { duration, make, setBadge } from "./page.js";
import { about, batchError, label, many, money, number, waitOf } from "./words.js";

const PARTS = ["done", "dead", "cancelled", "released", "waiting"];

/** Shows a batch on the ticket. @param perMinute its pace, or null */
export function showTicket(batch, perMinute) {
  const ended = hasEnded(batch);
  $("ticket-heading").textContent = label(batch.pipeline);
  $("ticket-id").textContent = batch.id;
  setBadge($("ticket-status"), batch.status);
  showBar(batch);
  showNote(batch);
  showFacts(batch, perMinute);
  showActions(batch, ended);
}

function showBar({ counts, status, loaded_at }) {
  const ended = counts.done + counts.dead + counts.cancelled;
  const more = loaded_at === null && status !== "failed" && status !== "cancelled" ? " so far" : "";
  $("tally").replaceChildren(make("strong", {}, number(ended)), ` of ${number(counts.total)}${more} ended`);
  for (const part of PARTS) {
    const segment = $("bar").querySelector(`[data-part=${part}]`);
    segment.style.flexGrow = String(counts[part]);
    segment.classList.toggle("some", counts[part] > 0);
    const entry = $("parts").querySelector(`[data-part=${part}]`);
    entry.querySelector("dd").textContent = number(counts[part]);
    if (part === "cancelled") entry.hidden = counts.cancelled === 0;
  }
  const cancelled = counts.cancelled === 0 ? "" : `, ${number(counts.cancelled)} are cancelled`;
  $("bar").setAttribute(
    "aria-label",
    `Of ${many(counts.total, "item")} ${number(counts.done)} are done, ${number(counts.released)} are being worked on, ${number(counts.waiting)} wait, ${number(counts.dead)} are dead${cancelled}.`,
  );
}

function showNote(batch) {
  const text = noteOf(batch);
  $("ticket-note").textContent = text;
  $("ticket-note").hidden = text === "";
  $("ticket-note").dataset.kind = batch.status === "failed" ? "failed" : batch.wait ? "waiting" : "plain";
}

function noteOf(batch) {
  const { counts, status } = batch;
  if (batch.error) return batchError(batch.error);
  if (batch.cancelling) return "Being cancelled: what has begun is finished, nothing else begins.";
  if (batch.wait) return waitOf(batch.wait);
  if (status === "receiving") return "The items are arriving.";
  if (status === "loading") return "The items are being read. The work begins at once, whatever still comes.";
  if (status === "running" && counts.done + counts.dead === 0) return "Taken. The first items are on their way.";
  const notes = [];
  if (status === "done" && counts.dead === 0) notes.push("Every item is done.");
  if (status === "done" && counts.dead > 0) {
    notes.push(
      `${counts.dead === counts.total ? "Every item is" : counts.dead === 1 ? "1 item is" : `${number(counts.dead)} items are`} dead; why, stands below.`,
    );
  }
  if (status === "cancelled")
    notes.push(counts.done > 0 ? "Cancelled. What was done is kept." : "Cancelled before anything was done.");
  if (batch.webhook) notes.push(TOLD[batch.webhook.state] ?? "");
  if (batch.agent_job?.id) notes.push(`The event agent has a job of it: ${batch.agent_job.id}.`);
  return notes.join(" ");
}

const TOLD = {
  pending: "Its webhook is being told.",
  delivered: "Its webhook was told.",
  gave_up: "Its webhook could not be told.",
};

function showFacts(batch, perMinute) {
  const { counts, model, status } = batch;
  const facts = [];
  if (status === "running" && perMinute !== null) {
    facts.push(["Pace", `${paceText(perMinute)} a minute`]);
    if (batch.loaded_at !== null) {
      facts.push(["Time left", about(((counts.waiting + counts.released) / perMinute) * 60_000)]);
    }
  }
  if (hasEnded(batch) && batch.started_at && batch.ended_at && batch.run === 1) {
    const took = Date.parse(batch.ended_at) - Date.parse(batch.started_at);
    facts.push(["Took", duration(took)]);
    if (took > 1000) facts.push(["Pace", `${paceText(((counts.done + counts.dead) / took) * 60_000)} a minute`]);
  }
  if (batch.run > 1) facts.push(["Round", number(batch.run)]);
  if (counts.done > 0 || model.calls > 0) facts.push(["Questions asked", number(model.calls)]);
  if (model.calls_saved > 0) {
    const worth = model.saved_usd > 0 ? `, about ${money(model.saved_usd)}` : "";
    facts.push(["Saved by sharing", `${many(model.calls_saved, "question")}${worth}`]);
  }
  if (model.calls > 0) facts.push(["Cost", money(model.cost_usd)]);
  const rows = facts.map(([name, value]) =>
    make("div", {}, make("dt", {}, name), make("dd", { className: "numeric" }, value)),
  );
  $("facts").replaceChildren(...rows);
}

const paceText = (perMinute) => (perMinute < 10 ? perMinute.toFixed(1) : number(Math.round(perMinute)));

function showActions(batch, ended) {
  const held = $("ticket-actions").contains(document.activeElement) ? document.activeElement : null;
  $("download").hidden = batch.counts.done === 0;
  $("download").textContent = ended ? "Download results" : "Download what is done";
  $("cancel").hidden = ended || batch.cancelling;
  $("delete").hidden = !ended;
  // A keyboard's place is not lost with the button that it was on.
  if (held?.hidden) ([$("download"), $("delete")].find((button) => !button.hidden) ?? $("ticket-heading")).focus();
}

/** Puts the ticket back to where there is no batch. */
export function clearTicket() {
  $("ticket-heading").textContent = "No batch";
  $("ticket-id").textContent = "";
  setBadge($("ticket-status"), "deleted");
  for (const part of PARTS) {
    const segment = $("bar").querySelector(`[data-part=${part}]`);
    segment.style.flexGrow = "0";
    segment.classList.remove("some");
    $("parts").querySelector(`[data-part=${part}] dd`).textContent = "0";
  }
  $("bar").setAttribute("aria-label", "No items.");
  $("tally").replaceChildren("Nothing of it is left.");
  $("ticket-note").hidden = true;
  $("facts").replaceChildren();
  for (const id of ["download", "cancel", "delete"]) $(id).hidden = true;
}
