import { budgetRules } from "./budget.js";
import { call } from "./connection.js";
import { costChart, dollars } from "./cost-chart.js";
import { byId, make } from "./dom.js";
import { drawRoute } from "./route-graph.js";
import { keepFresh, showProblem, startShell } from "./shell.js";
import { cloudNow, duration, rowTime } from "./time.js";

const DAYS = 30;
const DAY = 86_400_000;
const LOGS = 100;

/** The chosen account's id. @type {string | undefined} */
let accountId;
/** What `/_local/ai-gateway` said last. @type {{ gateways: any[], routes: any[], costs: any[] }} */
let overview = { gateways: [], routes: [], costs: [] };
/** Its newest calls. @type {any[]} */
let logs = [];
/** The call whose details are open. @type {any} */
let opened;

const gatewayId = () => byId("gateway").value;
const ofGateway = (/** @type {any} */ item) => item.gatewayId === gatewayId();

async function load() {
  if (!accountId) return;
  const account = encodeURIComponent(accountId);
  [overview, { logs }] = await Promise.all([
    call(`/ai-gateway?account=${account}`),
    call(`/ai-gateway/logs?account=${account}&limit=${LOGS}`),
  ]);
  show();
}

function show() {
  byId("no-gateway").hidden = overview.gateways.length > 0;
  byId("gateway-content").hidden = overview.gateways.length === 0;
  offer("gateway", overview.gateways, "id", "id");
  byId("gateway-name").textContent = gatewayId();
  byId("gateway-choice").hidden = overview.gateways.length < 2;
  const gateway = overview.gateways.find(({ id }) => id === gatewayId());
  if (!gateway) return;
  byId("budget").replaceChildren(...budgetRules(gateway));
  showCosts(overview.costs.filter(ofGateway));
  offer("route", overview.routes.filter(ofGateway), "id", "name");
  byId("route-choice").hidden = overview.routes.filter(ofGateway).length < 2;
  showRoute();
  showCalls();
}

/** Fills a list without losing what was chosen. @param {string} id @param {any[]} items @param {string} value @param {string} text */
function offer(id, items, value, text) {
  const select = byId(id);
  const chosen = select.value;
  select.replaceChildren(...items.map((item) => make("option", { value: item[value] }, item[text])));
  if (items.some((item) => item[value] === chosen)) select.value = chosen;
}

/** @param {any[]} costs */
function showCosts(costs) {
  const days = Array.from({ length: DAYS }, (_, index) =>
    new Date(cloudNow() - (DAYS - 1 - index) * DAY).toISOString().slice(0, 10),
  );
  const { chart, models } = costChart(costs, days);
  byId("cost-total").textContent = dollars(costs.reduce((sum, { cost }) => sum + cost, 0));
  byId("cost-chart").replaceChildren(chart);
  byId("cost-models").replaceChildren(
    ...models
      .filter(({ cost }) => cost > 0)
      .map(({ model, cost, colour }) => make("li", { class: `colour-${colour}` }, `${model} ${dollars(cost)}`)),
  );
  const rows = costs
    .toReversed()
    .map(({ day, model, calls, cached, tokensIn, tokensOut, cost }) =>
      make(
        "tr",
        {},
        make("td", {}, day),
        make("td", {}, model),
        ...[calls, cached, tokensIn, tokensOut].map((count) => make("td", { class: "number" }, count.toLocaleString())),
        make("td", { class: "number" }, dollars(cost)),
      ),
    );
  const titles = ["Day", "Model", "Calls", "Cached", "Tokens in", "Tokens out", "Cost"];
  byId("cost-details").hidden = rows.length === 0;
  byId("cost-table").replaceChildren(
    make(
      "table",
      { class: "facts" },
      make(
        "thead",
        {},
        make(
          "tr",
          {},
          ...titles.map((title, index) => make("th", { scope: "col", class: index > 1 ? "number" : "" }, title)),
        ),
      ),
      make("tbody", {}, ...rows),
    ),
  );
}

function showRoute() {
  const ofCall =
    opened && overview.routes.find((route) => ofGateway(route) && `dynamic/${route.name}` === opened.requestModel);
  if (ofCall) byId("route").value = ofCall.id;
  const route = overview.routes.find(({ id }) => id === byId("route").value);
  const graph = byId("route-graph");
  if (!route) {
    graph.replaceChildren(make("p", { class: "muted" }, "This gateway has no dynamic route: calls name their model."));
    byId("route-caption").textContent = "";
    return;
  }
  const traced = ofCall && opened.routePath.length > 0;
  const title = `Route ${route.name}${traced ? ", with the way that the chosen call took" : ""}`;
  graph.replaceChildren(drawRoute(route.elements, traced ? opened.routePath : undefined, title));
  byId("route-caption").textContent = traced
    ? `The way of the call at ${rowTime(Date.parse(opened.createdAt))[0]}: ${opened.routePath
        .map((/** @type {any} */ { element, outcome }) => (outcome ? `${element} (${outcome})` : element))
        .join(" → ")}`
    : `Called as dynamic/${route.name}. Choose a call below to see the way that it took.`;
}

