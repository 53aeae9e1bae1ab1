import { call } from "./connection.js";
import { byId, counted, link, make } from "./dom.js";
import { keepFresh, startShell } from "./shell.js";

/** The chosen account's id. @type {string | undefined} */
let accountId;

async function load() {
  if (!accountId) return;
  const scale = byId("scale").value.trim();
  const query = new URLSearchParams({ account: accountId, ...(scale && { scale }) });
  show(await call(`/usage/bill?${query}`));
}

/** @param {any} bill */
function show(bill) {
  const used = bill.lines.filter((/** @type {any} */ line) => line.used > 0);
  const unused = bill.lines.filter((/** @type {any} */ line) => line.used === 0);
  const { refused } = bill.free;
  byId("period").textContent = `${dayOf(bill.from)} to ${dayOf(bill.to)}, prices of ${dayOf(bill.prices_of)}`;
  byId("free-total").textContent = usd(bill.free.usd);
  byId("free-note").textContent =
    refused.length === 0 ? "nothing is refused" : `${counted(refused.length, "limit")} passed`;
  byId("free-note").className = refused.length === 0 ? "muted" : "warn";
  byId("paid-total").textContent = usd(bill.paid.usd);
  byId("paid-note").textContent = `${usd(bill.paid.base_usd)} of it the plan itself`;
  byId("scale-message").textContent =
    bill.scale === null ? "As it was, day by day." : "Spread evenly over a month of 30 days.";
  byId("refusals").hidden = refused.length === 0;
  byId("refused").replaceChildren(...refused.map((/** @type {string} */ text) => make("li", {}, text)));
  byId("lines").replaceChildren(...used.map(row));
  byId("nothing").hidden = used.length > 0;
  byId("unused").textContent =
    unused.length === 0 ? "" : `Nothing used: ${unused.map((/** @type {any} */ line) => nameOf(line)).join(", ")}.`;
  const named = [
    ["Not counted", bill.not_counted],
    ["Not on this bill", bill.not_priced],
    ["Free", bill.free_of_charge],
  ];
  byId("remarks").replaceChildren(
    ...named.flatMap(([title, list]) =>
      list.map((/** @type {any} */ { product, why }) => make("li", {}, `${title}: ${product} – ${why}.`)),
    ),
  );
}

/** @param {any} line */
function row(line) {
  const { product, what, used, free, paid, note, source } = line;
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, make("span", { class: "product" }, product), ` ${what}`),
    make("td", { class: "number" }, amount(used)),
    make("td", {}, ...freeCell(free, used)),
    make("td", { class: "number" }, paid.usd === 0 ? "included" : usd(paid.usd)),
    make("td", { class: "wide muted how" }, ...(note ? [note, " "] : []), link(source, "price")),
  );
}

/** @param {any} free @param {number} used */
function freeCell(free, used) {
  if (free.allowance === undefined) return ["free"];
  const allowed = `${amount(free.allowance)}${free.per === "total" ? "" : ` a ${free.per}`}`;
  if (free.usd > 0) return [`${usd(free.usd)} beyond ${allowed}`];
  if (free.beyond > 0) return [make("span", { class: "state failed" }, "refused"), ` beyond ${allowed}`];
  const share = free.per === "day" ? undefined : used / free.allowance;
  return [
    `free to ${allowed}`,
    ...(share === undefined ? [] : [make("span", { class: "muted" }, ` (${percent(share)})`)]),
  ];
}

/** @param {any} line */
const nameOf = ({ product, what }) => `${product} ${what}`;

/** @param {number} share */
const percent = (share) => (share < 0.001 ? "under 0.1 %" : `${(share * 100).toFixed(1)} %`);

/** @param {number} value */
function amount(value) {
  if (value >= 10_000_000) return `${Number((value / 1e6).toPrecision(4)).toLocaleString()} million`;
  if (value >= 100) return Math.round(value).toLocaleString();
  return String(Number(value.toPrecision(3)));
}

/** @param {number} value US dollars */
function usd(value) {
  if (value === 0) return "$0";
  return `$${value >= 1 ? value.toFixed(2) : Number(value.toPrecision(3)).toFixed(9).replace(/0+$/, "")}`;
}

/** @param {string} day `2026-11-21` */
function dayOf(day) {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString(undefined, { dateStyle: "medium", timeZone: "UTC" });
}

const refresh = keepFresh(load);
byId("scaling").addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());
byId("scale").addEventListener("input", (/** @type {any} */ { target }) => {
  if (target.checkValidity()) refresh();
  else byId("scale-message").textContent = "A number above 0, such as 30 or 2.5.";
});
startShell({
  account(account) {
    accountId = account?.id;
    refresh();
  },
  activity: refresh,
});
