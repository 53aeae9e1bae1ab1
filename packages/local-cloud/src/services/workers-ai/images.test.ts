import { createHash } from "node:crypto";
import jpeg from "jpeg-js";
import { describe, expect, it } from "vitest";
import { FLUX, workersAiFixture } from "./workers-ai-fixture.ts";

const { run } = workersAiFixture();

const draw = async (inputs: object) => Buffer.from((await run<{ image: string }>(FLUX, inputs)).image, "base64");

describe("an image", () => {
  it("is a JPEG of 1024 × 1024 pixels with a label in it", async () => {
    const { width, height, data } = jpeg.decode(await draw({ prompt: "a lake at night" }), { useTArray: true });
    expect([width, height]).toEqual([1024, 1024]);
    const brightness = (x: number, y: number) => data[(y * width + x) * 4] ?? 0;
    // The beam of the T and the plate beside its stem.
    expect(brightness(66, 970)).toBeGreaterThan(200);
    expect(brightness(56, 985)).toBeLessThan(80);
  });

  it("is the same for the same prompt and seed on every machine, whatever its steps", async () => {
    const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
    const first = digest(await draw({ prompt: "a red fox", seed: 7 }));
    expect(digest(await draw({ prompt: "a red fox", seed: 7, steps: 8 }))).toBe(first);
    expect(digest(await draw({ prompt: "a red fox", seed: 8 }))).not.toBe(first);
    expect(first).toBe("9a96c1f8b520b12de37990e8d143f1302cf35f516d5e72f65c6857734204cd04");
  });

  it.each<[string, object]>([
    ["no prompt", {}],
    ["an empty prompt", { prompt: "" }],
    ["a prompt of 2049 characters", { prompt: "x".repeat(2049) }],
    ["nine steps", { prompt: "x", steps: 9 }],
  ])("is refused for %s", async (_, inputs) => {
    await expect(draw(inputs)).rejects.toMatchObject({ status: 400, errors: [{ code: 5004 }] });
  });
});
