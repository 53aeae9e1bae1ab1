/** Shades of one ink, from bare paper (0) to full ink. */
const SHADES = 16;
const MOST_SHADE = SHADES - 1;

/** A point, in pixels from the upper left corner. */
export type Point = readonly [x: number, y: number];

/** A colour as its red, green and blue, 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/**
 * A picture drawn with a few inks on paper: a pixel is a byte, the ink's number and how much of it. A Worker has no canvas,
 * and a font or a renderer would be a module of its own.
 */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array<ArrayBuffer>;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint8Array(width * height);
  }

  /** Draws a line with round ends. @param thickness pixels */
  line([fromX, fromY]: Point, [toX, toY]: Point, thickness: number, ink: number): void {
    const radius = thickness / 2;
    const [acrossX, acrossY] = [toX - fromX, toY - fromY];
    const length = acrossX * acrossX + acrossY * acrossY;
    this.#each(
      [Math.min(fromX, toX) - radius, Math.min(fromY, toY) - radius],
      [Math.max(fromX, toX) + radius, Math.max(fromY, toY) + radius],
      (x, y) => {
        const along = length === 0 ? 0 : ((x - fromX) * acrossX + (y - fromY) * acrossY) / length;
        const nearest = Math.min(1, Math.max(0, along));
        return radius - distance(x - fromX - nearest * acrossX, y - fromY - nearest * acrossY);
      },
      ink,
    );
  }

  /** Fills a circle. */
  disc([centreX, centreY]: Point, radius: number, ink: number): void {
    this.#each(
      [centreX - radius, centreY - radius],
      [centreX + radius, centreY + radius],
      (x, y) => radius - distance(x - centreX, y - centreY),
      ink,
    );
  }

  /** Inks every pixel of a rectangle by how far it is inside of a shape: half a pixel is full ink. */
  #each([left, top]: Point, [right, bottom]: Point, inside: (x: number, y: number) => number, ink: number): void {
    const lastX = Math.min(this.width - 1, Math.ceil(right + 1));
    const lastY = Math.min(this.height - 1, Math.ceil(bottom + 1));
    for (let y = Math.max(0, Math.floor(top - 1)); y <= lastY; y++) {
      for (let x = Math.max(0, Math.floor(left - 1)); x <= lastX; x++) {
        const cover = Math.min(1, Math.max(0, inside(x + 0.5, y + 0.5) + 0.5));
        const shade = Math.round(cover * MOST_SHADE);
        const at = y * this.width + x;
        const before = this.pixels[at] ?? 0;
        // The stronger of two inks is seen; what is drawn later wins where it is full.
        if (shade > 0 && (shade === MOST_SHADE || shade > before % SHADES)) this.pixels[at] = ink * SHADES + shade;
      }
    }
  }
}

/** `Math.hypot` guards against overflow, which takes ten times as long. */
function distance(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

/** The colour of every byte that a pixel can be. */
export function shadesOf(paper: Colour, inks: readonly Colour[]): readonly Colour[] {
  return inks.flatMap((ink) =>
    Array.from({ length: SHADES }, (_, shade): Colour => {
      const mix = (channel: 0 | 1 | 2) =>
        Math.round(paper[channel] + ((ink[channel] - paper[channel]) * shade) / MOST_SHADE);
      return [mix(0), mix(1), mix(2)];
    }),
  );
}
