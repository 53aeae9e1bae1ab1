import { parseArgs } from "node:util";

/** What `bench:load` was told. */
export interface LoadOptions {
  readonly connections: number;
  readonly seconds: number;
  /** Milliseconds between an answer and the caller's next visit, in the mean. */
  readonly pause: number;
  /** Milliseconds. */
  readonly timeout: number;
  /** The stack of this checkout that runs already; otherwise one is started for the time being. */
  readonly running: boolean;
  readonly json: boolean;
  /** Where the page goes. */
  readonly report: string;
}

/** A mistake of whoever called it. The message says what to do. */
export class LoadUsageError extends Error {
  override readonly name = "LoadUsageError";
}

export const USAGE = `npm run bench:load -- [options]

Puts load on all templates of a stack, in the mix of requests of the products that the kit was made after, and writes a page.

  --connections N   callers at once, each with one request under way [10000]
  --seconds N       how long requests are sent; those under way then are waited for [60]
  --pause N         seconds a caller waits between an answer and its next visit, in the mean [0]
  --timeout N       seconds after which a caller gives up [60]
  --running         the stack that npm start runs, instead of one of its own; its limits and its budget hold
  --report FILE     the page [bench/load-report.html]
  --json            the figures as JSON on stdout
`;

/** @throws LoadUsageError naming the option and what it takes */
export function parseLoadOptions(words: readonly string[]): LoadOptions | "help" {
  const values = parse(words);
  if (values.help) return "help";
  return {
    connections: wholeNumber("connections", values.connections, 1, 50_000),
    seconds: wholeNumber("seconds", values.seconds, 1, 3_600),
    pause: number("pause", values.pause, 0, 3_600) * 1000,
    timeout: number("timeout", values.timeout, 0.1, 3_600) * 1000,
    running: values.running,
    json: values.json,
    report: values.report,
  };
}

const OPTIONS = {
  connections: { type: "string", default: "10000" },
  seconds: { type: "string", default: "60" },
  pause: { type: "string", default: "0" },
  timeout: { type: "string", default: "60" },
  running: { type: "boolean", default: false },
  report: { type: "string", default: "bench/load-report.html" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, allowPositionals: false }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LoadUsageError(`${reason}\n\n${USAGE}`, { cause: error });
  }
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new LoadUsageError(`--${option} ${text}: is a whole number from ${least} to ${most}.`);
}

function number(option: string, text: string, least: number, most: number): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= least && value <= most) return value;
  throw new LoadUsageError(`--${option} ${text}: is a number of seconds from ${least} to ${most}.`);
}
