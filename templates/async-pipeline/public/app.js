import { ApiProblem, call } from "./api.js";
import { anyOpen, listBatches, updateRow } from "./batch-list.js";
import { $ } from "./by-id.js";
import { confirmed } from "./confirm.js";
import { clearFailures, showFailures } from "./failures.js";
import { follow, hasEnded } from "./follow.js";
import { markProblems, pipelineNamed, readForm, showError, showExample, showPipelines } from "./form.js";
import { openItem } from "./item.js";
import { Pace } from "./pace.js";
import { keyInTab } from "./page.js";
import { clearResults, downloadResults, PAGE, showResults } from "./results.js";
import { send } from "./send.js";
import { clearTicket, showTicket } from "./ticket.js";
import { label, many, number, size } from "./words.js";

const FAILURES_EVERY_MS = 3_000;
const LIST_EVERY_MS = 10_000;
const NOTICE_EVERY_MS = 5_000;

const key = keyInTab("async-pipeline");

let current = null;
let following = new AbortController();
let pace = new Pace();
/** The page of results that is shown: rows, the position before it and that of its last row. */
let page = { rows: 0, after: -1, last: -1 };
/** The failures that are shown: how many items they were, and when they were asked for. */
let failing = { dead: 0, at: 0 };
/** When it was last asked who has been told of the end. */
let noticedAt = 0;
/** The submission under way and its Idempotency-Key. */
let pending = null;
let sending = null;

showKeyForm();
if (key.get()) void begin();
setInterval(tick, 1000);

// The key

$("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  key.set($("key").value);
  $("key").value = "";
  void begin();
});

function showKeyForm(problem) {
  const missing = !key.get();
  $("key-form").hidden = !missing;
  if (missing) $("batch-form").hidden = true;
  if (missing) $("recent").hidden = true;
  if (problem) $("key-hint").textContent = problem;
}

function forgetKey() {
  key.forget();
  showKeyForm("That key is not valid here. Paste another.");
  $("key").focus();
}

/** Reads what can be done and what there is; the address may name a batch to open. */
async function begin() {
  try {
    const { pipelines } = await call(key.get(), "GET", "/v1/pipelines");
    showPipelines(pipelines);
    showKeyForm();
    $("batch-form").hidden = false;
    $("recent").hidden = false;
    await list();
    const named = new URLSearchParams(location.search).get("batch");
    if (named) await openNamed(named);
  } catch (error) {
    fail(error);
  }
}

async function openNamed(id) {
  try {
    open(await call(key.get(), "GET", `/v1/batches/${encodeURIComponent(id)}`));
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 404) throw error;
    history.replaceState(null, "", location.pathname);
    showProblem("The batch that the address names is not there: it was deleted, or belongs to another key.");
  }
}

// Problems

/** Says what went wrong: at the top of the page, or beside the form when that is where it comes from. */
function fail(error, show = showProblem) {
  if (error instanceof ApiProblem && error.status === 401) return forgetKey();
  if (error instanceof ApiProblem) return show(problemText(error));
  show("The Worker could not be reached. Try again.");
}

function problemText({ code, status, message }) {
  const texts = {
    rate_limited: "Too many submissions in this minute. Try again in the next.",
    already_ended: "The batch has ended in the meantime.",
    not_ended: "The batch still runs. Cancel it first.",
    nothing_to_redrive: `Nothing was sent round again: ${message}.`,
    request_under_way: "The same file is still arriving from an earlier try. Wait a few seconds, then start again.",
  };
  if (texts[code]) return texts[code];
  return status >= 500 ? `Something went wrong in the Worker (${code ?? status}). Try again.` : withLabels(message);
}

/** The API names fields by their paths; people know them by their labels. */
function withLabels(message) {
  return message
    .replaceAll(/^\/options\/(\w+)[^:]*:/gm, (_, name) => `${label(name)}:`)
    .replaceAll(/^\/file_url:/gm, "Address of the file:")
    .replaceAll(/^\/webhook_url:/gm, "Webhook address:");
}

function showProblem(message) {
  $("page-error").hidden = message === null;
  $("page-error").textContent = message ?? "";
}

// Starting a batch

$("batch-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void submit();
});
$("reset").addEventListener("click", () => {
  showExample();
  $("text").focus();
});
$("sending-stop").addEventListener("click", () => sending?.abort());

