import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { drawCard } from "./draw-card.ts";

const fingerprint = "e6b36943af95bd5537151c36c54219f4a6962678f27617df45404e952577802b";

/** The pixels of a PNG as `png` writes it, and how many colours it names. */
function read(png: Uint8Array): { width: number; height: number; pixels: Buffer; colours: number } {
  const bytes = Buffer.from(png);
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    chunks.set(bytes.toString("latin1", at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  expect([...chunks.keys()]).toEqual(["IHDR", "PLTE", "IDAT", "IEND"]);
  const header = chunks.get("IHDR") ?? Buffer.alloc(13);
  return {
    width: header.readUInt32BE(0),
    height: header.readUInt32BE(4),
    pixels: inflateSync(chunks.get("IDAT") ?? Buffer.alloc(0)),
    colours: (chunks.get("PLTE")?.length ?? 0) / 3,
  };
}

describe("drawCard", () => {
  it("draws a picture of the size that is shown whole, in colours that it names", async () => {
    const { width, height, pixels, colours } = read(await drawCard({ fingerprint, priceCents: 330_000, tier: "B" }));
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
    expect(new Set(cards.map((card) => Buffer.from(card).toString("base64"))).size).toBe(4);
  });

  it.each([1, 99_999_999_900, 123_456_789])("keeps a price of %d cents inside of its frame", async (priceCents) => {
    const { pixels } = read(await drawCard({ fingerprint, priceCents, tier: "S" }));
    const right = Array.from({ length: 200 }, (_, row) => pixels[(200 + row) * 1_201 + 1 + 1_175] ?? 0);
    // Nothing but paper between the frame's two lines.
    expect(new Set(right)).toEqual(new Set([0]));
  });
});
