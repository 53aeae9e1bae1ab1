import type { Drawing, DrawnEdge, DrawnGroup, DrawnNode } from "./drawing.ts";
import { type Box, type Line, type Point, routeEdge } from "./route-edge.ts";

/** Sizes in the drawings' own units; a phone shows about one for a pixel. */
const COLUMN = 106;
const GUTTER = 20;
const MARGIN = 14;
const NODE_HEIGHT = 44;
const ROW_GAP = 38;
const GROUP_PADDING = { side: 6, top: 15, bottom: 11 };

/** Every drawing is three columns wide, so that it can be read on a phone. */
const COLUMNS = 3;
export const WIDTH = 2 * MARGIN + COLUMNS * COLUMN + (COLUMNS - 1) * GUTTER;
const PITCH = NODE_HEIGHT + ROW_GAP;
const TOP = 22;

export interface PlacedNode extends DrawnNode {
  readonly box: Box;
}

export interface PlacedEdge extends DrawnEdge {
  readonly line: Line;
  /** Where its label stands, and on which side of that point. */
  readonly labelAt: Point & { readonly anchor: "start" | "middle" | "end" };
}

interface PlacedGroup extends DrawnGroup {
  readonly box: Box;
}

/** Where everything of a drawing is. */
export interface Layout {
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
  readonly groups: readonly PlacedGroup[];
}

const layouts = new WeakMap<Drawing, Layout>();

/** Places a drawing's parts on its grid and finds ways between them that go through no other part; once for a drawing. */
export function layOut(drawing: Drawing): Layout {
  const known = layouts.get(drawing);
  if (known) return known;
  const layout = placed(drawing);
  layouts.set(drawing, layout);
  return layout;
}

function placed(drawing: Drawing): Layout {
  const nodes = drawing.nodes.map((node) => ({ ...node, box: boxOf(node) }));
  const boxes = new Map(nodes.map(({ id, box }) => [id, box]));
  const boxNamed = (id: string) => {
    const box = boxes.get(id);
    if (!box) throw new RangeError(`drawing ${drawing.id}: there is no part "${id}"`);
    return box;
  };
  const lines: (DrawnEdge & { line: Line })[] = [];
  for (const edge of drawing.edges) {
    const from = boxNamed(edge.from);
    const to = boxNamed(edge.to);
    const others = [...boxes.values()].filter((box) => box !== from && box !== to);
    const before = lines.filter((each) => each.from !== edge.from && each.to !== edge.to).map(({ line }) => line);
    const line = routeEdge({ from, to, others, before, lanes: LANES, gap: ROW_GAP });
    if (!line) throw new RangeError(`drawing ${drawing.id}: there is no way from "${edge.from}" to "${edge.to}"`);
    lines.push({ ...edge, line });
  }
  const rows = Math.max(...drawing.nodes.map(({ at: [, row] }) => row)) + 1;
  return {
    height: TOP + rows * PITCH - ROW_GAP + 20,
    nodes,
    edges: lines.map((edge) => {
      const beside = lines.filter(({ from, to }) => from === edge.from && to !== edge.to).map(({ line }) => line);
      return { ...edge, labelAt: labelPlace(edge.line, beside) };
    }),
    groups: (drawing.groups ?? []).map((group) => ({ ...group, box: around(group.nodes.map(boxNamed)) })),
  };
}

/** Where lines may go down between columns, and beside them. */
const LANES: readonly number[] = [
  MARGIN / 2,
  ...Array.from({ length: COLUMNS - 1 }, (_, column) => columnX(column) + COLUMN + GUTTER / 2),
  WIDTH - MARGIN / 2,
];

function columnX(column: number): number {
  return MARGIN + column * (COLUMN + GUTTER);
}

function boxOf({ at: [column, row], span: columns }: DrawnNode): Box {
  const span = columns ?? 1;
  return {
    x: columnX(column),
    y: TOP + row * PITCH,
    width: span * COLUMN + (span - 1) * GUTTER,
    height: NODE_HEIGHT,
  };
}

function around(boxes: readonly Box[]): Box {
  const left = Math.min(...boxes.map(({ x }) => x)) - GROUP_PADDING.side;
  const top = Math.min(...boxes.map(({ y }) => y)) - GROUP_PADDING.top;
  const right = Math.max(...boxes.map(({ x, width }) => x + width)) + GROUP_PADDING.side;
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height)) + GROUP_PADDING.bottom;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Below the middle of a part, from where its label can be read. */
const BELOW_MIDDLE = 34;
/** Below the end of a part. */
const BELOW_END = 21;

/**
 * Beside the first stretch that is long enough and that no other way from the same part goes along, so that a word stands
 * where its own way begins.
 */
function labelPlace(line: Line, beside: readonly Line[]): PlacedEdge["labelAt"] {
  const stretches = line.slice(1).map((end, index) => ({ start: line[index] ?? end, end, index }));
  const long = stretches.filter(
    ({ start, end }) => Math.abs(end.x - start.x) + Math.abs(end.y - start.y) >= GUTTER - 2,
  );
  const own = long.find(({ start, end }) => !beside.some((other) => goesAlong(other, start, end)));
  const { start, end, index } = own ?? long[0] ?? { start: { x: 0, y: 0 }, end: { x: 0, y: 0 }, index: 0 };
  if (start.x !== end.x) return { x: (start.x + end.x) / 2, y: start.y - 5, anchor: "middle" };
  const y = start.y + Math.sign(end.y - start.y) * (index === 0 ? BELOW_END : BELOW_MIDDLE) + 3;
  return start.x > WIDTH / 2 + COLUMN ? { x: start.x - 5, y, anchor: "end" } : { x: start.x + 5, y, anchor: "start" };
}

/** Whether a way runs along a stretch from its very start. */
function goesAlong(line: Line, start: Point, end: Point): boolean {
  return line.slice(1).some((to, index) => {
    const from = line[index] ?? to;
    if (from.x !== start.x || from.y !== start.y) return false;
    return (
      Math.sign(to.x - from.x) === Math.sign(end.x - start.x) && Math.sign(to.y - from.y) === Math.sign(end.y - start.y)
    );
  });
}
