import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { applyDiff, type Block, fixedParts, type Guide } from "@tenner/cli/guides";
import type { Checkout, Ended } from "@tenner/cli/testing";

/** What went wrong when a guide was followed; empty when all of it is as it says. */
export type Complaints = readonly string[];

/**
 * Follows a guide in a checkout as a reader would: writes its files, applies its diffs, runs its commands in one shell.
 * Its files are as they were afterwards, so that nobody has to bundle every template anew.
 */
export async function followGuide(checkout: Checkout, { name, blocks }: Guide): Promise<Complaints> {
  const script = blocks
    .filter(({ language, mark }) => language === "sh" && mark === "test")
    .map(({ line, text }) => `echo "${name}.md:${line}" >&2\n${text}`)
    .join("\n");
  if (script === "") return [];
  const before = new Map<string, string | undefined>();
  try {
    for (const block of blocks) {
      const file = fileOf(checkout, block);
      if (file === undefined) continue;
      const text = existsSync(file) ? readFileSync(file, "utf8") : undefined;
      if (!before.has(file)) before.set(file, text);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, block.language === "diff" ? applyDiff(text ?? "", block.text) : `${block.text}\n`);
    }
    const { code, stdout, stderr } = await shell(checkout, script);
    return code === 0 ? [] : [`${name}.md ended with ${code}\n${stdout.slice(-2_000)}\n${stderr.slice(-3_000)}`];
  } finally {
    for (const [file, text] of before) {
      if (text === undefined) rmSync(file);
      else writeFileSync(file, text);
    }
  }
}

/** Runs each block that is to fail, and looks for the message that the heading above it quotes. */
export async function meetTroubles(checkout: Checkout, { name, blocks }: Guide): Promise<Complaints> {
  const complaints: string[] = [];
  for (const { line, text, mark, heading } of blocks) {
    if (mark !== "fails") continue;
    const { code, stdout, stderr } = await shell(checkout, text);
    // A message of several lines is indented.
    const said = `${stdout}${stderr}`.replaceAll(/\n +/g, "\n");
    const missing = fixedParts(heading.replaceAll("`", "")).filter((part) => !said.includes(part));
    if (code === 0) complaints.push(`${name}.md:${line}: succeeded`);
    else if (missing.length > 0) complaints.push(`${name}.md:${line}: not said: ${missing.join(" … ")}\nbut: ${said}`);
  }
  return complaints;
}

/** The file that a block is, or changes. */
function fileOf(checkout: Checkout, { mark }: Block): string | undefined {
  const name = /^file=(\S+)$/.exec(mark)?.[1];
  return name === undefined ? undefined : checkout.file(name);
}

/** `./tenner` of a checkout fetches a toolchain first; this one has what it needs. */
const SHIM = `#!/bin/sh\nexec "${process.execPath}" "$(dirname "$0")/packages/cli/src/main.ts" "$@"\n`;

function shell(checkout: Checkout, script: string): Promise<Ended> {
  writeFileSync(checkout.file("tenner"), SHIM, { mode: 0o755 });
  const { NO_COLOR: _, ...environment } = process.env;
  const child = spawn("bash", ["-euo", "pipefail", "-c", script], {
    cwd: checkout.directory,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...environment,
      NODE_NO_WARNINGS: "1",
      PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env["PATH"] ?? ""}`,
    },
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    output.stdout += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output.stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...output }));
  });
}
