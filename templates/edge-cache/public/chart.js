import { make } from "./page.js";

/** Pixels. */
const HEIGHT = 210;

/**
 * A chart over time: drawn by uPlot, told in words under it, steered with the arrow keys, and beside it the same as a
 * table.
 *
 * @param options `title`; `series`: `{ name, label, dash? }`, coloured by the custom property `--NAME`; `kind`: `bars`
 *   (stacked, the first at the bottom) or `lines`; `format` of a value; `sum` of a column for the whole period; `scale`:
 *   `log` for times, `share` for 0 to 1
 */
export function chart({ title, about, series, kind, format, sum, scale = "linear" }) {
  const period = make("span", { className: "hint numeric" });
  const values = series.map(() => make("span", { className: "numeric" }));
  const legend = make(
    "ul",
    { className: "legend" },
    ...series.map(({ name, label, dash }, place) => {
      const swatch = make("span", { className: dash ? "swatch dashed" : "swatch" });
      swatch.style.setProperty("--swatch", `var(--${name})`);
      return make("li", {}, swatch, `${label} `, values[place]);
    }),
  );
  const plot = make("div", { className: "plot" });
  const table = make("div", { className: "scroll" });
  const details = make("details", {}, make("summary", {}, "As a table"), table);
  const heading = make("h2", {}, title);
  const element = make(
    "section",
    { className: "card chart" },
    make("header", { className: "row spread" }, heading, period),
    make("p", { className: "hint" }, about),
    plot,
    legend,
    details,
  );
  element.setAttribute("aria-label", title);
  plot.tabIndex = 0;
  plot.setAttribute("role", "group");
  plot.setAttribute("aria-label", `${title}: a chart. Left and right arrow keys go from step to step.`);

  let drawn = null;
  let shown = null;
  const tell = (step) => {
    const { times, columns, span } = shown;
    period.textContent = step === null ? "whole period" : timeOf(times[step], span);
    for (const [place, column] of columns.entries()) {
      const value = step === null ? sum(column, place, shown) : column[step];
      values[place].textContent = value === null || value === undefined ? "–" : format(value);
    }
  };

  plot.addEventListener("focus", () => legend.setAttribute("aria-live", "polite"));
  plot.addEventListener("blur", () => {
    legend.removeAttribute("aria-live");
    drawn?.setCursor({ left: -10, top: -10 });
  });
  plot.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (move === undefined || !drawn) return;
    event.preventDefault();
    const last = shown.times.length - 1;
    const from = drawn.cursor.idx ?? (move > 0 ? -1 : last + 1);
    const to = Math.min(last, Math.max(0, from + move));
    drawn.setCursor({
      left: drawn.valToPos(shown.times[to] + (kind === "bars" ? shown.span / 2_000 : 0), "x"),
      top: 10,
    });
  });
  details.addEventListener("toggle", () => showTable());

  function showTable() {
    if (!details.open || !shown) return;
    const { times, columns, span } = shown;
    const rows = times
      .map((time, step) => ({ time, cells: columns.map((column) => column[step]) }))
      .filter(({ cells }) => cells.some((cell) => cell))
      .reverse();
    table.replaceChildren(
      make(
        "table",
        {},
        make("caption", { className: "visually-hidden" }, `${title}, latest first`),
        make(
          "thead",
          {},
          make(
            "tr",
            {},
            ...["Time", ...series.map(({ label }) => label)].map((label) => make("th", { scope: "col" }, label)),
          ),
        ),
        make(
          "tbody",
          {},
          ...rows.map(({ time, cells }) =>
            make(
              "tr",
              {},
              make("td", { className: "numeric" }, timeOf(time, span)),
              ...cells.map((cell) => make("td", { className: "numeric" }, cell === null ? "–" : format(cell))),
            ),
          ),
        ),
      ),
    );
    if (rows.length === 0) table.replaceChildren(make("p", { className: "hint" }, "Nothing in this period."));
  }

  new ResizeObserver(() => drawn?.setSize({ width: plot.clientWidth, height: HEIGHT })).observe(plot);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn?.redraw(false));

  return {
    element,
    /** @param data `times`: seconds, when each step begins; `columns`: a number or null for each step; `span`: a step's ms */
    show(data) {
      shown = data;
      const { times, columns } = data;
      const drawnData = [times, ...(kind === "bars" ? stacked(columns) : columns)];
      if (drawn) drawn.setData(drawnData);
      else drawn = draw({ plot, series, kind, format, scale, data: drawnData, tell, span: () => shown.span });
      tell(drawn.cursor.idx ?? null);
      showTable();
    },
  };
}

