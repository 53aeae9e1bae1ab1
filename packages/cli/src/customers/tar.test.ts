import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { packFolder } from "./tar.ts";

const directory = mkdtempSync(join(tmpdir(), "tenner-tar-"));
afterAll(() => rmSync(directory, { recursive: true }));

it("packs what tar unpacks, byte for byte", async () => {
  const from = join(directory, "from");
  mkdirSync(join(from, "r2/files"), { recursive: true });
  const bytes = Buffer.from(Array.from({ length: 1537 }, (_, index) => index % 256));
  writeFileSync(join(from, "r2/files/000001"), bytes);
  writeFileSync(join(from, "empty"), "");
  writeFileSync(join(from, "README.md"), "x".repeat(512));
  const file = join(directory, "acme.tar.gz");
  await packFolder(from, "acme", file);
  const to = join(directory, "to");
  mkdirSync(to);
  execFileSync("tar", ["-xzf", file, "-C", to]);
  expect(new Set(readdirSync(join(to, "acme"), { recursive: true, encoding: "utf8" }))).toEqual(
    new Set(["README.md", "empty", "r2", "r2/files", "r2/files/000001"]),
  );
  expect(readFileSync(join(to, "acme/r2/files/000001")).equals(bytes)).toBe(true);
  expect(readFileSync(join(to, "acme/README.md"), "utf8")).toBe("x".repeat(512));
});

it("leaves no half archive behind", async () => {
  const from = join(directory, "long");
  mkdirSync(from);
  writeFileSync(join(from, "n".repeat(120)), "");
  await expect(packFolder(from, "acme", join(directory, "long.tar.gz"))).rejects.toThrow("longer than 100");
  expect(readdirSync(directory).filter((name) => name.startsWith("long."))).toEqual([]);
});
