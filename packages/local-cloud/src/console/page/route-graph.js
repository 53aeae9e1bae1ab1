import { makeSvg } from "./dom.js";

const WIDTH = 220;
const HEIGHT = 54;
const GAP_X = 74;
const GAP_Y = 26;
const MARGIN = 12;
/** Between the ways that pass above other elements. */
const LANE = 8;
/** Characters that fit into an element. */
const MOST_OF_NAME = 31;
const MOST_OF_DETAIL = 34;

/**
 * Where each element of a route is drawn: columns by how many elements are before it at the most, rows by the order in
 * which the outputs name them. An element that nothing leads to is left out.
 * @param {any[]} elements as the API has them
 * @returns {{ width: number, height: number, nodes: Map<string, { x: number, y: number, element: any }>, edges: { from: string, to: string, output: string, lane?: number }[] }}
 * `lane` is how high an edge passes that leads over other columns
 */
export function layOut(elements) {
  const byId = new Map(elements.map((element) => [element.id, element]));
  const start = elements.find(({ type }) => type === "start");
  /** @type {Map<string, number>} */
  const columns = new Map();
  /** @param {any} element @param {number} column @param {string[]} before */
  const visit = (element, column, before) => {
    if (!element || before.includes(element.id) || (columns.get(element.id) ?? -1) >= column) return;
    columns.set(element.id, column);
    for (const { elementId } of Object.values(element.outputs ?? {}))
      visit(byId.get(elementId), column + 1, [...before, element.id]);
  };
  visit(start, 0, []);
  // The end stands alone in the last column, however short the way to it is.
  const last = Math.max(0, ...columns.values());
  for (const id of columns.keys()) if (byId.get(id).type === "end") columns.set(id, last);

  /** @type {Map<number, number>} */
  const rows = new Map();
  const nodes = new Map();
  for (const [id, column] of [...columns].sort((one, other) => one[1] - other[1])) {
    const row = rows.get(column) ?? 0;
    rows.set(column, row + 1);
    nodes.set(id, { x: MARGIN + column * (WIDTH + GAP_X), y: MARGIN + row * (HEIGHT + GAP_Y), element: byId.get(id) });
  }
  const tallest = Math.max(0, ...rows.values());
  for (const [column, count] of rows)
    for (const [id, node] of nodes)
      if (columns.get(id) === column) node.y += ((tallest - count) * (HEIGHT + GAP_Y)) / 2;
  let lanes = 0;
  const edges = [...nodes].flatMap(([from, { element }]) =>
    Object.entries(element.outputs ?? {})
      .filter(([, { elementId }]) => nodes.has(elementId))
      .map(([output, { elementId }]) => {
        const over = (columns.get(elementId) ?? 0) - (columns.get(from) ?? 0) > 1;
        return { from, to: elementId, output, ...(over && { lane: MARGIN + LANE * lanes++ }) };
      }),
  );
  // Room above the elements for what passes over them.
  const above = lanes > 0 ? LANE * (lanes + 1) : 0;
  for (const node of nodes.values()) node.y += above;
  return {
    nodes,
    edges,
    width: 2 * MARGIN + (last + 1) * WIDTH + last * GAP_X,
    height: 2 * MARGIN + above + tallest * HEIGHT + Math.max(0, tallest - 1) * GAP_Y,
  };
}

/**
 * The route as a picture. What a call passed stands out, the rest of it fades.
 * @param {any[]} elements
 * @param {{ element: string, type: string, outcome: string }[] | undefined} path the elements a call passed, in order
 * @param {string} title read out in place of the picture
 */
