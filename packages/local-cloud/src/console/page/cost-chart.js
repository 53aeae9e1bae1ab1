import { makeSvg } from "./dom.js";

const WIDTH = 640;
const HEIGHT = 150;
const BOTTOM = 20;
/** Of a figure's character, at most. */
const CHARACTER = 7.5;

/** How many models have a colour of their own; the rest share the last. */
const COLOURS = 5;

/**
 * Dollars by day, each day's bar divided by model. The table beside it says the same in figures.
 * @param {{ day: string, model: string, cost: number }[]} costs `day` is `2026-11-21`
 * @param {string[]} days all days to show, oldest first
 * @returns {{ chart: SVGElement, models: { model: string, cost: number, colour: number }[] }} the models by cost
 */
export function costChart(costs, days) {
  const sums = new Map();
  for (const { model, cost } of costs) sums.set(model, (sums.get(model) ?? 0) + cost);
  const models = [...sums]
    .sort((one, other) => other[1] - one[1])
    .map(([model, cost], index) => ({ model, cost, colour: Math.min(index, COLOURS - 1) }));
  const byDay = Map.groupBy(costs, ({ day }) => day);
  const total = (/** @type {string} */ day) => (byDay.get(day) ?? []).reduce((sum, { cost }) => sum + cost, 0);
  const highest = Math.max(...days.map(total), 0);
  const scale = highest > 0 ? (HEIGHT - BOTTOM - 10) / highest : 0;
  const ticks = highest > 0 ? [1, 0.5].map((share) => ({ at: highest * share, text: dollars(highest * share) })) : [];
  const left = 8 + Math.max(6, ...ticks.map(({ text }) => text.length)) * CHARACTER;
  const step = (WIDTH - left) / days.length;
  const chart = makeSvg("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    class: "chart",
    role: "img",
    "aria-label": `Cost by day, the last ${days.length} days; the highest is ${dollars(highest)}`,
  });
  for (const { at, text } of ticks) {
    const y = HEIGHT - BOTTOM - at * scale;
    chart.append(
      makeSvg("line", { x1: left, x2: WIDTH, y1: y, y2: y, class: "grid" }),
      makeSvg("text", { x: left - 6, y: y + 4, class: "tick end" }, text),
    );
  }
  chart.append(makeSvg("line", { x1: left, x2: WIDTH, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM, class: "axis" }));
  for (const [index, day] of days.entries()) {
    let y = HEIGHT - BOTTOM;
    const x = left + index * step + step * 0.15;
    for (const { model, colour } of models) {
      const cost = (byDay.get(day) ?? []).filter((one) => one.model === model).reduce((sum, one) => sum + one.cost, 0);
      if (cost === 0) continue;
      const height = Math.max(1, cost * scale);
      y -= height;
      chart.append(
        makeSvg(
          "rect",
          { x, y, width: step * 0.7, height, class: `bar colour-${colour}` },
          makeSvg("title", {}, `${day} · ${model} · ${dollars(cost)}`),
        ),
      );
    }
    if (index === 0 || index === days.length - 1)
      chart.append(
        makeSvg(
          "text",
          { x: index === 0 ? left : WIDTH, y: HEIGHT - 5, class: index === 0 ? "tick" : "tick end" },
          day.slice(5),
        ),
      );
  }
  return { chart, models };
}

/**
 * @param {number} amount US dollars, as exact as is worth reading: `$0.000041`, `$0.053`, `$1.25`
 */
export function dollars(amount) {
  if (amount === 0) return "$0";
  if (Math.abs(amount) >= 0.1) return `$${amount.toFixed(2)}`;
  const digits = Math.min(9, 1 - Math.floor(Math.log10(Math.abs(amount))));
  return `$${amount.toFixed(digits)}`;
}
