import { makeSvg } from "./dom.js";
import { depthLine } from "./queue-history.js";
import { lengthOf } from "./time.js";

/**
 * A queue's depth over the last minutes, as small as a word.
 * @param {readonly import("./queue-history.js").Sample[]} samples
 * @param {number} now on the clock of the samples
 */
export function sparkline(samples, now) {
  const [width, height] = [96, 20];
  const picture = makeSvg("svg", {
    viewBox: `-1 -2 ${width + 2} ${height + 4}`,
    class: "sparkline",
    "aria-hidden": "true",
  });
  const line = depthLine(samples, { now, width, height });
  if (line) picture.append(...shapes(line));
  return picture;
}

/**
 * The same with its scale, as wide as its place: text must not grow and shrink with it.
 * @param {readonly import("./queue-history.js").Sample[]} samples
 * @param {{ now: number, width: number }} picture `width` in pixels
 */
export function depthChart(samples, { now, width }) {
  const [height, left, top] = [56, 44, 12];
  const line = depthLine(samples, { now, width: width - left, height });
  const depth = samples.at(-1)?.depth ?? 0;
  const highest = line?.highest ?? 0;
  const since = lengthOf(line?.span ?? 60_000);
  const picture = makeSvg("svg", {
    viewBox: `0 0 ${width} ${height + top + 22}`,
    width,
    class: "chart depth",
    role: "img",
    "aria-label": `Depth over the last ${since}: ${depth} now, ${highest} at the most`,
  });
  const bottom = top + height;
  picture.append(
    makeSvg("line", { x1: left, x2: width, y1: top, y2: top, class: "grid" }),
    makeSvg("line", { x1: left, x2: width, y1: bottom, y2: bottom, class: "axis" }),
    makeSvg("text", { x: left - 8, y: top + 4, class: "end" }, Math.max(1, highest).toLocaleString()),
    makeSvg("text", { x: left - 8, y: bottom + 4, class: "end" }, "0"),
    makeSvg("text", { x: left, y: bottom + 17 }, `${since} ago`),
    makeSvg("text", { x: width, y: bottom + 17, class: "end" }, "now"),
  );
  if (line) picture.append(makeSvg("g", { transform: `translate(${left} ${top})` }, ...shapes(line)));
  return picture;
}

/** @param {{ line: string, area: string }} paths */
function shapes({ line, area }) {
  return [makeSvg("path", { d: area, class: "area" }), makeSvg("path", { d: line, class: "line" })];
}
