import { guilloche } from "../domain/guilloche.ts";
import type { Valuation } from "../domain/valuation.ts";
import { Canvas, type Colour, type Point, shadesOf } from "./canvas.ts";
import { png } from "./png.ts";
import { widthOf, write } from "./stroke-font.ts";

/** What Open Graph's readers show whole. */
const WIDTH = 1_200;
const HEIGHT = 630;

const PAPER: Colour = [0xfb, 0xfd, 0xfb];
const GREEN = 0;
const GREY = 1;
const RED = 2;
const INK = 3;
const WHITE = 4;
const INKS: readonly Colour[] = [
  [0x0a, 0x5f, 0x45],
  [0x7b, 0x91, 0x86],
  [0xb0, 0x24, 0x1a],
  [0x12, 0x23, 0x1c],
  [0xff, 0xff, 0xff],
];

/** The card that is shown where somebody shares a valuation without a picture: its rosette, its price, its tier. A PNG. */
export async function drawCard({
  fingerprint,
  priceCents,
  tier,
}: Pick<Valuation, "fingerprint" | "priceCents" | "tier">): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = new Canvas(WIDTH, HEIGHT);
  frame(canvas, 18, 2.4, GREY);
  frame(canvas, 28, 1.2, GREY);
  drawRosette(canvas, fingerprint, [315, 315], 2.55);

  const price = shortPrice(priceCents);
  const unit = Math.min(17, 530 / widthOf(price));
  write(canvas, price, [620, 270 - 3 * unit], unit, unit * 0.62, INK);

  canvas.disc([684, 470], 66, tier === "S" ? RED : tier === "A" ? GREEN : INK);
  write(canvas, tier, [684 - 2 * 11, 470 - 3 * 11], 11, 8, WHITE);
  return png(WIDTH, HEIGHT, canvas.pixels, shadesOf(PAPER, INKS));
}

function frame(canvas: Canvas, inset: number, thickness: number, ink: number): void {
  const corners: readonly Point[] = [
    [inset, inset],
    [WIDTH - inset, inset],
    [WIDTH - inset, HEIGHT - inset],
    [inset, HEIGHT - inset],
  ];
  corners.forEach((from, index) => {
    canvas.line(from, corners[(index + 1) % corners.length] ?? from, thickness, ink);
  });
}

function drawRosette(canvas: Canvas, fingerprint: string, [centreX, centreY]: Point, scale: number): void {
  const inks = [GREEN, GREY, RED];
  guilloche(fingerprint).forEach(({ points, turns }, band) => {
    for (const turn of turns) {
      const [cos, sin] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)];
      const turned = points.map(
        ([x, y]): Point => [centreX + scale * (x * cos - y * sin), centreY + scale * (x * sin + y * cos)],
      );
      turned.forEach((from, index) => {
        canvas.line(from, turned[(index + 1) % turned.length] ?? from, 1.5, inks[band] ?? GREEN);
      });
    }
  });
}

/** `$1,250`, `$1.2M`, `$3.4B`. */
function shortPrice(cents: number): string {
  const dollars = cents / 100;
  const text = (value: number, digits: number) => value.toLocaleString("en-US", { maximumFractionDigits: digits });
  if (dollars >= 1e9) return `$${text(dollars / 1e9, 1)}B`;
  if (dollars >= 1e6) return `$${text(dollars / 1e6, 1)}M`;
  return `$${text(dollars, dollars < 100 ? 2 : 0)}`;
}
