import { call } from "./connection.js";
import { byId, counted, make } from "./dom.js";
import { keepFresh, startShell } from "./shell.js";
import { duration } from "./time.js";

const MATCHES = 10;

/** The chosen account's id. @type {string | undefined} */
let accountId;
/** @type {any[]} */
let indexes = [];
/** The name of the index that is searched. */
let chosen = "";

async function load() {
  if (!accountId) return;
  const answer = await call(`/vectorize?account=${encodeURIComponent(accountId)}`);
  indexes = answer.indexes;
  byId("delay").textContent = `Mutations take ${duration(answer.delay)}`;
  show();
}

function show() {
  byId("indexes-count").textContent = String(indexes.length);
  byId("no-index").hidden = indexes.length > 0;
  byId("indexes-panel").hidden = indexes.length === 0;
  if (!indexes.some(({ name }) => name === chosen)) {
    const first = indexes[0]?.name;
    if (first) void choose(first);
    else byId("chosen").hidden = true;
  }
  byId("indexes").replaceChildren(...indexes.map(row));
}

/** @param {any} index */
function row({ name, dimensions, metric, vectorCount, pendingMutations, metadataIndexes, error }) {
  const properties = (metadataIndexes ?? [])
    .map((/** @type {any} */ { propertyName, indexType }) => `${propertyName} (${indexType})`)
    .join(", ");
  return make(
    "tr",
    { "aria-selected": name === chosen },
    make("td", {}, make("button", { type: "button", click: () => void choose(name) }, name)),
    make("td", { class: "number" }, error ? "" : (vectorCount ?? 0).toLocaleString()),
    make("td", { class: "number" }, dimensions),
    make("td", { class: "wide" }, metric),
    make("td", { class: "wide muted" }, properties || "none"),
    make(
      "td",
      {},
      error
        ? make("span", { class: "state failed", title: error }, "damaged")
        : make("span", { class: "state ok" }, pendingMutations ? `${pendingMutations} waiting` : "all applied"),
    ),
  );
}

/** Shows an index: at first some of its vectors. @param {string} name */
async function choose(name) {
  chosen = name;
  byId("chosen").hidden = false;
  byId("chosen-name").textContent = name;
  byId("query-message").textContent = "";
  byId("indexes").replaceChildren(...indexes.map(row));
  try {
    const query = `account=${encodeURIComponent(accountId ?? "")}&index=${encodeURIComponent(name)}&limit=${MATCHES}`;
    const { vectors } = await call(`/vectorize/vectors?${query}`);
    if (chosen !== name) return;
    byId("query-message").textContent = vectors.length > 0 ? "Some of its vectors:" : "It holds no vectors yet.";
    showVectors(vectors);
  } catch (error) {
    say(error);
  }
}

/** @param {any[]} vectors with a score when they were searched for */
function showVectors(vectors) {
  const scored = vectors.some(({ score }) => score !== undefined);
  const titles = [...(scored ? ["Score"] : []), "Id", "Namespace", "Metadata"];
  const rows = vectors.map(({ id, score, namespace, metadata }) =>
    make(
      "tr",
      {},
      ...(scored ? [make("td", { class: "score" }, score.toFixed(4))] : []),
      make("td", {}, id),
      make("td", { class: "muted" }, namespace ?? ""),
      make("td", {}, metadata ? make("code", {}, JSON.stringify(metadata)) : ""),
    ),
  );
  byId("matches").replaceChildren(
    ...(vectors.length === 0
      ? []
      : [
          make(
            "table",
            { class: "facts" },
            make("thead", {}, make("tr", {}, ...titles.map((title) => make("th", { scope: "col" }, title)))),
            make("tbody", {}, ...rows),
          ),
        ]),
  );
}

/** @param {unknown} error */
function say(error) {
  const message = byId("query-message");
  message.textContent = error instanceof Error && error.message ? error.message : "The cloud does not answer.";
  message.className = "hint bad";
}

byId("query").addEventListener("submit", async (/** @type {Event} */ event) => {
  event.preventDefault();
  const message = byId("query-message");
  message.className = "hint";
  message.textContent = "Searching…";
  const index = chosen;
  const namespace = byId("namespace").value.trim();
  try {
    const start = performance.now();
    const path = `/vectorize/query?account=${encodeURIComponent(accountId ?? "")}&index=${encodeURIComponent(index)}`;
    const body = {
      text: byId("text").value,
      topK: MATCHES,
      returnMetadata: "all",
      ...(namespace && { namespace }),
    };
    const { matches } = await call(path, { method: "POST", body });
    if (chosen !== index) return;
    message.textContent = `${counted(matches.length, "match", "matches")} in ${duration(performance.now() - start)}, embedding included.`;
    showVectors(matches);
  } catch (error) {
    say(error);
  }
});

const refresh = keepFresh(load);
startShell({
  account(account) {
    accountId = account?.id;
    refresh();
  },
  activity: refresh,
});
