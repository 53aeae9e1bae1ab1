/** One line of a chart. */
export interface Line {
  readonly name: string;
  /** By time; a gap where there is no figure. */
  readonly points: readonly (readonly [seconds: number, value: number | undefined])[];
}

export interface LineChart {
  readonly title: string;
  readonly lines: readonly Line[];
  /** A figure of the vertical axis, with its unit. */
  readonly format: (value: number) => string;
}

const [WIDTH, HEIGHT] = [720, 260];
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 16, 12, 28];
/** Lines of a grid, at most. */
const GRID = 5;

/** Figures over time as a drawing of its own: an `svg` whose colours are the page's `--line-1` to `--line-6`. */
export function lineChart({ title, lines, format }: LineChart): string {
  const points = lines.flatMap((line) => line.points);
  const until = Math.max(1, ...points.map(([seconds]) => seconds));
  const step = niceStep(Math.max(0, ...points.map(([, value]) => value ?? 0)) / (GRID - 1));
  const top = step * Math.max(1, Math.ceil(Math.max(0, ...points.map(([, value]) => value ?? 0)) / step));
  const x = (seconds: number) => LEFT + (seconds / until) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);

  const grid = steps(top, step).map(
    (value) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${round(y(value))}" y2="${round(y(value))}"/>` +
      `<text class="axis" x="${LEFT - 8}" y="${round(y(value) + 4)}" text-anchor="end">${htmlOf(format(value))}</text>`,
  );
  const secondStep = niceStep(until / 6);
  const times = steps(until, secondStep).map(
    (seconds) =>
      `<text class="axis" x="${round(x(seconds))}" y="${HEIGHT - 8}" text-anchor="middle">${round(seconds)} s</text>`,
  );
  const paths = lines.map(({ points: of }, index) => {
    const parts = of.map(([seconds, value], place) => {
      if (value === undefined) return "";
      const goesOn = place > 0 && of[place - 1]?.[1] !== undefined;
      // One alone is a dot.
      const dot = goesOn || of[place + 1]?.[1] !== undefined ? "" : "l0 0";
      return `${goesOn ? "L" : "M"}${round(x(seconds))} ${round(y(value))}${dot}`;
    });
    return `<path class="line" style="stroke: var(--line-${index + 1})" d="${parts.join("")}"/>`;
  });
  const legend = lines.map(
    ({ name }, index) => `<li><span style="background: var(--line-${index + 1})"></span>${htmlOf(name)}</li>`,
  );
  return `<figure><figcaption>${htmlOf(title)}</figcaption>
<ul class="legend">${legend.join("")}</ul>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${htmlOf(title)}">${grid.join("")}${times.join("")}${paths.join("")}</svg></figure>`;
}

/** A round number near it: 1, 2 or 5 of a power of ten. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1e-9)));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10);
}

function steps(top: number, step: number): number[] {
  return Array.from({ length: Math.floor(top / step + 1e-6) + 1 }, (_, index) => index * step);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Text as it stands in HTML. */
export function htmlOf(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
