/** One engraved line that closes on itself, and how often it is repeated by turning it. */
export interface Band {
  /** SVG path data around (0, 0), within a radius of 100. */
  readonly path: string;
  /** Degrees by which each copy is turned. */
  readonly turns: readonly number[];
}

/** Numbers of a path are written with so many decimals: the same on every machine. */
const DECIMALS = 1;
const POINTS_PER_WAVE = 18;

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
    return {
      path: wave(waves, outer - depth, depth, second),
      turns: Array.from({ length: copies }, (_, copy) => Number(((360 / waves / copies) * copy).toFixed(3))),
    };
  });
}

/** A circle of a radius with waves of a depth, of which a part has twice as many. */
function wave(waves: number, radius: number, depth: number, second: number): string {
  const points = waves * POINTS_PER_WAVE;
  const parts = Array.from({ length: points }, (_, index) => {
    const angle = (index / points) * 2 * Math.PI;
    const swing = (1 - second) * Math.cos(waves * angle) + second * Math.cos(2 * waves * angle);
    const reach = radius + depth * swing;
    return `${(reach * Math.cos(angle)).toFixed(DECIMALS)} ${(reach * Math.sin(angle)).toFixed(DECIMALS)}`;
  });
  return `M${parts.join("L")}Z`;
}
