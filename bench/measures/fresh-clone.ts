import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Measure } from "../run.ts";
import { secondsOf } from "../statistics.ts";

const ROUNDS = 2;

/** A fresh clone to the first answer, with a warm package cache: `git clone`, `npm start`, the sample job's answer. */
export async function freshClone(): Promise<Measure[]> {
  const root = path.resolve(import.meta.dirname, "../..");
  const figures: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const directory = mkdtempSync(path.join(tmpdir(), "tenner-clone-"));
    try {
      const start = performance.now();
      execFileSync("git", ["clone", "--quiet", root, directory]);
      await untilFirstAnswer(directory);
      figures.push(performance.now() - start);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
  return [
    { what: "fresh clone to the first answer, warm package cache", figure: secondsOf(figures), against: "bound: 60 s" },
  ];
}

/** Runs `npm start` until it has printed the answer, then ends it as Ctrl-C does. */
function untilFirstAnswer(directory: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("npm", ["start", "--", "--port", "0", "--no-watch"], {
      cwd: directory,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let answered = false;
    const read = (chunk: Buffer) => {
      output += chunk;
      if (answered || !output.includes("was answered in")) return;
      answered = true;
      if (child.pid) process.kill(-child.pid, "SIGINT");
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", (code) =>
      answered ? resolve() : reject(new Error(`npm start ended with ${code}:\n${output}`)),
    );
  });
}
