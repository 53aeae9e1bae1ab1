import { ApiProblem, call, watch } from "./api.js";
import { TASKS } from "./examples.js";
import { duration, keyInTab, make, setBadge } from "./page.js";

const key = keyInTab("event-agent");
const $ = (id) => document.getElementById(id);

let task = "summarize";
let current = null;
let watching = new AbortController();
let clock = 0;
let cursor = null;
/** The submission under way and its Idempotency-Key. */
let pending = null;

showTasks();
showTask("summarize");
showKeyForm();
if (key.get()) void listJobs();

$("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  key.set($("key").value);
  $("key").value = "";
  showKeyForm();
  void listJobs();
  $("submit").focus();
});
$("job-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void submit();
});
$("job-form").addEventListener("input", () => {
  $("submit").textContent = "Run";
  $("reset").hidden = false;
  showCurl();
});
$("reset").addEventListener("click", () => showTask(task));
$("cancel").addEventListener("click", () => void act("DELETE", current));
$("retry").addEventListener("click", () => void act("POST", current));
$("refresh").addEventListener("click", () => void listJobs());
$("more").addEventListener("click", () => void listJobs(cursor));

// The key

function showKeyForm(problem) {
  const missing = !key.get();
  $("key-form").hidden = !missing;
  $("recent").hidden = missing;
  if (problem) $("key-hint").textContent = problem;
}

function forgetKey() {
  key.forget();
  showKeyForm("That key is not valid here. Paste another.");
  $("key").focus();
}

// The form

function showTasks() {
  for (const [name, { label }] of Object.entries(TASKS)) {
    const input = make("input", { type: "radio", name: "task", value: name, checked: name === task });
    input.addEventListener("change", (event) => {
      event.stopPropagation();
      showTask(name);
    });
    $("tasks").append(make("label", {}, input, label));
  }
}

function showTask(name) {
  task = name;
  const { text, textLabel, fields } = TASKS[name];
  $("text-label").textContent = textLabel;
  $("text").value = text;
  $("options").replaceChildren(...fields.map(fieldOf));
  showError(null);
  $("reset").hidden = true;
  $("submit").textContent = "Run this example";
  showCurl();
}

function fieldOf(field) {
  const id = `field-${field.name}`;
  const control =
    field.type === "select"
      ? make("select", { id }, ...field.options.map((option) => make("option", { value: option }, option)))
      : field.type === "textarea"
        ? make("textarea", { id, spellcheck: false })
        : make("input", { id, type: field.type, ...(field.min && { min: field.min, max: field.max }) });
  control.value = field.value;
  if (field.name === "schema") control.classList.add("mono");
  const wrapper = make("div", { className: "field" }, make("label", { htmlFor: id }, field.label), control);
  if (field.type === "textarea") wrapper.classList.add("whole");
  return wrapper;
}

/** @throws Error when a field cannot be read */
function requestOfForm() {
  const { fields, read } = TASKS[task];
  const values = Object.fromEntries(fields.map(({ name }) => [name, $(`field-${name}`).value]));
  return {
    task,
    input: read($("text").value, values),
    ...($("delay").value && { delay_seconds: Number($("delay").value) }),
    ...($("webhook").value && { webhook_url: $("webhook").value }),
  };
}

function showCurl() {
  let body = "{}";
  try {
    body = JSON.stringify(requestOfForm()).replaceAll("'", "'\\''");
  } catch {
    body = "…";
  }
  $("curl").textContent = [
    `curl ${location.origin}/v1/jobs \\`,
    `  -H "authorization: Bearer $API_KEY" \\`,
    `  -H "content-type: application/json" \\`,
    `  -d '${body}'`,
  ].join("\n");
}

function showError(message) {
  $("form-error").hidden = message === null;
  $("form-error").textContent = message ?? "";
}

async function submit() {
  // Not `disabled`: that would take the keyboard's place away.
  if ($("submit").ariaBusy === "true") return;
  showError(null);
  if (!key.get()) {
    showKeyForm();
    $("key").focus();
    return showError("An API key is needed first: paste one above.");
  }
  let request;
  try {
    request = requestOfForm();
  } catch (error) {
    return showError(error.message);
  }
  $("submit").ariaBusy = "true";
  const started = performance.now();
  try {
    // A repeat after a broken connection must not pay twice: the same submission keeps its key until it is answered.
    const body = JSON.stringify(request);
    if (pending?.body !== body) pending = { body, id: crypto.randomUUID() };
    const job = await call(key.get(), "POST", "/v1/jobs", request, { "idempotency-key": pending.id });
    pending = null;
    follow(job, performance.now() - started);
    showTicket();
  } catch (error) {
    fail(error);
  } finally {
    $("submit").ariaBusy = null;
  }
}

