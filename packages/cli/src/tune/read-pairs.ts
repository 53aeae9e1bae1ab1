import { z } from "zod";
import { UserError } from "../user-error.ts";
import { readCsv } from "./read-csv.ts";

interface Message {
  readonly role: string;
  readonly content: string;
}

/** Two conversations, their last messages the questions, and what a person says of them. */
export interface LabelledPair {
  readonly asked: readonly Message[];
  readonly candidate: readonly Message[];
  readonly same: boolean;
  /** Where it stands in the file, from 1. */
  readonly line: number;
}

/** More would embed for minutes and say no more. */
const MOST_PAIRS = 10_000;
const MOST_PROBLEMS = 10;

const Text = z.string().trim().min(1, "is empty");
const Side = z.union(
  [Text.transform((content) => [{ role: "user", content }]), z.array(z.object({ role: Text, content: Text })).min(1)],
  {
    error: "is neither a text nor a list of messages with role and content",
  },
);
const LABELS: ReadonlyMap<string, boolean> = new Map([
  ...["true", "yes", "1", "same"].map((word): [string, boolean] => [word, true]),
  ...["false", "no", "0", "different"].map((word): [string, boolean] => [word, false]),
]);
const Label = z.union(
  [
    z.boolean(),
    z.literal([0, 1]).transform(Boolean),
    z.string().transform((word, context) => {
      const label = LABELS.get(word.trim().toLowerCase());
      if (label === undefined) context.addIssue({ code: "custom", message: "unknown" });
      return label ?? false;
    }),
  ],
  { error: 'is neither true nor false (also: yes, no, 1, 0, "same", "different")' },
);
const Pair = z.object({ a: Side, b: Side, same: Label }, { error: 'is no object like {"a":"…","b":"…","same":true}' });

/**
 * Labelled pairs of JSON lines or of CSV with the columns `a`, `b`, `same`; which of the two, its first sign says.
 *
 * @throws UserError naming the first lines that are wrong and what is wrong with each.
 */
export function readPairs(file: string, text: string): LabelledPair[] {
  const content = text.replace(/^\uFEFF/, "");
  const rows = /^\s*[{[]/.test(content) ? jsonLines(content) : csvRows(file, content);
  const problems: string[] = [];
  const pairs: LabelledPair[] = [];
  for (const { line, value, problem } of rows) {
    const read = problem === undefined ? Pair.safeParse(value) : undefined;
    if (read?.success) pairs.push({ asked: read.data.a, candidate: read.data.b, same: read.data.same, line });
    else problems.push(`line ${line}: ${problem ?? explained(read?.error)}`);
  }
  if (problems.length > 0) {
    const more = problems.length > MOST_PROBLEMS ? [`… and ${problems.length - MOST_PROBLEMS} more`] : [];
    throw new UserError(
      [`${file}: ${count(problems.length, "line")} cannot be read.`, ...problems.slice(0, MOST_PROBLEMS), ...more].join(
        "\n",
      ),
    );
  }
  if (pairs.length === 0) throw new UserError(`${file} has no pairs. A line is like {"a":"…","b":"…","same":true}.`);
  if (pairs.length > MOST_PAIRS)
    throw new UserError(`${file} has ${pairs.length} pairs; at most ${MOST_PAIRS} are read.`);
  return pairs;
}

interface Row {
  readonly line: number;
  readonly value?: unknown;
  readonly problem?: string;
}

function jsonLines(text: string): Row[] {
  return text.split(/\r?\n/).flatMap((content, index): Row[] => {
    const line = index + 1;
    if (content.trim() === "") return [];
    try {
      return [{ line, value: JSON.parse(content) }];
    } catch (error) {
      return [{ line, problem: `is no JSON (${error instanceof Error ? error.message : String(error)})` }];
    }
  });
}

function csvRows(file: string, text: string): Row[] {
  const [header, ...records] = readCsv(file, text);
  if (header === undefined) return [];
  const names = header.fields.map((name) => name.trim().toLowerCase());
  const missing = ["a", "b", "same"].filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new UserError(
      `${file} is read as CSV, and its first line has no column ${missing.map((name) => `"${name}"`).join(", ")}. It has to name the columns a,b,same (JSON lines begin with a "{").`,
    );
  return records.map(({ line, fields }): Row => {
    if (fields.length !== names.length)
      return { line, problem: `has ${count(fields.length, "field")}, the first line names ${names.length}` };
    return { line, value: Object.fromEntries(names.map((name, index) => [name, fields[index]])) };
  });
}

function explained(error: z.ZodError | undefined): string {
  return (error?.issues ?? [])
    .map(({ path, message }) => (path.length === 0 ? message : `"${path.join(".")}" ${message}`))
    .join("; ");
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
