import { existsSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Project } from "./project.ts";

const HEAD = "# Made by tenner: settings of local stacks are this machine's. Those of real accounts belong into git.";

/** Whether git leaves a stack's settings out because it is a local one. */
export async function isGitIgnored(project: Project, stack: string): Promise<boolean> {
  return (await read(fileOf(project))).includes(`\n${lineOf(stack)}\n`);
}

/**
 * Brings `infra/.gitignore` in step: git leaves out the settings of local stacks, which only this machine can use, and
 * sees all others. The file leaves out itself, too; one that somebody else wrote stays as it is.
 */
export async function ignoreInGit(project: Project, localStacks: readonly string[]): Promise<void> {
  const file = fileOf(project);
  const before = await read(file);
  if (before !== "" && !before.startsWith(HEAD)) return;
  if (localStacks.length === 0) {
    await rm(file, { force: true });
    return;
  }
  const wanted = [HEAD, "/.gitignore", ...localStacks.map(lineOf), ""].join("\n");
  if (wanted === before) return;
  const draft = `${file}.${process.pid}.tmp`;
  await writeFile(draft, wanted);
  await rename(draft, file);
}

function fileOf({ infra }: Project): string {
  return path.join(infra, ".gitignore");
}

function lineOf(stack: string): string {
  return `/Pulumi.${stack}.yaml`;
}

async function read(file: string): Promise<string> {
  return existsSync(file) ? readFile(file, "utf8") : "";
}
