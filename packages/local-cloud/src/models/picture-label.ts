/** The letters of "STAND-IN", five columns by seven rows, one text a row. */
const LETTERS: Readonly<Record<string, readonly string[]>> = {
  S: [".####", "#....", "#....", ".###.", "....#", "....#", "####."],
  T: ["#####", "..#..", "..#..", "..#..", "..#..", "..#..", "..#.."],
  A: [".###.", "#...#", "#...#", "#####", "#...#", "#...#", "#...#"],
  N: ["#...#", "##..#", "##..#", "#.#.#", "#..##", "#..##", "#...#"],
  D: ["####.", "#...#", "#...#", "#...#", "#...#", "#...#", "####."],
  "-": [".....", ".....", ".....", ".###.", ".....", ".....", "....."],
  I: [".###.", "..#..", "..#..", "..#..", "..#..", "..#..", ".###."],
};

/** Pixels for one dot of a letter, by the picture's width. */
const DOTS_ACROSS = 256;
const TEXT = "STAND-IN";

/** Writes "STAND-IN" on a dark plate in the lower left corner of RGBA bytes, so that nobody takes it for a model's picture. */
export function drawLabel(pixels: Uint8Array, width: number, height: number): void {
  const dot = Math.max(1, Math.floor(width / DOTS_ACROSS));
  const left = 4 * dot;
  const plate = { width: (TEXT.length * 6 + 5) * dot, height: 13 * dot };
  const top = height - plate.height - left;
  for (let y = 0; y < plate.height; y++) {
    for (let x = 0; x < plate.width; x++) {
      const at = ((top + y) * width + left + x) * 4;
      if (isInk(Math.floor(x / dot) - 3, Math.floor(y / dot) - 3)) pixels.fill(255, at, at + 3);
      else for (let channel = 0; channel < 3; channel++) pixels[at + channel] = (pixels[at + channel] ?? 0) >> 2;
    }
  }
}

/** Whether the label has a dot at this column and row of its text. */
function isInk(column: number, row: number): boolean {
  const letter = TEXT[Math.floor(column / 6)] ?? "";
  return LETTERS[letter]?.[row]?.[column % 6] === "#";
}