/** Each column on top of those before it; the highest first, so that the lower ones are drawn over it. */
function stacked(columns) {
  const heights = [];
  let under = columns[0].map(() => 0);
  for (const column of columns) {
    under = column.map((value, step) => (value ?? 0) + under[step]);
    // Nothing is not drawn, not even its outline.
    heights.push(under.map((height, step) => (column[step] ? height : null)));
  }
  return heights.reverse();
}

function draw({ plot, series, kind, format, scale, data, tell, span }) {
  const { uPlot } = globalThis;
  const colour = (name) => () => getComputedStyle(plot).getPropertyValue(`--${name}`).trim();
  const mono = getComputedStyle(plot).getPropertyValue("--mono");
  const axis = {
    stroke: colour("ink-soft"),
    font: `11px ${mono}`,
    grid: { stroke: colour("line"), width: 1 },
    ticks: { show: false },
  };
  const bars = uPlot.paths.bars({ size: [0.86, 48], align: 1 });
  const inOrder = kind === "bars" ? series.toReversed() : series;
  return new uPlot(
    {
      width: plot.clientWidth,
      height: HEIGHT,
      padding: [10, 26, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: kind === "lines" } },
      scales: {
        x: { range: (_, low, high) => [low, high + (kind === "bars" ? span() / 1_000 : 0)] },
        y: SCALES[scale],
      },
      axes: [
        { ...axis, values: (drawn, times) => times.map((time) => axisTime(time, drawn.data[0])), space: 70, size: 30 },
        {
          ...axis,
          size: 58,
          values: (_, splits) => splits.map((split) => (split === null ? "" : format(split))),
          ...(scale === "log" && { filter: powersOfTen, grid: { ...axis.grid, filter: powersOfTen } }),
        },
      ],
      series: [
        {},
        ...inOrder.map(({ name, dash }) =>
          kind === "bars"
            ? { paths: bars, fill: colour(name), stroke: colour("sheet"), width: 0.5, points: { show: false } }
            : {
                stroke: colour(name),
                width: 2,
                spanGaps: true,
                ...(dash && { dash: [5, 4] }),
                points: { size: 5, show: isSparse },
              },
        ),
      ],
      hooks: { setCursor: [(drawn) => tell(drawn.cursor.idx ?? null)] },
    },
    data,
    plot,
  );
}

/** A line of few points shows them: one alone has no line. */
function isSparse(drawn, place) {
  return drawn.data[place].filter((value) => value !== null).length < 30;
}

const SCALES = { linear: { range: fromZero }, share: { range: () => [0, 1] }, log: { distr: 3, range: decades } };

function powersOfTen(_, splits) {
  return splits.map((split) => (Number.isInteger(Math.log10(split)) ? split : null));
}

/** A scale that begins at nothing; with nothing to show it has a height all the same. */
function fromZero(_, __, high) {
  return [0, high > 0 ? high * 1.08 : 1];
}

/** Whole powers of ten around the times; what is less than a millisecond stands at the bottom. */
function decades(_, low, high) {
  if (low === null || high === null) return [1, 1_000];
  return [Math.max(0.1, 10 ** Math.floor(Math.log10(low))), 10 ** Math.ceil(Math.log10(high * 1.01))];
}

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** The time of a step: a day, or when it began and ended. */
function timeOf(seconds, span) {
  const at = new Date(seconds * 1_000);
  if (span >= 86_400_000) return DAY.format(at);
  const end = new Date(seconds * 1_000 + span);
  const day = at.toDateString() === new Date().toDateString() ? "" : `${DAY.format(at)}, `;
  return span > 60_000 ? `${day}${TIME.format(at)}–${TIME.format(end)}` : `${day}${TIME.format(at)}`;
}

function axisTime(seconds, times) {
  const at = new Date(seconds * 1_000);
  const long = times.at(-1) - times[0] > 2 * 86_400;
  return long || (at.getHours() === 0 && at.getMinutes() === 0) ? DAY.format(at) : TIME.format(at);
}