function fail(error) {
  if (error instanceof ApiProblem && error.status === 401) return forgetKey();
  showError(error instanceof ApiProblem ? error.message : "The Worker could not be reached. Try again.");
}

// The ticket

/** Shows a job and keeps it up to date until it has ended. */
function follow(job, acceptedMs = null) {
  watching.abort();
  watching = new AbortController();
  showJob(job, acceptedMs);
  if (hasEnded(job)) return;
  const onState = (state) => {
    // The stream begins with the job's history; runs before this one are over.
    if (state.run >= job.run) showJob(state, acceptedMs);
  };
  watch(key.get(), job.links.events, { onState, hasEnded }, watching.signal).catch(fail);
}

function showJob(job, acceptedMs) {
  const news = current?.id !== job.id || current?.status !== job.status;
  current = job;
  const ended = hasEnded(job);
  const held = $("ticket-actions").contains(document.activeElement) ? document.activeElement : null;
  $("ticket-heading").textContent = TASKS[job.task]?.label ?? job.task;
  $("ticket-id").textContent = job.id;
  setBadge($("ticket-status"), job.status);
  $("cancel").hidden = ended;
  $("retry").hidden = !(job.status === "failed" || job.status === "cancelled");
  // A keyboard's place is not lost with the button that it was on.
  if (held?.hidden) ([$("cancel"), $("retry")].find((button) => !button.hidden) ?? $("ticket-heading")).focus();
  showTrack(job, acceptedMs);
  showNote(job);
  clearInterval(clock);
  if (!ended) clock = setInterval(() => showTrack(job, acceptedMs), 100);
  if (!news) return;
  $("announce").textContent = `Job ${job.status}`;
  if (job.status === "done") void showAnswer(job);
  else showWaiting(job);
  void listJobs();
}

/** On a narrow screen the ticket is below the form. */
function showTicket() {
  $("ticket-heading").scrollIntoView({ block: "nearest" });
}

function showTrack(job, acceptedMs) {
  const ended = hasEnded(job);
  const took = job.duration_ms ?? (job.started_at ? Date.now() - Date.parse(job.started_at) : null);
  const waits = job.status === "queued" ? Date.parse(job.not_before) - Date.now() : 0;
  const stops = [
    {
      state: job.status === "queued" ? "now" : "past",
      name: job.status === "queued" ? "queued" : "submitted",
      detail:
        waits > 500 ? `starts in ${duration(waits)}` : acceptedMs === null ? "" : `202 in ${Math.round(acceptedMs)} ms`,
    },
    {
      state: job.status === "running" ? "now" : ended && job.attempts > 0 ? "past" : "next",
      name: job.attempts > 1 ? `running, attempt ${job.attempts}` : "running",
      detail: job.status === "running" && took !== null ? duration(took) : "",
    },
    {
      state: job.status === "done" ? "done" : ended ? "failed" : "next",
      name: ended ? job.status : "done",
      detail: ended && took !== null ? duration(took) : "",
    },
  ];
  const items = [...$("track").children];
  for (const [index, { state, name, detail }] of stops.entries()) {
    items[index].dataset.state = state;
    items[index].replaceChildren(name, make("br"), make("span", { className: "numeric" }, detail));
  }
}

function showWaiting(job) {
  const texts = {
    queued: job.reason ? "Waiting." : "Taken. The work starts in a moment.",
    running: "A model is being asked.",
    failed: job.error ? `${job.error.code}\n${job.error.message}` : "Failed.",
    cancelled: "Cancelled. Whatever the model still says is dropped.",
  };
  $("answer").className = job.status === "failed" ? "answer failed" : "answer waiting";
  $("answer").textContent = texts[job.status] ?? "";
  showFacts(job);
}

async function showAnswer(job) {
  showFacts(job);
  try {
    const { output } = await call(key.get(), "GET", job.links.result);
    if (current?.id !== job.id) return;
    // What a model writes is text, whatever it looks like.
    const text = output.summary ?? output.reply;
    $("answer").className = text === undefined ? "answer json" : "answer";
    $("answer").textContent = text ?? JSON.stringify(output.data ?? output, null, 2);
  } catch (error) {
    fail(error);
  }
}

