import { describe, expect, it } from "vitest";
import { drawCard } from "./draw-card.ts";

const fingerprint = "e6b36943af95bd5537151c36c54219f4a6962678f27617df45404e952577802b";

/** What a PNG as `png` writes it says: its size, its pixels with a filter before each row, how many colours it names. */
async function read(png: Uint8Array<ArrayBuffer>) {
  const view = new DataView(png.buffer);
  const text = (from: number, to: number) => String.fromCharCode(...png.slice(from, to));
  expect(text(1, 4)).toBe("PNG");
  const chunks = new Map<string, Uint8Array<ArrayBuffer>>();
  for (let at = 8; at < png.length; ) {
    const length = view.getUint32(at);
    chunks.set(text(at + 4, at + 8), png.slice(at + 8, at + 8 + length));
    at += length + 12;
  }
  expect([...chunks.keys()]).toEqual(["IHDR", "PLTE", "IDAT", "IEND"]);
  const data = new Blob([chunks.get("IDAT") ?? ""]).stream().pipeThrough(new DecompressionStream("deflate"));
  return {
    width: view.getUint32(16),
    height: view.getUint32(20),
    pixels: new Uint8Array(await new Response(data).arrayBuffer()),
    colours: (chunks.get("PLTE")?.length ?? 0) / 3,
  };
}

describe("drawCard", () => {
  it("draws a picture of the size that is shown whole, in colours that it names", async () => {
    const { width, height, pixels, colours } = await read(
      await drawCard({ fingerprint, priceCents: 330_000, tier: "B" }),
    );
    expect([width, height]).toEqual([1_200, 630]);
    expect(pixels.length).toBe((1_200 + 1) * 630);
    expect(Math.max(...new Set(pixels))).toBeLessThan(colours);
  });

  it("shows another price, another tier and another fingerprint differently", async () => {
    const cards = await Promise.all([
      drawCard({ fingerprint, priceCents: 330_000, tier: "B" }),
      drawCard({ fingerprint, priceCents: 330_100, tier: "B" }),
      drawCard({ fingerprint, priceCents: 330_000, tier: "A" }),
      drawCard({ fingerprint: fingerprint.split("").reverse().join(""), priceCents: 330_000, tier: "B" }),
    ]);
    expect(new Set(cards.map((card) => card.join())).size).toBe(4);
  });

  it.each([1, 99_999_999_900, 123_456_789])("keeps a price of %d cents inside of its frame", async (priceCents) => {
    const { pixels } = await read(await drawCard({ fingerprint, priceCents, tier: "S" }));
    const right = Array.from({ length: 200 }, (_, row) => pixels[(200 + row) * 1_201 + 1 + 1_175] ?? 0);
    // Nothing but paper between the frame's two lines.
    expect(new Set(right)).toEqual(new Set([0]));
  });
});
