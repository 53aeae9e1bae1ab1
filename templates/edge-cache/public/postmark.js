import { OUTCOMES } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
let made = 0;

/**
 * The postmark on an answer: what it was, and when. Its colour only helps; the words are in it, and beside it for those
 * who do not see it.
 *
 * @param outcome the value of `x-cache`, or `error`
 */
export function postmark(outcome, at = new Date()) {
  const { short, detail } = OUTCOMES[outcome] ?? OUTCOMES.bypass;
  const name = `postmark-${++made}`;
  const time = at.toLocaleTimeString("en-GB");
  const mark = draw("svg", { viewBox: "0 0 250 130", class: "postmark", "aria-hidden": "true", focusable: "false" });
  mark.dataset.outcome = outcome;
  mark.append(
    // The lines that cancel a stamp, so that it is not used a second time.
    ...[0, 1, 2, 3, 4].map((line) => draw("path", { class: "wave", d: wave(33 + line * 16) })),
    draw("circle", { class: "ground", cx: 185, cy: 65, r: 61 }),
    draw("circle", { class: "ring", cx: 185, cy: 65, r: 60 }),
    draw("circle", { class: "ring thin", cx: 185, cy: 65, r: 41 }),
    draw("path", { id: `${name}-top`, d: "M 135.5 65 A 49.5 49.5 0 0 1 234.5 65", class: "guide" }),
    draw("path", { id: `${name}-low`, d: "M 130 65 A 55 55 0 0 0 240 65", class: "guide" }),
    curved(`${name}-top`, "EDGE CACHE"),
    curved(`${name}-low`, time),
    words("short", 64, short),
    words("detail", 81, detail),
  );
  return mark;
}

function wave(y) {
  return `M 0 ${y} q 14 -9 28 0 t 28 0 t 28 0 t 28 0 t 28 0`;
}

function curved(guide, text) {
  const path = draw("textPath", { href: `#${guide}`, startOffset: "50%" });
  path.textContent = text;
  const element = draw("text", { class: "rim" });
  element.append(path);
  return element;
}

function words(name, y, text) {
  const element = draw("text", { class: name, x: 185, y });
  element.textContent = text;
  return element;
}

function draw(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  return element;
}
