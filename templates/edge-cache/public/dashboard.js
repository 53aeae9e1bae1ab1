import { ApiProblem } from "./api.js";
import { $ } from "./by-id.js";
import { chart } from "./chart.js";
import { columnsOf, maySeeAll, readDashboard, saveExport } from "./dashboard-data.js";
import { exampleDay } from "./example-day.js";
import { bindKeyForm, forgetKey, key } from "./key-form.js";
import { make } from "./page.js";
import { ranking } from "./ranking.js";
import { rosette } from "./rosette.js";
import { money, number, percent, took } from "./words.js";

const HOUR = 3_600_000;
const PERIODS = [
  { label: "1 hour", span: HOUR, every: 3_000 },
  { label: "24 hours", span: 24 * HOUR, every: 10_000 },
  { label: "7 days", span: 7 * 24 * HOUR, every: 30_000 },
  { label: "30 days", span: 30 * 24 * HOUR, every: 30_000 },
];

let period = PERIODS[1];
let paused = false;
let timer = 0;
/** Counts the loads: an answer to an older question is not shown. */
let asked = 0;

const HITS = ["hit-exact", "hit-semantic", "coalesced", "stale"];
const total = (column) => column.reduce((sum, value) => sum + (value ?? 0), 0);
const KINDS = [...HITS, "miss", "bypass", "error"];

const requests = chart({
  title: "Requests",
  about: "How they were answered, by what x-cache said.",
  kind: "bars",
  series: KINDS.map((name) => ({ name, label: name })),
  format: number,
  sum: total,
});
const rate = chart({
  title: "Hit rate",
  about: "Hits among hits and misses.",
  kind: "lines",
  scale: "share",
  series: [{ name: "hit-exact", label: "hits" }],
  format: percent,
  sum: (_, __, { whole }) => whole,
});
const dollars = chart({
  title: "Money",
  about: "What was paid, and what kept answers have spared.",
  kind: "bars",
  series: [
    { name: "hit-exact", label: "saved" },
    { name: "miss", label: "spent" },
  ],
  format: money,
  sum: total,
});
const latency = chart({
  title: "Latency",
  about: "Until the answer was whole; each line is ten times the one below.",
  kind: "lines",
  scale: "log",
  series: [
    { name: "hit-exact", label: "hits p50" },
    { name: "hit-exact", label: "hits p95", dash: true },
    { name: "miss", label: "misses p50" },
    { name: "miss", label: "misses p95", dash: true },
  ],
  format: took,
  sum: (_, place, { whole }) => whole[place],
});
const tokens = chart({
  title: "Tokens",
  about: "Of calls that were paid for.",
  kind: "bars",
  series: [
    { name: "coalesced", label: "in" },
    { name: "stale", label: "out" },
  ],
  format: number,
  sum: total,
});

const seal = rosette();
$("rosette").append(seal.element);
$("charts").append(...[requests, dollars, latency, rate, tokens].map(({ element }) => element));
requests.element.classList.add("whole");
showPeriods();
showCode();
bindKeyForm(() => void begin());
void begin();

$("controls").addEventListener("submit", (event) => event.preventDefault());
$("scopes").addEventListener("change", () => void load());
$("pause").addEventListener("click", () => {
  paused = !paused;
  $("pause").textContent = paused ? "Go on" : "Pause";
  $("pause").ariaPressed = String(paused);
  if (paused) showLive("cancelled", "paused");
  else void load();
});
for (const button of document.querySelectorAll("[data-export]")) {
  button.addEventListener("click", () => void save(button.dataset.export));
}
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && !paused) void load();
});

async function begin() {
  show(exampleDay(Date.now()), { example: true });
  if (!key.get()) return showLive("queued", "no key yet");
  try {
    const all = await maySeeAll(key.get());
    $("scopes").hidden = !all;
    document.querySelector(`[name="scope"][value="${all ? "stack" : "tenant"}"]`).checked = true;
    await load();
  } catch (error) {
    fail(error);
  }
}

