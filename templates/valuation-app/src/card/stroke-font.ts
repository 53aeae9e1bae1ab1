import type { Canvas, Point } from "./canvas.ts";

/** What a glyph is drawn with: lines through points of a grid, 4 wide and 6 high, `x y` pairs; lines part at `|`. */
const GLYPHS: Readonly<Record<string, string>> = {
  "0": "10 30 41 45 36 16 05 01 10",
  "1": "11 20 26|16 36",
  "2": "01 10 30 41 42 06 46",
  "3": "01 10 30 41 42 33 44 45 36 16 05|13 33",
  "4": "36 30 04 44",
  "5": "40 10 03 33 44 45 36 16 05",
  "6": "41 30 10 01 05 16 36 45 44 33 13 04",
  "7": "00 40 16",
  "8": "10 30 41 42 33 13 02 01 10|13 04 05 16 36 45 44 33",
  "9": "05 16 36 45 41 30 10 01 02 13 33 42",
  $: "41 30 10 01 02 13 33 44 45 36 16 05|2- 27",
  ",": "26 17",
  ".": "26 26",
  A: "06 20 46|14 34",
  B: "00 30 41 42 33 03|33 44 45 36 06 00",
  C: "41 30 10 01 05 16 36 45",
  D: "00 20 42 44 26 06 00",
  M: "06 00 23 40 46",
  S: "41 30 10 01 02 13 33 44 45 36 16 05",
};
const NARROW = new Set([",", "."]);
const ADVANCE = 5.6;
const NARROW_ADVANCE = 2.2;
const NARROW_SHIFT = -1.8;

/** How wide a text will be, in units of the grid. */
export function widthOf(text: string): number {
  return (
    Array.from(text).reduce((sum, glyph) => sum + (NARROW.has(glyph) ? NARROW_ADVANCE : ADVANCE), 0) - (ADVANCE - 4)
  );
}

/**
 * Writes a text with a pen, as an engraver does. What the font does not have is left blank.
 *
 * @param at the upper left corner
 * @param unit pixels of one step of the grid; a letter is six high
 */
export function write(
  canvas: Canvas,
  text: string,
  [left, top]: Point,
  unit: number,
  thickness: number,
  ink: number,
): void {
  let x = left;
  for (const glyph of text) {
    const shift = NARROW.has(glyph) ? NARROW_SHIFT : 0;
    for (const line of (GLYPHS[glyph] ?? "").split("|").filter(Boolean)) {
      const points = line
        .split(" ")
        .map((pair): Point => [x + (digit(pair, 0) + shift) * unit, top + digit(pair, 1) * unit]);
      points.slice(1).forEach((to, index) => {
        canvas.line(points[index] ?? to, to, thickness, ink);
      });
    }
    x += (NARROW.has(glyph) ? NARROW_ADVANCE : ADVANCE) * unit;
  }
}

/** A coordinate; `-` is one above the grid. */
function digit(pair: string, index: 0 | 1): number {
  const character = pair[index] ?? "0";
  return character === "-" ? -1 : Number(character);
}
