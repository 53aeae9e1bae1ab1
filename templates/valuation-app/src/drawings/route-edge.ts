/** A place in a drawing's own units. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** Corners of a way whose stretches are level or upright. */
export type Line = readonly Point[];

interface Surroundings {
  readonly from: Box;
  readonly to: Box;
  /** What the way must not go through. */
  readonly others: readonly Box[];
  /** Ways that are there already, with which it should not be confused. */
  readonly before: readonly Line[];
  /** Where upright stretches may run beside columns. */
  readonly lanes: readonly number[];
  /** Between two rows. */
  readonly gap: number;
}

/** Free space around what a way passes. */
const CLEARANCE = 4;
const BEND_COST = 44;
const CROSSING_COST = 30;
const OVERLAP_COST = 6;

/** The shortest, straightest way from one box to another that goes through no third one; undefined when there is none. */
export function routeEdge(surroundings: Surroundings): Line | undefined {
  const { others, before, from, to } = surroundings;
  const there = before.flatMap(stretchesOf);
  const isBlocked = (line: Line) =>
    others.some((box) => meets(line, box, CLEARANCE)) || meets(line, from, -1) || meets(line, to, -1);
  // Most ways are this one, and nothing is better.
  const straight = straightLine(from, to);
  if (straight && !isBlocked(straight) && confusionCostOf(straight, there) === 0) return straight;
  // The plainest ones first: most of the others then need no closer look.
  const lines = candidates(surroundings).map(withoutStops);
  const ranked = lines
    .map((line) => ({ line, plain: plainCostOf(line) }))
    .sort((one, other) => one.plain - other.plain);
  let best: { line: Line; cost: number } | undefined;
  for (const { line, plain } of ranked) {
    if (best && plain >= best.cost) break;
    if (isBlocked(line)) continue;
    const cost = plain + confusionCostOf(line, there);
    if (!best || cost < best.cost) best = { line, cost };
  }
  return best?.line;
}

function candidates({ from, to, lanes, gap }: Surroundings): Line[] {
  const a = ports(from);
  const b = ports(to);
  const down = to.y > from.y;
  const [start, end] = down ? [a.bottom, b.top] : [a.top, b.bottom];
  const turn = (down ? gap : -gap) / 2;
  const lines: Line[] = [];
  if (from.y !== to.y) {
    lines.push(
      through(start, { x: start.x, y: start.y + turn }, { x: end.x, y: start.y + turn }, end),
      through(start, { x: start.x, y: end.y - turn }, { x: end.x, y: end.y - turn }, end),
    );
    for (const side of [a.left, a.right]) lines.push(through(side, { x: end.x, y: side.y }, end));
    for (const side of [b.left, b.right]) lines.push(through(start, { x: start.x, y: side.y }, side));
  }
  for (const lane of lanes) {
    const [out, into] = [lane < a.top.x ? a.left : a.right, lane < b.top.x ? b.left : b.right];
    lines.push(through(out, { x: lane, y: out.y }, { x: lane, y: into.y }, into));
    if (from.y !== to.y) {
      const before = { x: lane, y: end.y - turn };
      lines.push(
        through(out, { x: lane, y: out.y }, before, { x: end.x, y: before.y }, end),
        through(start, { x: start.x, y: start.y + turn }, { x: lane, y: start.y + turn }, { x: lane, y: into.y }, into),
      );
    }
  }
  return lines;
}

function straightLine(from: Box, to: Box): Line | undefined {
  const [a, b] = [ports(from), ports(to)];
  if (a.top.x === b.top.x) return from.y < to.y ? [a.bottom, b.top] : [a.top, b.bottom];
  if (from.y === to.y) return from.x < to.x ? [a.right, b.left] : [a.left, b.right];
  return undefined;
}

function ports({ x, y, width, height }: Box) {
  const middle = { x: x + width / 2, y: y + height / 2 };
  return {
    top: { x: middle.x, y },
    bottom: { x: middle.x, y: y + height },
    left: { x, y: middle.y },
    right: { x: x + width, y: middle.y },
  };
}

const through = (...points: Point[]): Line => points;

/** Leaves out points at which nothing turns. */
function withoutStops(line: Line): Line {
  const moved = line.filter((point, index) => {
    const before = line[index - 1];
    return !before || before.x !== point.x || before.y !== point.y;
  });
  return moved.filter((point, index) => {
    const [before, after] = [moved[index - 1], moved[index + 1]];
    if (!before || !after) return true;
    return !((before.x === point.x && point.x === after.x) || (before.y === point.y && point.y === after.y));
  });
}

/** Whether a way goes through a box that is made larger by `around` on each side. */
export function meets(line: Line, { x, y, width, height }: Box, around: number): boolean {
  return line.some((start, index) => {
    const end = line[index + 1];
    if (!end) return false;
    return (
      Math.min(start.x, end.x) < x + width + around &&
      Math.max(start.x, end.x) > x - around &&
      Math.min(start.y, end.y) < y + height + around &&
      Math.max(start.y, end.y) > y - around
    );
  });
}

interface Stretch {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function stretchesOf(line: Line): readonly Stretch[] {
  return line.slice(1).map((end, index) => {
    const start = line[index] ?? end;
    return {
      left: Math.min(start.x, end.x),
      right: Math.max(start.x, end.x),
      top: Math.min(start.y, end.y),
      bottom: Math.max(start.y, end.y),
    };
  });
}

/** By its length and its bends. */
function plainCostOf(line: Line): number {
  const stretches = stretchesOf(line);
  const length = stretches.reduce((sum, { left, right, top, bottom }) => sum + right - left + bottom - top, 0);
  return length + (stretches.length - 1) * BEND_COST;
}

/** By how much it could be taken for a way that is there already. */
function confusionCostOf(line: Line, there: readonly Stretch[]): number {
  let cost = 0;
  for (const own of stretchesOf(line)) {
    for (const other of there) {
      const across = Math.min(own.right, other.right) - Math.max(own.left, other.left);
      const along = Math.min(own.bottom, other.bottom) - Math.max(own.top, other.top);
      if (across < 0 || along < 0) continue;
      cost += CROSSING_COST + Math.max(across, along) * OVERLAP_COST;
    }
  }
  return cost;
}
