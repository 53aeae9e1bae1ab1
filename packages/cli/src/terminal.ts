import process from "node:process";
import colors from "picocolors";

/** What a person sees goes to stderr, so that stdout is a command's answer and nothing else. */
export interface Terminal {
  readonly stream: NodeJS.WriteStream;
  readonly color: boolean;
  line(text?: string): void;
  /** A finished step, with its duration. */
  done(text: string, durationMs?: number): void;
  /** Something that went wrong but is not the end. */
  warn(text: string): void;
  fail(text: string): void;
  /** Two columns, aligned. */
  table(rows: readonly (readonly [label: string, value: string])[]): void;
}

/** The terminal on stderr. */
export function createTerminal(stream: NodeJS.WriteStream = process.stderr): Terminal {
  const paint = colors.createColors(colors.isColorSupported && stream.isTTY === true);
  const line = (text = "") => stream.write(`${text}\n`);
  const indent = (text: string) => text.split("\n").join("\n    ");
  return {
    stream,
    color: colors.isColorSupported && stream.isTTY === true,
    line,
    done: (text, durationMs) =>
      line(`  ${paint.green("✓")} ${text}${durationMs === undefined ? "" : paint.dim(` (${seconds(durationMs)})`)}`),
    warn: (text) => line(`  ${paint.yellow("!")} ${indent(text)}`),
    fail: (text) => line(`\n  ${paint.red("✗")} ${indent(text)}\n`),
    table(rows) {
      const width = Math.max(...rows.map(([label]) => label.length));
      for (const [label, value] of rows) line(`  ${paint.dim(label.padEnd(width))}  ${value}`);
    },
  };
}

/** `1.2 s`, or `34 ms` below a tenth of a second. */
export function seconds(ms: number): string {
  return ms < 100 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
