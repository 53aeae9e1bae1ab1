import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** A fenced block of a guide. */
export interface Block {
  /** The line of its fence, from 1. */
  readonly line: number;
  /** The first word after the fence, e.g. `sh`. */
  readonly language: string;
  /** What follows the language: `test`, `fails`, `file=…` or `not run: …`. Empty for a block that is only read. */
  readonly mark: string;
  readonly text: string;
  /** The heading above it, as it is written. */
  readonly heading: string;
}

/** A page of `docs/guides`. */
export interface Guide {
  /** The file's name without its ending. */
  readonly name: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** All guides of a checkout, by name. @param root of the checkout */
export function readGuides(root: string): Guide[] {
  const folder = path.join(root, "docs/guides");
  return readdirSync(folder)
    .filter((file) => file.endsWith(".md"))
    .sort()
    .map((file) => {
      const text = readFileSync(path.join(folder, file), "utf8");
      return { name: path.basename(file, ".md"), text, blocks: readBlocks(text) };
    });
}

/** The fenced blocks of a page, those within a list among them. */
export function readBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let heading = "";
  let open: { line: number; indent: string; language: string; mark: string; lines: string[] } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const fence = /^(\s*(?:\d+\. |- )?)```(\S*)\s*(.*)$/.exec(line);
    if (open && fence) {
      const { indent: _, lines, ...rest } = open;
      blocks.push({ ...rest, heading, text: lines.join("\n") });
      open = undefined;
    } else if (open) {
      open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
    } else if (fence) {
      const [, indent = "", language = "", mark = ""] = fence;
      open = { line: index + 1, indent: " ".repeat(indent.length), language, mark: mark.trim(), lines: [] };
    } else {
      heading = /^#+\s+(.*)$/.exec(line)?.[1] ?? heading;
    }
  }
  return blocks;
}

/**
 * A file with a `diff` block of a guide applied: lines that begin with a space or a hyphen are there now, those with a
 * space or a plus afterwards.
 *
 * @throws Error when what the block starts from is not there exactly once
 */
export function applyDiff(file: string, diff: string): string {
  const lines = diff.split("\n");
  const side = (signs: string) =>
    lines
      .filter((line) => signs.includes(line[0] ?? " "))
      .map((line) => line.slice(1))
      .join("\n");
  const [before, after] = [side(" -"), side(" +")];
  const found = file.split(before).length - 1;
  if (found !== 1) throw new Error(`is there ${found} times, not once:\n${before}`);
  return file.replace(before, () => after);
}

/** Lines of commands as a shell has them: without comments, with continued lines as one. */
export function commandLines(text: string): string[] {
  return text
    .replaceAll(/ *\\\n\s*/g, " ")
    .split("\n")
    .map((line) => line.replace(/(^|\s)#\s.*$/, "").trim())
    .filter(Boolean);
}

/** What stands between the `…` of a quoted message: the parts that are the same each time. */
export function fixedParts(message: string): string[] {
  return message
    .split("…")
    .map((part) => part.trim())
    .filter((part) => /\w\w/.test(part));
}
