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
  let best: { line: Line; cost: number } | undefined;
  for (const line of candidates(surroundings).map(withoutStops)) {
    const blocked = others.some((box) => meets(line, box, CLEARANCE)) || meets(line, from, -1) || meets(line, to, -1);
    const cost = costOf(line, before);
    if (!blocked && (!best || cost < best.cost)) best = { line, cost };
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
  return stretchesOf(line).some(
    ({ left, right, top, bottom }) =>
      left < x + width + around && right > x - around && top < y + height + around && bottom > y - around,
  );
}

function stretchesOf(line: Line) {
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

function costOf(line: Line, before: readonly Line[]): number {
  const stretches = stretchesOf(line);
  const length = stretches.reduce((sum, { left, right, top, bottom }) => sum + right - left + bottom - top, 0);
  let cost = length + (stretches.length - 1) * BEND_COST;
  for (const other of before.flatMap(stretchesOf)) {
    for (const own of stretches) {
      const across = Math.min(own.right, other.right) - Math.max(own.left, other.left);
      const along = Math.min(own.bottom, other.bottom) - Math.max(own.top, other.top);
      if (across < 0 || along < 0) continue;
      cost += CROSSING_COST + Math.max(across, along) * OVERLAP_COST;
    }
  }
  return cost;
}
