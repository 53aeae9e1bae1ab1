import { createHash } from "node:crypto";

/** What a picture is made from. */
export interface PictureQuestion {
  prompt: string;
  /** Another seed, another picture. */
  seed: number;
  /** Pixels. */
  width: number;
  height: number;
}

type Color = readonly [number, number, number];

/** Colours of one mood: the sky above and at the horizon, the sun, the farthest and the nearest hills. */
interface Palette {
  /** Words of a prompt that ask for it. */
  words: RegExp;
  sky: Color;
  horizon: Color;
  sun: Color;
  far: Color;
  near: Color;
}

const PALETTES: readonly Palette[] = [
  {
    words: /\b(?:night|moon|star|space|dark|midnight)s?\b/i,
    sky: [12, 16, 44],
    horizon: [66, 74, 128],
    sun: [240, 240, 224],
    far: [52, 58, 104],
    near: [8, 10, 28],
  },
  {
    words: /\b(?:sunset|fire|autumn|warm|orange|red|desert)s?\b/i,
    sky: [92, 44, 102],
    horizon: [250, 164, 92],
    sun: [255, 236, 180],
    far: [206, 110, 96],
    near: [52, 22, 48],
  },
  {
    words: /\b(?:forest|green|garden|tree|plant|jungle|spring)s?\b/i,
    sky: [142, 200, 200],
    horizon: [238, 240, 206],
    sun: [255, 252, 224],
    far: [148, 188, 142],
    near: [22, 62, 50],
  },
  {
    words: /\b(?:sea|ocean|water|lake|blue|river|summer)s?\b/i,
    sky: [44, 122, 190],
    horizon: [206, 232, 238],
    sun: [255, 246, 200],
    far: [126, 178, 206],
    near: [14, 50, 88],
  },
  {
    words: /\b(?:winter|snow|ice|cold|white)s?\b/i,
    sky: [126, 152, 190],
    horizon: [244, 240, 244],
    sun: [255, 252, 240],
    far: [202, 212, 228],
    near: [74, 94, 128],
  },
  {
    words: /\b(?:flower|pink|love|dream|violet|candy)s?\b/i,
    sky: [124, 108, 190],
    horizon: [252, 206, 214],
    sun: [255, 244, 226],
    far: [210, 150, 190],
    near: [70, 36, 92],
  },
];

const LAYERS = 5;

/**
 * A landscape made from a prompt and a seed, as RGBA bytes: hills under a sky, in colours that the prompt's words ask
 * for. The same prompt and seed give the same bytes on every machine: integers and +, −, ×, ÷ only.
 */
export function landscape({ prompt, seed, width, height }: PictureQuestion): Uint8Array {
  const random = randomFrom(`${seed}\n${prompt}`);
  const any = PALETTES[Math.floor(random() * PALETTES.length)];
  const palette = PALETTES.find(({ words }) => words.test(prompt)) ?? any;
  if (!palette) throw new Error("there are no palettes");
  const sun = {
    x: (0.2 + 0.6 * random()) * width,
    y: (0.15 + 0.25 * random()) * height,
    r: (0.05 + 0.05 * random()) * width,
  };
  const ridges = Array.from({ length: LAYERS }, (_, layer) => ridge(random, layer, width, height));
  const hills = ridges.map((_, layer) => mix(palette.far, palette.near, layer / (LAYERS - 1)));
  const pixels = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const sky = mix(palette.sky, palette.horizon, Math.min(1, y / (height * 0.62)));
    for (let x = 0; x < width; x++) {
      let color = lit(sky, palette.sun, sun, x, y);
      for (let layer = LAYERS - 1; layer >= 0; layer--) {
        const top = ridges[layer]?.[x] ?? height;
        if (y < top) continue;
        // Haze gathers in the valleys: a hill is lighter towards its foot.
        color = mix(hills[layer] ?? palette.near, palette.horizon, Math.min(0.35, ((y - top) / height) * 0.9));
        break;
      }
      pixels.set(color, (y * width + x) * 4);
      pixels[(y * width + x) * 4 + 3] = 255;
    }
  }
  return pixels;
}

/** The sky with the sun and its glow. */
function lit(
  sky: Color,
  sun: Color,
  { x, y, r }: { x: number; y: number; r: number },
  atX: number,
  atY: number,
): Color {
  const distance = ((atX - x) * (atX - x) + (atY - y) * (atY - y)) / (r * r);
  if (distance <= 1) return mix(sky, sun, distance > 0.97 ? (1 - distance) / 0.03 : 1);
  return mix(sky, sun, 0.5 / (1 + distance * 0.35));
}

/** The upper edge of a layer of hills: y by x. Nearer layers are lower and rougher. */
function ridge(random: () => number, layer: number, width: number, height: number): Float64Array {
  const edge = new Float64Array(width).fill(height * (0.5 + 0.1 * layer));
  let swing = height * 0.16;
  for (let waves = 2 + layer; waves < 128; waves *= 2, swing *= 0.45) {
    const points = Array.from({ length: waves + 2 }, () => random() - 0.5);
    for (let x = 0; x < width; x++) {
      const at = (x / width) * waves;
      const whole = Math.floor(at);
      const part = at - whole;
      const ease = part * part * (3 - 2 * part);
      const from = points[whole] ?? 0;
      edge[x] = (edge[x] ?? 0) + (from + ((points[whole + 1] ?? 0) - from) * ease) * swing;
    }
  }
  return edge;
}

function mix(one: Color, other: Color, share: number): Color {
  const at = (index: 0 | 1 | 2) => Math.floor(one[index] + (other[index] - one[index]) * share + 0.5);
  return [at(0), at(1), at(2)];
}

/** Numbers from 0 to 1 that follow from a text (xorshift, seeded by SHA-256). */
function randomFrom(text: string): () => number {
  let state = createHash("sha256").update(text).digest().readUInt32LE() || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}
