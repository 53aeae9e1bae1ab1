import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { allCommands, findCommand, refuseUnknownOptions } from "../command-tree.ts";
import { openProject } from "../project.ts";
import { applyDiff, type Block, commandLines, fixedParts, readBlocks, readGuides } from "./guide.ts";
import { wordsOf } from "./shell-words.ts";

const { root } = openProject({});
const guides = readGuides(root);
// Loaded once, outside of any test's time.
await allCommands();
const Package = z.looseObject({ scripts: z.record(z.string(), z.string()) });
const { scripts } = Package.parse(JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")));

describe.each(guides.map((guide) => [guide.name, guide] as const))("guide %s", (_, guide) => {
  const shell = guide.blocks.filter(({ language }) => language === "sh");

  it("says of each block of commands that a test runs it, or why none can", () => {
    const unmarked = shell.filter(({ mark }) => !/^(test|fails|not run: \w.{8,})$/.test(mark));
    expect(unmarked.map(({ line, text }) => `${line}: ${text}`)).toEqual([]);
  });

  it("names commands and options that there are", async () => {
    for (const block of shell) if (block.mark !== "fails") await checkCommands(block);
    for (const [, code = ""] of guide.text.matchAll(/`((?:\.\/)?tenner [^`…]*)`/g)) await checkWords(code);
  });

  it("links to pages and headings that are there", () => {
    for (const [, target = ""] of guide.text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [file = "", anchor] = target.split("#");
      const page = path.join(root, "docs/guides", file === "" ? `${guide.name}.md` : file);
      expect(existsSync(page), target).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(readFileSync(page, "utf8")), target).toContain(anchor);
    }
  });
});

it("every message in the page of troubles is one that the code gives", () => {
  const source = sources();
  const page = guides.find(({ name }) => name === "troubleshooting");
  const messages = [...(page?.text.matchAll(/^### `(.+)`$/gm) ?? [])].map(([, message = ""]) => message);
  expect(messages.length).toBeGreaterThan(30);
  const unknown = messages.flatMap((message) => fixedParts(message).filter((part) => !source.includes(part)));
  expect(unknown).toEqual([]);
});

it("the list of guides has each of them", () => {
  const list = guides.find(({ name }) => name === "README")?.text;
  for (const { name } of guides) if (name !== "README") expect(list).toContain(`(${name}.md)`);
});

describe("reading a guide", () => {
  it("finds blocks with their marks, also within a list", () => {
    expect(
      readBlocks("## One\n1. ```sh test\n   ls\n   ```\n```sh fails\nfalse\n```\n").map(({ mark }) => mark),
    ).toEqual(["test", "fails"]);
    expect(readBlocks("# A\n  ```sh not run: it asks\n  ls -l\n  ```")).toEqual([
      { line: 2, language: "sh", mark: "not run: it asks", text: "ls -l", heading: "A" },
    ]);
  });
  it("applies a diff whose start is there once", () => {
    expect(applyDiff("a\nb\nc\n", " a\n-b\n+B")).toBe("a\nB\nc\n");
    expect(() => applyDiff("a\na\n", "-a\n+b")).toThrow("2 times");
  });
  it("joins continued lines and drops comments", () =>
    expect(commandLines("# a\nls \\\n  -l   # long\necho 'a#b'")).toEqual(["ls -l", "echo 'a#b'"]));
  it("splits words as a shell does", () =>
    expect(wordsOf(`set a '{"b":["c d"]}' "e f" g\\ h`)).toEqual(["set", "a", '{"b":["c d"]}', "e f", "g h"]));
});

async function checkCommands({ text, line }: Block): Promise<void> {
  for (const command of commandLines(text)) {
    for (const [called] of command.matchAll(/(?:\.\/tenner|npm run tenner --) (?:'[^']*'|"[^"]*"|[^|;&<>)"])*/g)) {
      await checkWords(called.replace("npm run tenner -- ", "./tenner ")).catch((error: unknown) => {
        throw new Error(`line ${line}, ${called}`, { cause: error });
      });
    }
    for (const [, name = ""] of command.matchAll(/npm run (?:-s )?(\S+)/g))
      expect(scripts, command).toHaveProperty([name]);
  }
}

async function checkWords(called: string): Promise<void> {
  const words = wordsOf(called).slice(1);
  if (words[0] === "pulumi") return;
  const [command] = await findCommand(words);
  refuseUnknownOptions(
    command,
    words.filter((word) => word !== "--help"),
  );
}

/** All that can print a message, as one text: what is joined by a plus or stands on several lines is put together. */
function sources(): string {
  const folders = [
    "packages/cli/src",
    "packages/engine/src",
    "packages/local-cloud/src",
    "packages/worker-kit/src",
    "infra",
    "scripts",
  ];
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.m?ts$|\.mjs$/.test(file) && !/node_modules|\.test\.ts$/.test(file))
      .map((file) => readFileSync(path.join(root, folder, file), "utf8")),
  );
  return files
    .join("\n")
    .replaceAll(/["`]\s*\+\s*["`]/g, "")
    .replaceAll("\\n", "\n")
    .replaceAll("\\`", "`");
}

function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+\s+(.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