async function submit() {
  // Not `disabled`: that would take the keyboard's place away.
  if ($("submit").ariaBusy === "true") return;
  showError(null);
  showProblem(null);
  markProblems("");
  let form;
  try {
    form = readForm();
  } catch (error) {
    return showError(error.message);
  }
  // A repeat after a broken connection must not pay twice: the same submission keeps its key until it is answered.
  if (pending?.same !== form.same) pending = { same: form.same, id: crypto.randomUUID() };
  sending = new AbortController();
  $("submit").ariaBusy = "true";
  try {
    const batch = await send(key.get(), form.address, {
      body: form.body,
      headers: { "content-type": form.contentType, "idempotency-key": pending.id },
      onProgress: showSending,
      signal: sending.signal,
    });
    pending = null;
    open(batch);
    showTicketPlace();
    void list().catch(fail);
  } catch (error) {
    if (error.name === "AbortError") showError("Stopped. Nothing of it was kept.");
    else fail(error, showError);
    if (error instanceof ApiProblem) {
      // Refused, not lost: the next try is another submission.
      if (error.status < 500 && error.code !== "request_under_way") pending = null;
      markProblems(error.message);
    }
  } finally {
    sending = null;
    $("submit").ariaBusy = null;
    $("sending").hidden = true;
  }
}

function showSending(sent, all) {
  // What is gone in a moment needs no bar.
  if (all < 500_000) return;
  $("sending").hidden = false;
  $("sending-bar").value = sent / all;
  $("sending-told").textContent =
    sent < all ? `${size(sent)} of ${size(all)} sent` : `${size(all)} sent; it is being put away`;
}

// The batch

/** Shows a batch and keeps it up to date until it has ended. */
function open(batch) {
  following.abort();
  following = new AbortController();
  const { signal } = following;
  if (current?.id !== batch.id) {
    clearFailures();
    clearResults();
    page = { rows: 0, after: -1, last: -1 };
    failing = { dead: 0, at: 0 };
    // Loading the page again shows it again.
    history.replaceState(null, "", `?batch=${batch.id}`);
  }
  current = null;
  pace = new Pace();
  show(batch);
  if (hasEnded(batch)) return;
  const onReach = (isReached) =>
    showProblem(isReached ? null : "The Worker cannot be reached. It is tried again; the work goes on meanwhile.");
  follow(key.get(), batch, { onState: show, onReach }, signal).catch((error) => {
    if (signal.aborted) return;
    if (error instanceof ApiProblem && error.status === 404) gone(batch);
    else fail(error);
  });
}

function show(batch) {
  const before = current;
  current = batch;
  pace.add(batch, Date.now());
  showTicket(batch, pace.perMinute(Date.now()));
  announce(before, batch);
  updateRow(batch, listActions);
  if (before && before.status !== batch.status) void list().catch(fail);
  const isFilling = page.after === -1 && page.rows < PAGE;
  const hasJustEnded = before !== null && hasEnded(batch) && !hasEnded(before);
  if (batch.counts.done > 0 && (isFilling || hasJustEnded)) void showPage(page.after);
  refreshFailures();
}

/** On a narrow screen the ticket is below the form. */
function showTicketPlace() {
  const isBeside = matchMedia("(min-width: 58rem)").matches;
  $("ticket-heading").scrollIntoView({ block: isBeside ? "nearest" : "start" });
}

/** Once a second: what depends on the time, and what was put off. */
function tick() {
  if (!current || document.hidden) return;
  if (hasEnded(current)) refreshNotices();
  else showTicket(current, pace.perMinute(Date.now()));
  refreshFailures();
}

/** A batch's events end with it; who is told of that comes after. */
function refreshNotices() {
  const batch = current;
  const open = [batch.webhook, batch.agent_job].some((notice) => notice?.state === "pending");
  if (!open || Date.now() - noticedAt < NOTICE_EVERY_MS) return;
  noticedAt = Date.now();
  call(key.get(), "GET", `/v1/batches/${batch.id}`)
    .then((state) => {
      if (current === batch) show(state);
    })
    .catch(() => {
      // Asked again with a later tick.
    });
}

/** Tells a screen reader of a new state and of every quarter, not of every item. */
function announce(before, batch) {
  const quarter = ({ counts: { total, done, dead, cancelled } }) =>
    total === 0 ? 0 : Math.floor(((done + dead + cancelled) / total) * 4);
  const { done, dead, total } = batch.counts;
  const counts = `${number(done)} of ${many(total, "item")} done, ${number(dead)} dead`;
  if (before?.status !== batch.status) {
    const why = batch.wait || batch.error ? $("ticket-note").textContent : "";
    $("announce").textContent = `Batch ${batch.status}. ${why} ${counts}.`;
  } else if (batch.loaded_at !== null && quarter(before) !== quarter(batch)) $("announce").textContent = `${counts}.`;
}