const REASONS = {
  delayed: "Put off, as asked.",
  tenant_busy: "As many jobs as allowed are running; this one is next.",
  budget_exhausted: "The month’s budget is used up. The job waits until there is some again, and its deadline with it.",
  rate_limited: "The model is busy. It is tried again.",
  model_unavailable: "The model did not work. It is tried again.",
  timeout: "The model took too long. It is tried again.",
  invalid_answer: "The model’s answer was unusable. It is tried again.",
};

function showNote(job) {
  const notes = [];
  if (job.status === "queued" && job.reason) notes.push(REASONS[job.reason] ?? job.reason);
  if (job.stand_in) notes.push("Written by the local stand-in for a model, not by a model.");
  if (job.fallback) notes.push("The primary model failed; the fallback answered.");
  if (job.webhook?.state) notes.push(`Webhook: ${job.webhook.state.replace("_", " ")}.`);
  $("ticket-note").textContent = notes.join(" ");
  $("ticket-note").hidden = notes.length === 0;
}

function showFacts(job) {
  const facts = [];
  if (job.model) facts.push(["Answered by", job.stand_in ? `stand-in for ${job.model}` : job.model]);
  if (job.usage) facts.push(["Tokens", `${job.usage.input_tokens} in, ${job.usage.output_tokens} out`]);
  if (job.status !== "queued" && job.attempts > 1) facts.push(["Attempts", String(job.attempts)]);
  $("facts").replaceChildren(
    ...facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", { className: "numeric" }, value))),
  );
}

/** DELETE cancels a job, POST retries it. */
async function act(method, job) {
  try {
    const state = await call(key.get(), method, method === "POST" ? job.links.retry : job.links.self);
    follow(state);
  } catch (error) {
    fail(error);
    void listJobs();
  }
}

// The list

/** @param {string | null} before the cursor of the page to add; null begins anew */
async function listJobs(before = null) {
  try {
    const page = await call(key.get(), "GET", `/v1/jobs?limit=8${before ? `&cursor=${before}` : ""}`);
    cursor = page.next_cursor;
    $("more").hidden = cursor === null;
    const rows = page.jobs.map(rowOf);
    const focused = document.activeElement?.closest("#jobs tr")?.dataset.job;
    if (before) $("jobs").append(...rows);
    else $("jobs").replaceChildren(...rows);
    if (!before && focused)
      rows
        .find((row) => row.dataset.job === focused)
        ?.querySelector("button")
        ?.focus();
    $("recent-empty").hidden = $("jobs").children.length > 0;
    $("recent-scroll").hidden = $("jobs").children.length === 0;
  } catch (error) {
    fail(error);
  }
}

function rowOf(job) {
  const verb = make("span", { className: "visually-hidden" }, "Open job ");
  const open = make("button", { type: "button", className: "open", title: job.id }, verb, `…${job.id.slice(-10)}`);
  open.addEventListener("click", () => {
    follow(job);
    showTicket();
  });
  const badge = make("span", { className: "badge" });
  setBadge(badge, job.status);
  const action = { queued: "Cancel", running: "Cancel", failed: "Run again", cancelled: "Run again" }[job.status];
  const cells = [
    open,
    TASKS[job.task]?.label ?? job.task,
    badge,
    job.duration_ms === null ? "–" : duration(job.duration_ms),
    job.model === null ? "–" : job.stand_in ? "stand-in" : job.model.split("/").at(-1),
  ].map((content) => make("td", {}, content));
  for (const cell of cells.slice(3)) cell.className = "wide";
  // On a narrow screen the opened job has the same buttons.
  const last = make("td", { className: "wide" });
  if (action) {
    const button = make(
      "button",
      { type: "button", className: action === "Cancel" ? "small danger" : "small" },
      action,
    );
    button.setAttribute("aria-label", `${action}: job ${job.id}`);
    button.addEventListener("click", () => void act(action === "Cancel" ? "DELETE" : "POST", job));
    last.append(button);
  }
  const row = make("tr", {}, ...cells, last);
  row.dataset.job = job.id;
  return row;
}

// Small parts

function hasEnded(job) {
  return ["done", "failed", "cancelled"].includes(job.status);
}
