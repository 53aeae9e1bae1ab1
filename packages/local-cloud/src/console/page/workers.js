import { byId, counted, link, make } from "./dom.js";
import { ago } from "./time.js";

/** Binding types as people call them. */
const TYPES = {
  ai: "Workers AI",
  analytics_engine: "Analytics",
  assets: "Assets",
  d1: "D1",
  durable_object_namespace: "Durable Object",
  json: "JSON",
  kv_namespace: "KV",
  plain_text: "Text",
  queue: "Queue",
  r2_bucket: "R2",
  ratelimit: "Rate limit",
  secret_text: "Secret",
  service: "Service",
  vectorize: "Vectorize",
  version_metadata: "Version",
};

/** Which cards are unfolded: a new deploy must not fold them. @type {Set<string>} */
const open = new Set();

/**
 * One card per Worker.
 * @param {any[]} workers
 * @param {any[]} resources of the same account: bindings lead to their ids
 * @param {string} cloudUrl
 */
export function showWorkers(workers, resources, cloudUrl) {
  const names = new Map(resources.map(({ id, name }) => [id, name]));
  byId("workers-count").textContent = String(workers.length);
  byId("workers").replaceChildren(...workers.map((worker) => card(worker, names)));
  const empty = byId("workers-empty");
  empty.hidden = workers.length > 0;
  empty.replaceChildren(
    make("p", {}, "Nothing is deployed in this account."),
    make(
      "p",
      { class: "muted" },
      make("code", {}, "npm start"),
      " deploys the templates. Any Cloudflare client can deploy here too: its API is at ",
      make("code", {}, `${cloudUrl}/client/v4`),
    ),
  );
}

/** @param {any} worker @param {Map<string, string>} names */
function card(worker, names) {
  return make(
    "li",
    { class: "panel worker" },
    make("h3", {}, worker.script),
    make(
      "p",
      { class: "where" },
      worker.url
        ? make("span", { class: "url" }, link(worker.url, worker.url.replace(/^https?:\/\//, "")))
        : make("span", { class: "muted" }, "no address"),
      make(
        "span",
        { class: "muted", title: `Deployed ${worker.modifiedOn}` },
        make("span", { class: "visually-hidden" }, "deployed "),
        make("time", { datetime: worker.modifiedOn, "data-ago": true }, ago(worker.modifiedOn)),
      ),
    ),
    make("ul", { class: "chips", "aria-label": "Handlers and crons" }, ...chips(worker)),
    bindings(worker, names),
  );
}

/** The handlers; the crons stand with the handler they call. @param {any} worker */
function chips({ handlers, crons }) {
  const names = crons.length > 0 && !handlers.includes("scheduled") ? [...handlers, "scheduled"] : handlers;
  return names.map((/** @type {string} */ name) => {
    const times = name === "scheduled" ? crons.map((/** @type {string} */ cron) => make("code", {}, cron)) : [];
    return make("li", {}, name, ...times);
  });
}

/** @param {any} worker @param {Map<string, string>} names */
function bindings({ script, bindings: list }, names) {
  if (list.length === 0) return make("p", { class: "muted" }, "No bindings");
  const rows = list.map((/** @type {any} */ { name, type, target }) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, name),
      make(
        "td",
        {},
        TYPES[/** @type {keyof typeof TYPES} */ (type)] ?? type,
        target ? make("span", { class: "target", title: target }, names.get(target) ?? target) : undefined,
      ),
    ),
  );
  return make(
    "details",
    {
      open: open.has(script),
      toggle: (/** @type {any} */ { target }) => (target.open ? open.add(script) : open.delete(script)),
    },
    make("summary", {}, counted(list.length, "binding")),
    make(
      "table",
      { class: "bindings" },
      make("caption", { class: "visually-hidden" }, `Bindings of ${script}`),
      make("tbody", {}, ...rows),
    ),
  );
}