function gone(batch) {
  if (current?.id === batch.id) {
    following.abort();
    current = null;
    clearTicket();
    clearFailures();
    clearResults();
    history.replaceState(null, "", location.pathname);
  }
  void list().catch(fail);
}

$("cancel").addEventListener("click", () => void cancel(current));
$("delete").addEventListener("click", () => void remove(current));
$("download").addEventListener("click", () => void download(current));

async function cancel(batch) {
  const { waiting, released } = batch.counts;
  const agreed = await confirmed({
    heading: "Cancel this batch?",
    text: `${many(waiting, "item that waits", "items that wait")} will not be begun. ${released > 0 ? `The ${number(released)} in work are finished. ` : ""}What is done is kept.`,
    yes: "Cancel the batch",
    no: "Let it run",
  });
  if (agreed) await act(async () => open(await call(key.get(), "POST", `/v1/batches/${batch.id}/cancel`, {})));
}

async function remove(batch) {
  const agreed = await confirmed({
    heading: "Delete this batch?",
    text: `Its ${many(batch.counts.total, "item")} and ${many(batch.counts.done, "result")} are removed and cannot be brought back.`,
    yes: "Delete",
    no: "Keep it",
  });
  if (!agreed) return;
  await act(async () => {
    await call(key.get(), "DELETE", `/v1/batches/${batch.id}`);
    gone(batch);
    $("recent-heading").focus();
  });
}

async function download(batch) {
  const button = $("download");
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  await act(() => downloadResults(key.get(), batch));
  button.ariaBusy = null;
}

async function redrive(reason) {
  await act(async () => {
    const body = reason === null ? {} : { reason };
    const { batch } = await call(key.get(), "POST", `/v1/batches/${current.id}/redrive`, body);
    failing.at = 0;
    open(batch);
  });
}

$("redrive").addEventListener("click", () => void redrive(null));

/** Does what a button says; a refusal is shown, and what the batch now is. */
async function act(work) {
  showProblem(null);
  const batch = current;
  try {
    await work();
  } catch (error) {
    fail(error);
    if (!(error instanceof ApiProblem) || error.status !== 409 || !batch || current?.id !== batch.id) return;
    await call(key.get(), "GET", `/v1/batches/${batch.id}`).then(open, () => {});
  }
}

// What became of its items

function refreshFailures() {
  const batch = current;
  const { dead } = batch.counts;
  const now = Date.now();
  const due = failing.at === 0 || now - failing.at >= FAILURES_EVERY_MS || hasEnded(batch);
  if (!due || (failing.dead === dead && failing.at !== 0)) return;
  failing = { dead, at: now };
  if (dead === 0) return clearFailures();
  call(key.get(), "GET", `/v1/batches/${batch.id}/failures`)
    .then(({ failures }) => {
      if (current?.id !== batch.id) return;
      const canRedrive = !["receiving", "loading", "failed"].includes(current.status) && !current.cancelling;
      showFailures({ key: key.get(), batch: current, failures, canRedrive }, { redrive, open: openPosition, fail });
    })
    .catch(() => {
      // Asked for again with the next tick.
      failing.dead = -1;
    });
}

async function showPage(after) {
  const batch = current;
  const schema = pipelineNamed(batch.pipeline)?.result;
  page.rows = Math.max(page.rows, 1);
  try {
    const shown = await showResults({ key: key.get(), batch, schema, after }, openPosition);
    if (current?.id === batch.id) page = { ...shown, after };
  } catch (error) {
    if (current?.id === batch.id) fail(error);
  }
}

$("results-refresh").addEventListener("click", () => void showPage(page.after));
$("results-first").addEventListener("click", () => void showPage(-1));
$("results-next").addEventListener("click", () => void showPage(page.last));

function openPosition(position) {
  void act(() => openItem(key.get(), current, position));
}

// The list

const listActions = {
  open(batch) {
    showProblem(null);
    open(batch);
    $("ticket-heading").focus();
    showTicketPlace();
  },
  remove: (batch) => void remove(batch),
};

const list = (before = false) => listBatches(key.get(), before, listActions);

$("refresh").addEventListener("click", () => void list().catch(fail));
$("more").addEventListener("click", () => void list(true).catch(fail));
$("recent-status").addEventListener("change", () => void list().catch(fail));
// Batches that others began, and those that are not watched. A list that was paged on stays as it is.
setInterval(() => {
  if (!key.get() || document.hidden || !anyOpen() || $("batches").children.length > 8) return;
  list().catch(() => {});
}, LIST_EVERY_MS);
