import { byId, counted, make } from "./dom.js";

const PRODUCTS = {
  "ai-gateway": "AI gateways",
  "analytics-engine": "Analytics datasets",
  d1: "D1 databases",
  "durable-objects": "Durable Objects",
  kv: "KV namespaces",
  queues: "Queues",
  r2: "R2 buckets",
  vectorize: "Vectorize indexes",
};

/** Which groups were folded or unfolded by hand. @type {Map<string, boolean>} */
const chosen = new Map();

/**
 * The resources, by product.
 * @param {any[]} resources
 * @param {ReadonlyMap<string, number>} messages how many messages wait in each queue, by its id
 */
export function showResources(resources, messages) {
  byId("resources-count").textContent = resources.length > 0 ? String(resources.length) : "";
  const groups = Map.groupBy(resources, ({ product }) => product);
  const elements = [...groups]
    .map(([product, list]) => group(product, list, messages))
    .sort((one, other) => (one.title < other.title ? -1 : 1));
  byId("resources").replaceChildren(
    ...(elements.length > 0
      ? elements.map(({ element }) => element)
      : [make("p", { class: "empty" }, "No resources. They appear when a program declares them.")]),
  );
}

/** @param {string} product @param {any[]} list @param {ReadonlyMap<string, number>} messages */
function group(product, list, messages) {
  const title = PRODUCTS[/** @type {keyof typeof PRODUCTS} */ (product)] ?? product;
  const names = list
    .toSorted((one, other) => one.name.localeCompare(other.name))
    .map(({ id, name }) =>
      product === "queues"
        ? queue(name, id, messages.get(id) ?? 0)
        : make("li", { title: id }, make("span", { class: "clip" }, name)),
    );
  const element = make(
    "details",
    {
      class: "group",
      open: chosen.get(product) ?? list.length <= 8,
      toggle: (/** @type {any} */ { target }) => chosen.set(product, target.open),
    },
    make("summary", {}, title, " ", make("span", { class: "count" }, list.length)),
    make("ul", {}, ...names),
  );
  return { title, element };
}

/** @param {string} name @param {string} id @param {number} count of messages */
function queue(name, id, count) {
  const account = new URLSearchParams(location.search).get("account");
  const query = new URLSearchParams({ ...(account && { account }), queue: name });
  return make(
    "li",
    { class: "queue", title: id },
    make("a", { href: `/queues?${query}`, "aria-label": `${name}, ${counted(count, "message")}` }, name),
    count > 0 ? make("span", { class: "badge", title: counted(count, "message") }, count.toLocaleString()) : undefined,
  );
}
