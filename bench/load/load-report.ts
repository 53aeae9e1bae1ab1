import { availableParallelism, cpus, totalmem } from "node:os";
import { htmlOf, type Line, lineChart } from "./line-chart.ts";
import type { LoadOptions } from "./load-options.ts";
import type { LoadResult, Moment } from "./run-load.ts";
import { MIX } from "./seeds-mix.ts";

/** Processes that have a line of their own; the smaller ones share one. */
const MOST_PROCESSES = 5;

/** What a load came to, as one page that needs nothing else. */
export function reportPage(options: LoadOptions, result: LoadResult): string {
  const { moments, counts } = result;
  const times = (of: (moment: Moment) => number | undefined) =>
    moments.map((moment) => [moment.at, of(moment)] as const);
  const charts = [
    lineChart({
      title: "Requests that ended, a second",
      lines: [
        { name: "answered", points: times((moment) => moment.counts.answered) },
        { name: "refused: come again later", points: times((moment) => moment.counts.refused) },
        { name: "failed", points: times((moment) => moment.counts.failed) },
      ],
      format: String,
    }),
    lineChart({
      title: "How long answers took that came in that second",
      lines: [
        { name: "p50", points: times(({ p50 }) => p50) },
        { name: "p95", points: times(({ p95 }) => p95) },
        { name: "p99", points: times(({ p99 }) => p99) },
      ],
      format: duration,
    }),
    lineChart({
      title: "Connections",
      lines: [
        { name: "open", points: times(({ connections }) => connections) },
        { name: "that wait for an answer", points: times(({ underWay }) => underWay) },
      ],
      format: (value) => value.toLocaleString("en"),
    }),
    lineChart({ title: "Memory of each process", lines: memoryLines(moments), format: megabytes }),
  ];
  const most = (of: (moment: Moment) => number) => Math.max(0, ...moments.map(of));
  const tiles: [string, string][] = [
    ["answered a second", result.perSecond.toFixed(0)],
    ["half of the answers within", duration(result.all.p50)],
    ["95 of 100 within", duration(result.all.p95)],
    ["99 of 100 within", duration(result.all.p99)],
    ["connections open, at most", most(({ connections }) => connections).toLocaleString("en")],
    ["answered", counts.answered.toLocaleString("en")],
    ["refused: come again later", counts.refused.toLocaleString("en")],
    ["failed", counts.failed.toLocaleString("en")],
    ["memory, at most", megabytes(most(({ memory }) => memory.reduce((sum, { bytes }) => sum + bytes, 0)))],
  ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tenner under ${options.connections.toLocaleString("en")} connections</title>
<style>${STYLE}</style>
<main>
<h1>Tenner under ${options.connections.toLocaleString("en")} connections</h1>
<p>${htmlOf(described(options, result))}</p>
<dl class="tiles">${tiles.map(([what, figure]) => `<div><dt>${what}</dt><dd>${htmlOf(figure)}</dd></div>`).join("")}</dl>
<section class="charts">${charts.join("\n")}</section>
<h2>By kind of request</h2>
${table(
  ["request", "answered", "refused", "failed", "p50", "p95", "p99", "longest"],
  result.kinds.map(({ kind, answered, refused, failed, p50, p95, p99, max }) => [
    kind,
    ...[answered, refused, failed].map((count) => count.toLocaleString("en")),
    ...[p50, p95, p99, max].map(duration),
  ]),
)}
<h2>What was no answer</h2>
${
  result.troubles.length === 0
    ? "<p>Nothing: every request was answered.</p>"
    : table(
        ["request", "ended as", "because of", "times"],
        result.troubles.map(({ kind, outcome, reason, count }) => [kind, outcome, reason, count.toLocaleString("en")]),
      )
}
<h2>The mix</h2>
<p>Each caller draws its next visit by these shares. A job and a batch are looked at once after they were taken, so there are more requests than visits.</p>
${table(
  ["template", "visits a month", "where the figure is from"],
  MIX.map(({ template, monthly, source }) => [template, monthly.toLocaleString("en"), source]),
)}
<details><summary>Every second</summary>
${table(
  ["second", "answered", "refused", "failed", "p50", "p95", "p99", "wait", "connections", "memory"],
  moments.map(({ at, counts: of, p50, p95, p99, underWay, connections, memory }) => [
    at.toFixed(0),
    ...[of.answered, of.refused, of.failed].map(String),
    ...[p50, p95, p99].map(duration),
    String(underWay),
    String(connections),
    megabytes(memory.reduce((sum, { bytes }) => sum + bytes, 0)),
  ]),
)}
</details>
</main>
</html>
`;
}

function described(options: LoadOptions, { took }: LoadResult): string {
  const pause =
    options.pause === 0
      ? "at once when its last was answered"
      : `${options.pause / 1000} s (in the mean) after its last was answered`;
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GB`;
  return (
    `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC. ${options.connections.toLocaleString("en")} callers sent ` +
    `requests for ${options.seconds} s, each with the next ${pause}; with what was under way then it took ${took.toFixed(0)} s. ` +
    `A caller gives up after ${options.timeout / 1000} s. Callers, local cloud and Workers share one machine: ${machine}, ` +
    `Node ${process.versions.node}. Models are the local cloud's stand-ins.`
  );
}

/** The largest processes, each with a line, and one line for all others. */
function memoryLines(moments: readonly Moment[]): Line[] {
  const largest = new Map<number, { command: string; bytes: number }>();
  for (const { memory } of moments) {
    for (const { pid, command, bytes } of memory) {
      if (bytes > (largest.get(pid)?.bytes ?? 0)) largest.set(pid, { command, bytes });
    }
  }
  const sorted = [...largest].toSorted(([, a], [, b]) => b.bytes - a.bytes);
  const shown = sorted.slice(0, MOST_PROCESSES);
  const others = new Set(sorted.slice(MOST_PROCESSES).map(([pid]) => pid));
  const lines = shown.map(([pid, { command }]) => ({
    name: `${command} (${pid})`,
    points: moments.map(({ at, memory }) => [at, memory.find((one) => one.pid === pid)?.bytes] as const),
  }));
  if (others.size === 0) return lines;
  const sum = ({ memory }: Moment) =>
    memory.filter(({ pid }) => others.has(pid)).reduce((total, { bytes }) => total + bytes, 0);
  return [
    ...lines,
    { name: `${others.size} smaller ones`, points: moments.map((moment) => [moment.at, sum(moment)] as const) },
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const figures = head.map((_, column) => rows.some((row) => /^[\d–]/.test(row[column] ?? "")));
  const cells = (row: readonly string[], tag: string) =>
    row.map((cell, column) => `<${tag}${figures[column] ? ' class="figure"' : ""}>${htmlOf(cell)}</${tag}>`).join("");
  const body = rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("");
  return `<div class="wide"><table><thead><tr>${cells(head, "th")}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function duration(ms: number | undefined): string {
  if (ms === undefined) return "–";
  return ms >= 1000 ? `${(ms / 1000).toFixed(ms >= 10_000 ? 0 : 1)} s` : `${Math.round(ms)} ms`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString("en")} MB`;
}

const STYLE = `
:root { color-scheme: light dark; --ground: #fbfaf7; --card: #fff; --ink: #1d1f23; --faint: #666b75; --rule: #e3e0d8;
  --line-1: #1f6feb; --line-2: #b7791f; --line-3: #c53030; --line-4: #2f855a; --line-5: #805ad5; --line-6: #718096; }
@media (prefers-color-scheme: dark) { :root { --ground: #14161a; --card: #1c1f25; --ink: #e8e6e1; --faint: #9aa1ad; --rule: #2d323b;
  --line-1: #6ea8fe; --line-2: #f0b952; --line-3: #ff7b72; --line-4: #68d391; --line-5: #b794f4; --line-6: #a0aec0; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1200px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 8px; } h2 { font-size: 19px; margin: 40px 0 8px; }
p { max-width: 78ch; color: var(--faint); margin: 0 0 16px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 12px; margin: 24px 0; }
.tiles div { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 12px 14px; display: flex; flex-direction: column; }
.tiles dt { color: var(--faint); font-size: 13px; } .tiles dd { order: -1; margin: 0; font-size: 24px; font-weight: 600; font-variant-numeric: tabular-nums; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 16px; }
figure { margin: 0; background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 14px; }
figcaption { font-weight: 600; } svg { width: 100%; height: auto; display: block; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 16px; padding: 0; margin: 4px 0 8px; font-size: 13px; color: var(--faint); }
.legend span { display: inline-block; width: 14px; height: 3px; border-radius: 2px; margin-right: 6px; vertical-align: middle; }
.grid { stroke: var(--rule); } .axis { fill: var(--faint); font-size: 12px; font-variant-numeric: tabular-nums; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th { color: var(--faint); font-weight: 500; } td:last-child { white-space: normal; } .figure { text-align: right; font-variant-numeric: tabular-nums; }
details { margin-top: 32px; } summary { cursor: pointer; font-weight: 600; }
`;
