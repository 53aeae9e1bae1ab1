/** x and y. */
type Point = readonly [number, number];

/** One engraved line that closes on itself, and how often it is repeated by turning it. */
export interface Band {
  /** The corners that the line is drawn between, around (0, 0), within a radius of 100. */
  readonly points: readonly Point[];
  /** The same as SVG path data, with the corners rounded. */
  readonly path: string;
  /** Degrees by which each copy is turned. */
  readonly turns: readonly number[];
}

const POINTS_PER_WAVE = 18;
/** Each curve of a path goes on from the one before with what that was rounded to. After so many it begins anew. */
const CURVES_IN_A_ROW = 9;

/**
 * The rosette of a fingerprint, as banknotes have them: waves around a circle, turned a few times so that they cross.
 * Every description has its own.
 *
 * @param fingerprint 64 hexadecimal digits
 * @param bands 1 to 3; fewer for a small picture
 */
export function guilloche(fingerprint: string, bands = 3): readonly Band[] {
  const byte = (index: number) => Number.parseInt(fingerprint.slice(32 + index * 2, 34 + index * 2), 16) || 0;
  return Array.from({ length: bands }, (_, index) => {
    const waves = 5 + (byte(index * 4) % 9) + index * 2;
    const copies = 3 + (byte(index * 4 + 1) % 4);
    const outer = 96 - index * 30;
    // Inner bands are shallower: no line crosses the middle.
    const depth = ((16 + (byte(index * 4 + 2) % 14)) * outer) / 96;
    const second = (byte(index * 4 + 3) % 5) / 10;
    const points = wave(waves, outer - depth, depth, second);
    return {
      points,
      path: smoothPath(points),
      turns: Array.from({ length: copies }, (_, copy) => Number(((360 / waves / copies) * copy).toFixed(3))),
    };
  });
}

/** A circle of a radius with waves of a depth, of which a part has twice as many. */
function wave(waves: number, radius: number, depth: number, second: number): Point[] {
  const points = waves * POINTS_PER_WAVE;
  return Array.from({ length: points }, (_, index) => {
    const angle = (index / points) * 2 * Math.PI;
    const swing = (1 - second) * Math.cos(waves * angle) + second * Math.cos(2 * waves * angle);
    const reach = radius + depth * swing;
    return [rounded(reach * Math.cos(angle)), rounded(reach * Math.sin(angle))];
  });
}

/** Quadratic curves from the middle of a side to the middle of the next, each pulled to the corner between them. */
function smoothPath(points: readonly Point[]): string {
  const middles = points.map(([x, y], index): Point => {
    const [nextX, nextY] = points[(index + 1) % points.length] ?? [x, y];
    return [rounded((x + nextX) / 2), rounded((y + nextY) / 2)];
  });
  const curves = middles.map((middle, index) =>
    // The corner of a curve is the one before, mirrored at the middle: it need not be said each time.
    index % CURVES_IN_A_ROW === 0 ? `Q${points[index]?.join(" ") ?? ""} ${middle.join(" ")}` : `T${middle.join(" ")}`,
  );
  return `M${middles.at(-1)?.join(" ") ?? "0 0"}${curves.join("")}Z`;
}

/** One decimal: the same on every machine. */
function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