export function drawRoute(elements, path, title) {
  const { nodes, edges, width, height } = layOut(elements);
  const outcomes = new Map((path ?? []).map(({ element, outcome }) => [element, outcome]));
  const passed = new Set((path ?? []).map(({ element, outcome }) => `${element} ${outcome}`));
  const drawing = makeSvg("svg", {
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: "img",
    "aria-label": title,
    class: path ? "route traced" : "route",
  });
  /** How many edges have come to an element: each gets its own place. @type {Map<string, number>} */
  const arrivals = new Map();
  /** Above all edges. @type {SVGElement[]} */
  const labels = [];
  for (const { from, to, output, lane } of edges) {
    const [a, b] = [nodes.get(from), nodes.get(to)];
    if (!a || !b) continue;
    const arrival = arrivals.get(to) ?? 0;
    arrivals.set(to, arrival + 1);
    const outputs = Object.keys(a.element.outputs);
    const x1 = a.x + WIDTH;
    const y1 = a.y + (HEIGHT * (outputs.indexOf(output) + 1)) / (outputs.length + 1);
    const x2 = b.x;
    const y2 = b.y + HEIGHT / 2 + (arrival - 0.5) * 6;
    const half = GAP_X / 2;
    const way =
      lane === undefined
        ? `C${(x1 + x2) / 2} ${y1} ${(x1 + x2) / 2} ${y2} ${x2 - 6} ${y2}`
        : `C${x1 + half} ${y1} ${x1 + half} ${lane} ${x1 + GAP_X} ${lane} H${x2 - GAP_X} C${x2 - half} ${lane} ${x2 - half} ${y2} ${x2 - 6} ${y2}`;
    const isPassed = passed.has(`${from} ${output}`);
    drawing.append(
      makeSvg("path", {
        d: `M${x1} ${y1} ${way}`,
        class: isPassed ? "edge passed" : "edge",
      }),
      makeSvg("path", { d: `M${x2} ${y2} l-7 -4 v8 z`, class: isPassed ? "arrow passed" : "arrow" }),
    );
    if (outputs.length > 1)
      labels.push(makeSvg("text", { x: x1 + 6, y: y1 - 4, class: isPassed ? "output passed" : "output" }, output));
  }
  drawing.append(...labels);
  for (const { x, y, element } of nodes.values()) {
    const outcome = outcomes.get(element.id);
    const failed = outcome !== undefined && element.type === "model" && outcome !== "success";
    const kind = `node ${element.type}${outcome === undefined ? "" : failed ? " passed failed" : " passed"}`;
    const [name, detail] = describe(element);
    drawing.append(
      makeSvg(
        "g",
        { class: kind },
        makeSvg("title", {}, outcome === undefined ? name : `${name}: ${outcome}`),
        makeSvg("rect", { x, y, width: WIDTH, height: HEIGHT, rx: element.type === "model" ? 8 : HEIGHT / 2 }),
        makeSvg("text", { x: x + WIDTH / 2, y: y + (detail ? 23 : 32), class: "name" }, shorten(name, MOST_OF_NAME)),
        ...(detail
          ? [
              makeSvg(
                "text",
                { x: x + WIDTH / 2, y: y + 41, class: "detail" },
                shorten(outcome ?? detail, MOST_OF_DETAIL),
              ),
            ]
          : []),
      ),
    );
  }
  return drawing;
}

/** What an element is called, and what there is to know of it. @param {any} element @returns {[string, string]} */
function describe({ id, type, properties = {} }) {
  switch (type) {
    case "model":
      return [
        properties.model.split("/").at(-1),
        `${properties.provider} · ${properties.timeout / 1000} s${properties.retries ? ` · ${properties.retries + 1} attempts` : ""}`,
      ];
    case "conditional":
      return [id, JSON.stringify(properties.conditions ?? properties.condition ?? {}).replaceAll('"', "")];
    case "rate":
    case "rate_limit":
      return [
        id,
        `${properties.limitType === "cost" ? `$${properties.limit}` : properties.limit} per ${properties.window ?? properties.interval} s`,
      ];
    case "percentage":
      return [id, "by chance"];
    default:
      return [type, ""];
  }
}

/** @param {string} text @param {number} most characters */
function shorten(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
