import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { unzipEntry } from "./zip-entry.ts";
import { zipOf } from "./zip-fixture.ts";

const content = Buffer.concat([randomBytes(200_000), Buffer.alloc(100_000, "a")]);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zip-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function unzip(archive: Buffer, name: string): Promise<Buffer> {
  writeFileSync(join(folder, "a.zip"), archive);
  await unzipEntry(join(folder, "a.zip"), name, join(folder, "out"));
  return readFileSync(join(folder, "out"));
}

it.each(["deflated", "stored"] as const)(
  "unpacks an entry that is %s, whatever stands before and after it",
  async (method) => {
    const archive = zipOf({ "a/first": Buffer.from("1"), "a/wanted": content, last: Buffer.alloc(0) }, method);
    expect((await unzip(archive, "a/wanted")).equals(content)).toBe(true);
  },
);

it("unpacks an archive with a comment at its end", async () => {
  const archive = zipOf({ wanted: content });
  archive.writeUInt16LE(5, archive.length - 2);
  expect((await unzip(Buffer.concat([archive, Buffer.from("hello")]), "wanted")).equals(content)).toBe(true);
});

it.each([
  ["what is no archive", randomBytes(500), /no zip archive/],
  ["an archive that is cut off", zipOf({ wanted: content }).subarray(0, 150_000), /no zip archive/],
  ["an archive without the entry", zipOf({ other: content }), /has no wanted/],
  ["a damaged entry", damaged(), /damaged/],
])("refuses %s", async (_name, archive, reason) => {
  await expect(unzip(archive, "wanted")).rejects.toThrow(reason);
});

function damaged(): Buffer {
  const archive = zipOf({ wanted: content }, "stored");
  archive.writeUInt8(archive.readUInt8(1000) ^ 1, 1000);
  return archive;
}