/** @param {any} log */
const isFallback = (log) =>
  log.success && log.routePath.filter((/** @type {any} */ { type }) => type === "model").length > 1;

const FILTERS = {
  "": () => true,
  cached: (/** @type {any} */ log) => log.cached,
  failed: (/** @type {any} */ log) => !log.success,
  fallback: isFallback,
};

function showCalls() {
  const kind = /** @type {keyof typeof FILTERS} */ (byId("filter-calls").value);
  const all = logs.filter(ofGateway);
  const shown = all.filter(FILTERS[kind]);
  byId("calls-count").textContent = all.length === LOGS ? `the newest ${LOGS}` : String(all.length);
  byId("calls").replaceChildren(...shown.map(row));
  const empty = byId("calls-empty");
  empty.hidden = shown.length > 0;
  empty.textContent =
    all.length > 0 ? "None of the recent calls." : "No calls yet. Submit a job to a Worker, and its calls appear here.";
}

/** @param {any} log */
function row(log) {
  const [time, milliseconds] = rowTime(Date.parse(log.createdAt));
  const state = log.cached ? "cached" : log.success ? "ok" : "failed";
  const words = log.cached ? "cached" : log.success ? (isFallback(log) ? "fallback" : "ok") : String(log.statusCode);
  const number = (/** @type {number} */ count) => make("td", { class: "number wide" }, count.toLocaleString());
  return make(
    "tr",
    { "aria-selected": opened?.id === log.id },
    make("td", { class: "time" }, time, make("span", { class: "muted" }, milliseconds)),
    make(
      "td",
      {},
      make(
        "button",
        { type: "button", title: log.model, click: () => void open(log) },
        log.model.split("/").at(-1) || log.requestModel,
      ),
    ),
    make("td", { class: "wide muted" }, log.metadata?.template ?? log.provider),
    number(log.tokensIn),
    number(log.tokensOut),
    make("td", { class: "number" }, dollars(log.cost)),
    make("td", {}, make("span", { class: `state ${state}` }, words)),
    make("td", { class: "duration wide" }, duration(log.duration)),
  );
}

/** Shows what a call asked, what it was answered, and its way. @param {any} log */
async function open(log) {
  opened = log;
  showRoute();
  showCalls();
  byId("call").hidden = false;
  const query = `account=${encodeURIComponent(accountId ?? "")}&gateway=${encodeURIComponent(log.gatewayId)}`;
  let payload = { request: null, response: null };
  try {
    payload = await call(`/ai-gateway/logs/${encodeURIComponent(log.id)}?${query}`);
  } catch (error) {
    showProblem(error);
  }
  if (opened !== log) return;
  const facts = Object.entries({
    Id: log.id,
    "Asked for": log.requestModel,
    "Answered by": log.success ? `${log.provider} ${log.model}${log.cached ? ", from the cache" : ""}` : "nobody",
    Status: String(log.statusCode),
    Tokens: `${log.tokensIn.toLocaleString()} in, ${log.tokensOut.toLocaleString()} out`,
    Cost: dollars(log.cost),
    ...(log.metadata ?? {}),
  });
  byId("call-details").replaceChildren(
    make(
      "table",
      { class: "facts" },
      make("caption", { class: "visually-hidden" }, "Facts of the call"),
      make(
        "tbody",
        {},
        ...facts.map(([name, value]) =>
          make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, String(value))),
        ),
      ),
    ),
    make(
      "div",
      { class: "columns-even" },
      payloadOf("Request", payload.request),
      payloadOf("Answer", payload.response),
    ),
  );
  byId("call-title").focus();
}

/** @param {string} title @param {string | null} text */
function payloadOf(title, text) {
  return make(
    "div",
    {},
    make("h4", {}, title),
    text === null
      ? make("p", { class: "muted" }, "Not kept.")
      : make("pre", { class: "payload", tabindex: "0", "aria-label": title }, readable(text)),
  );
}

/** JSON with its lines broken; anything else as it is. @param {string} text */
function readable(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function close() {
  opened = undefined;
  byId("call").hidden = true;
  showRoute();
  showCalls();
}

byId("gateway").addEventListener("change", () => {
  close();
  show();
});
byId("route").addEventListener("change", close);
byId("filter-calls").addEventListener("change", showCalls);
byId("call-close").addEventListener("click", close);

const refresh = keepFresh(load);
startShell({
  account(account) {
    if (account?.id !== accountId) opened = undefined;
    accountId = account?.id;
    refresh();
  },
  activity: refresh,
});