/** Reads anew, and again after a while, as long as somebody may be looking. */
async function load() {
  clearTimeout(timer);
  const mine = ++asked;
  if (!key.get() || document.hidden) return;
  try {
    const data = await readDashboard(key.get(), { scope: scope(), span: period.span });
    if (mine !== asked) return;
    const empty = data.outcome.total.requests === 0;
    show(empty ? exampleDay(Date.now()) : data, { example: empty });
    $("page-error").hidden = true;
    showLive("done", `live, ${new Date().toLocaleTimeString("en-GB")}`);
  } catch (error) {
    if (mine === asked) fail(error);
  }
  if (paused) showLive("cancelled", "paused");
  else if (mine === asked) timer = setTimeout(() => void load(), period.every);
}

function fail(error) {
  if (error instanceof ApiProblem && error.status === 401) {
    forgetKey();
    return showLive("queued", "no key yet");
  }
  showLive("failed", "not connected");
  $("page-error").hidden = false;
  $("page-error").textContent =
    error instanceof ApiProblem ? error.message : "The Worker could not be reached. It is tried again.";
}

function scope() {
  return document.querySelector('[name="scope"]:checked').value;
}

function showLive(status, text) {
  $("live").dataset.status = status;
  $("live").textContent = text;
}

function showPeriods() {
  for (const each of PERIODS) {
    const input = make("input", { type: "radio", name: "period", checked: each === period });
    input.addEventListener("change", () => {
      period = each;
      void load();
    });
    $("periods").append(make("label", {}, input, each.label));
  }
}

function showCode() {
  $("empty-code").textContent = `new OpenAI({ baseURL: "${location.origin}/v1", apiKey: "tnr_…" })`;
}

async function save(format) {
  if (!key.get()) return $("key").focus();
  try {
    await saveExport(key.get(), { scope: scope(), span: period.span, format });
  } catch (error) {
    fail(error);
  }
}

// What is shown

function show(data, { example }) {
  $("empty").hidden = !example;
  document.body.classList.toggle("example", example);
  showNote(data.outcome.total, example);
  showCharts(data);
  showLists(data);
}

function showNote(figures, example) {
  const {
    requests: count,
    hit_rate,
    saved_usd,
    cost_usd,
    input_tokens,
    output_tokens,
    p50_ms,
    p95_ms,
    errors,
  } = figures;
  seal.show(hit_rate, percent(hit_rate));
  $("note-heading").textContent = example
    ? "Saved, for example"
    : `Saved in the last ${period.label.replace(/^1 /, "")}`;
  $("saved").textContent = money(saved_usd);
  $("worth").textContent = `${money(cost_usd)} spent; without the cache ${money(cost_usd + saved_usd)}.`;
  $("serial").textContent = `№ ${String(count).padStart(8, "0")}`;
  const facts = [
    ["Requests", number(count)],
    ["Hit rate", percent(hit_rate)],
    ["Median", took(p50_ms)],
    ["95 of 100 within", took(p95_ms)],
    ["Tokens", number(input_tokens + output_tokens)],
    ["Errors", number(errors)],
  ];
  $("figures").replaceChildren(
    ...facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", { className: "numeric" }, value))),
  );
}

function showCharts({ outcome, kind }) {
  const counts = columnsOf(outcome, KINDS, "requests");
  requests.show(counts);
  const column = (name) => counts.columns[KINDS.indexOf(name)];
  const share = counts.times.map((_, step) => {
    const hits = HITS.reduce((sum, name) => sum + column(name)[step], 0);
    const all = hits + column("miss")[step];
    return all === 0 ? null : hits / all;
  });
  rate.show({ ...counts, columns: [share], whole: outcome.total.hit_rate });
  dollars.show({ ...counts, columns: [sumOf(outcome, "saved_usd"), sumOf(outcome, "cost_usd")] });
  tokens.show({ ...counts, columns: [sumOf(outcome, "input_tokens"), sumOf(outcome, "output_tokens")] });
  const lines = ["hit", "miss"].flatMap((name) => ["p50_ms", "p95_ms"].map((field) => ({ name, field })));
  const whole = lines.map(({ name, field }) => kind.names.find((each) => each.name === name)?.[field] ?? null);
  const times = lines.map(({ name, field }) => atLeastShown(columnsOf(kind, [name], field, null).columns[0]));
  const { times: steps, span } = columnsOf(kind, [], "requests");
  latency.show({ times: steps, span, columns: times, whole });
}

