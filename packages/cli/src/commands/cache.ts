import { readFileSync } from "node:fs";
import { Settings } from "@tenner/worker-kit/settings";
import { defineCommand } from "citty";
import { openProject } from "../project.ts";
import { createTerminal } from "../terminal.ts";
import { decidePairs } from "../tune/decide-pairs.ts";
import { describe } from "../tune/describe.ts";
import { type Judged, type Measured, measure } from "../tune/measure.ts";
import { readPairs } from "../tune/read-pairs.ts";
import { similarities } from "../tune/similarities.ts";
import { UserError } from "../user-error.ts";

const tune = defineCommand({
  meta: {
    name: "tune",
    description:
      "Measure the semantic cache on labelled pairs of your own, and suggest settings. Example: tenner cache tune pairs.jsonl",
  },
  args: {
    pairs: {
      type: "positional",
      required: true,
      description: 'JSON lines {"a":"…","b":"…","same":true}, or CSV with the columns a,b,same; "-" reads stdin',
    },
    embed: {
      type: "boolean",
      default: true,
      description: "Embed the questions for the curve of thresholds and the suggestion",
      negativeDescription: "Guards only: no curve, no suggestion",
    },
    json: { type: "boolean", description: "One line of JSON on stdout" },
  },
  async run({ args }) {
    const pairs = readPairs(args.pairs, contentOf(args.pairs));
    const decisions = await decidePairs(openProject(), pairs);
    const cosines = args.embed ? await similarities(pairs, Settings.parse({}).models.embedding) : [];
    const judged = pairs.map((pair, index): Judged => {
      const [decision, similarity] = [decisions[index], cosines[index]];
      if (decision === undefined) throw new Error(`no decision for the pair of line ${pair.line}`);
      return { pair, decision, ...(similarity !== undefined && { similarity }) };
    });
    const measured = measure(judged);
    if (args.json) process.stdout.write(`${JSON.stringify(asJson(measured))}\n`);
    else describe(createTerminal(process.stdout), measured);
  },
});

function contentOf(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Pairs by where they stand in the file, so that a program finds them again. */
function asJson({ guards, falseHits, wronglyDifferent, ...rest }: Measured) {
  const example = ({ pair, decision, similarity }: Judged) => ({
    line: pair.line,
    a: pair.asked.at(-1)?.content,
    b: pair.candidate.at(-1)?.content,
    similarity,
    reasons: decision.reasons,
  });
  return {
    ...rest,
    falseHits: falseHits.map(example),
    wronglyDifferent: wronglyDifferent.map(example),
    guards: guards.map(({ missed, ...row }) => ({ ...row, missed: missed.map(example) })),
  };
}

export const command = defineCommand({
  meta: { name: "cache", description: "The semantic cache of the edge-cache template" },
  subCommands: { tune },
});
