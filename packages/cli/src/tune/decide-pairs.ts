import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { Project } from "../project.ts";
import { UserError } from "../user-error.ts";
import type { LabelledPair } from "./read-pairs.ts";

const Decision = z.object({
  verdict: z.enum(["same", "different", "uncertain"]),
  reasons: z.array(z.object({ guard: z.string(), asked: z.string(), candidate: z.string(), decides: z.boolean() })),
  heldOnlyBy: z.array(z.string()),
  /** Of the decision alone. */
  ms: z.number(),
});
export type Decision = z.infer<typeof Decision>;

/** What the edge cache decides of each pair, by the program that the template brings: its code is not this package's to import. */
export async function decidePairs(project: Project, pairs: readonly LabelledPair[]): Promise<Decision[]> {
  const program = path.join(project.root, "templates/edge-cache/scripts/decide-pairs.ts");
  if (!existsSync(program))
    throw new UserError(`The template edge-cache is not in this checkout: ${program} is missing.`);
  const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => undefined);
  child.stdin.end(JSON.stringify(pairs.map(({ asked, candidate }) => [asked, candidate])));
  const code = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [answer, problem, ended] = await Promise.all([text(child.stdout), text(child.stderr), code]);
  if (ended !== 0) throw new Error(`${program} ended with ${ended}: ${problem.trim()}`);
  return z.array(Decision).length(pairs.length).parse(JSON.parse(answer));
}