/** A logarithmic scale has no nothing: what took less than a millisecond stands at half of one. */
function atLeastShown(column) {
  return column.map((ms) => (ms === null ? null : Math.max(ms, 0.5)));
}

/** A field of all names together, for each step. */
function sumOf(outcome, field) {
  const { times, columns } = columnsOf(outcome, KINDS, field);
  return times.map((_, step) => columns.reduce((sum, column) => sum + column[step], 0));
}

function showLists({ tenant, model, code, questions, experiments }) {
  $("tenants").hidden = !tenant;
  if (tenant) {
    ranking(listOf("tenants"), {
      caption: "Tenants, those with the most requests first",
      otherwise: "Nobody has asked in this period.",
      rows: tenant.names,
      columns: [
        { label: "Tenant", cell: ({ name }) => name, bar: ({ cost_usd }) => cost_usd },
        { label: "Spent", cell: ({ cost_usd }) => money(cost_usd), end: true },
        { label: "Saved", cell: ({ saved_usd }) => money(saved_usd), end: true },
        { label: "Hit rate", cell: ({ hit_rate }) => percent(hit_rate), end: true },
      ],
    });
  }
  ranking(listOf("models"), {
    caption: "Models, those with the most answers first",
    otherwise: "Nobody has asked in this period.",
    rows: model.names,
    columns: [
      { label: "Model", cell: ({ name }) => name, bar: ({ requests: count }) => count },
      { label: "Requests", cell: ({ requests: count }) => number(count), end: true },
      { label: "Spent", cell: ({ cost_usd }) => money(cost_usd), end: true },
    ],
  });
  ranking(listOf("errors"), {
    caption: "Errors by code",
    otherwise: "None in this period.",
    rows: code.names,
    columns: [
      { label: "Code", cell: ({ name }) => make("code", {}, name), bar: ({ requests: count }) => count },
      { label: "Requests", cell: ({ requests: count }) => number(count), end: true },
    ],
  });
  ranking(listOf("questions"), {
    caption: "Questions answered from the cache most often",
    otherwise: questions.enabled
      ? "None was asked twice in this period."
      : "Not counted. The setting analytics.topQuestions turns it on; it keeps the first 200 characters of what is asked again.",
    rows: questions.questions,
    columns: [
      // What people ask is text, whatever it looks like.
      { label: "Question", cell: ({ question }) => question, bar: ({ hits }) => hits },
      { label: "Hits", cell: ({ hits }) => number(hits), end: true },
      { label: "Saved", cell: ({ saved_usd }) => money(saved_usd), end: true },
    ],
  });
  showExperiments(experiments);
}

function showExperiments(experiments) {
  const rows = (experiments?.experiments ?? []).flatMap(({ name, variants }) =>
    variants.map((variant) => ({ experiment: name, ...variant })),
  );
  $("experiments").hidden = rows.length === 0;
  if (rows.length === 0) return;
  const within = (figure, format) =>
    !figure
      ? "–"
      : figure.low === null
        ? format(figure.value)
        : `${format(figure.value)} (${format(figure.low)} to ${format(figure.high)})`;
  const column = (label, field, format) => ({
    label,
    cell: ({ figures }) => within(figures[field], format),
    end: true,
  });
  ranking(listOf("experiments"), {
    caption: "Experiments by variant, with the interval that holds the true figure 95 times of 100",
    otherwise: "",
    rows,
    columns: [
      { label: "Experiment", cell: ({ experiment }) => experiment },
      { label: "Variant", cell: ({ name, model }) => (model ? `${name}, ${model}` : name) },
      { label: "Callers", cell: ({ subjects }) => number(subjects), end: true },
      { label: "Requests", cell: ({ requests: count }) => number(count), end: true },
      column("Hit rate", "hit_rate", percent),
      column("Cost of an answer", "cost_usd", (usd) => (usd < 0 ? `−${money(-usd)}` : money(usd))),
      column("Latency", "latency_ms", took),
      column("Feedback", "score", (score) => score.toFixed(2)),
    ],
  });
}

function listOf(id) {
  return $(id).querySelector(".scroll");
}
