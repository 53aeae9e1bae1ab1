const SVG = "http://www.w3.org/2000/svg";

/** The rosette of a banknote, with the hit rate in it. @returns `{ element, show(rate, text) }` */
export function rosette() {
  const element = draw("svg", { viewBox: "0 0 200 200", "aria-hidden": "true", focusable: "false" });
  const text = draw("text", { x: 100, y: 105, class: "rate" });
  const arc = draw("circle", {
    cx: 100,
    cy: 100,
    r: 94,
    class: "arc",
    pathLength: 100,
    transform: "rotate(-90 100 100)",
  });
  const label = draw("text", { x: 100, y: 124, class: "label" });
  label.textContent = "hit rate";
  element.append(
    draw("circle", { cx: 100, cy: 100, r: 94, class: "rim" }),
    arc,
    ...[0, 1, 2].map((turn) => draw("path", { class: "engraved", d: engraved(turn) })),
    draw("circle", { cx: 100, cy: 100, r: 43, class: "middle" }),
    text,
    label,
  );
  return {
    element,
    /** @param rate 0 to 1; null when there is none */
    show(rate, words) {
      text.textContent = words;
      arc.setAttribute("stroke-dasharray", `${(rate ?? 0) * 100} 100`);
    },
  };
}

/** A closed line that swings between two circles: three of them make the pattern. */
function engraved(turn) {
  const points = [];
  for (let step = 0; step <= 720; step++) {
    const angle = (step / 720) * 2 * Math.PI;
    const radius = 65 + 20 * Math.cos(24 * angle + (turn * 2 * Math.PI) / 3) + 2 * Math.cos(6 * angle);
    points.push(`${(100 + radius * Math.cos(angle)).toFixed(1)} ${(100 + radius * Math.sin(angle)).toFixed(1)}`);
  }
  return `M ${points.join(" L ")} Z`;
}

function draw(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  return element;
}
