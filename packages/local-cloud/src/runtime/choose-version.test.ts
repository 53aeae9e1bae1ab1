import { describe, expect, it } from "vitest";
import { chooseVersion } from "./choose-version.ts";

const split = (share: number) => [
  { versionId: "old", percentage: 100 - share },
  { versionId: "new", percentage: share },
];
const keys = Array.from({ length: 2000 }, (_, number) => `user-${number}`);
const withNew = (share: number) =>
  new Set(
    keys.filter(
      (key) => chooseVersion(split(share), { "cloudflare-workers-version-key": key }, "w")?.versionId === "new",
    ),
  );

describe("chooseVersion", () => {
  it.each([
    [0.05, "new"],
    [0.0999, "new"],
    [0.1, "old"],
    [0.99, "old"],
  ])("gives the chance %d of a 10 % split to the %s version", (chance, versionId) => {
    expect(chooseVersion(split(10), {}, "w", chance)).toMatchObject({ versionId });
  });

  it("keeps a key with its version, and with the new one as its share grows", () => {
    const [ten, fifty] = [withNew(10), withNew(50)];
    expect(withNew(10)).toEqual(ten);
    expect([...ten].filter((key) => !fifty.has(key))).toEqual([]);
    expect(ten.size / keys.length).toBeCloseTo(0.1, 1);
    expect(fifty.size / keys.length).toBeCloseTo(0.5, 1);
  });

  it.each([
    ['w="new"', "new"],
    ['other="old", w="new"', "new"],
    ['w="gone"', "old"],
    ['other="new"', "old"],
    ["w=new", "old"],
  ])("obeys the override %s: %s", (header, versionId) => {
    const headers = { "cloudflare-workers-version-overrides": header };
    expect(chooseVersion(split(0), headers, "w")).toMatchObject({ versionId });
  });
});
