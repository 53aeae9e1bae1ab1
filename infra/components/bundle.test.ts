import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readBundle } from "./bundle.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tenner-bundle-"));
  mkdirSync(join(folder, "dist"));
  mkdirSync(join(folder, "src"));
  writeFileSync(join(folder, "src", "index.ts"), "source");
  writeFileSync(join(folder, "dist", "index.js"), "bundle");
  writeBuild({ "src/index.ts": sha256("source") });
});

afterEach(() => rmSync(folder, { recursive: true }));

describe("readBundle", () => {
  it("gives the bundle with its hash", () => {
    expect(readBundle(folder, "templates/x")).toEqual({
      file: join(folder, "dist", "index.js"),
      main: "index.js",
      sha256: sha256("bundle"),
    });
  });

  it.each<[string, () => void, string]>([
    [
      "was never built",
      () => rmSync(join(folder, "dist"), { recursive: true }),
      "templates/x: bundle is missing: run npm run tenner -- build",
    ],
    [
      "lost its bundle",
      () => rmSync(join(folder, "dist", "index.js")),
      "templates/x: bundle is missing (dist/index.js): run npm run tenner -- build",
    ],
    [
      "has an edited source",
      () => writeFileSync(join(folder, "src", "index.ts"), "edited"),
      "templates/x: bundle is stale (src/index.ts changed): run npm run tenner -- build",
    ],
    [
      "has a removed source",
      () => rmSync(join(folder, "src", "index.ts")),
      "templates/x: bundle is stale (src/index.ts changed)",
    ],
    [
      "has several edited sources, some outside",
      () => writeBuild({ "../none.ts": "0", "src/index.ts": "0" }),
      "templates/x: bundle is stale (../none.ts and 1 more changed)",
    ],
  ])("names a template that %s", (_, spoil, message) => {
    spoil();
    expect(() => readBundle(folder, "templates/x")).toThrow(message);
  });
});

function writeBuild(inputs: Record<string, string>): void {
  writeFileSync(join(folder, "dist", "build.json"), JSON.stringify({ main: "index.js", inputs }));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
