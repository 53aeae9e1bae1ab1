import type { Terminal } from "../terminal.ts";
import type { GuardRow, Judged, Measured } from "./measure.ts";

const EXAMPLES = 3;
const MOST_FALSE_HITS = 20;

/** Prints what was measured, for a person. */
export function describe(terminal: Terminal, measured: Measured): void {
  const { same, different, hits, falseHits, wronglyDifferent, uncertain } = measured;
  terminal.line("\n  Guards, without any threshold");
  terminal.table([
    ["hits", `${hits} of ${same} pairs of the same question (${percent(hits, same)})`],
    [
      "false hits",
      `${falseHits.length} of ${different} pairs of different questions (95 % sure: below ${(100 * measured.falseHitBound).toFixed(2)} %)`,
    ],
    ["uncertain", `${uncertain} of ${same}: a miss that can be learned from`],
    ["called different", `${wronglyDifferent.length} of ${same}: a miss that is not learned from`],
    ["time", `${measured.medianMs.toFixed(3)} ms a decision (median)`],
  ]);
  if (falseHits.length > 0) {
    terminal.line("\n  False hits");
    for (const each of falseHits.slice(0, MOST_FALSE_HITS)) terminal.line(`    ${spoken(each)}`);
    if (falseHits.length > MOST_FALSE_HITS)
      terminal.line(`    … and ${falseHits.length - MOST_FALSE_HITS} more (--json has all)`);
  }
  terminal.line(
    "\n  By guard: hits it stood in the way of; different pairs it told apart (alone, without another guard)",
  );
  for (const row of measured.guards) describeGuard(terminal, row);
  if (measured.curve.length > 0) describeCurve(terminal, measured);
  const { suggestion } = measured;
  if (suggestion === undefined)
    terminal.line("\n  No setting is suggested: there was no hit, or nothing was embedded.");
  else {
    terminal.line(`\n  Suggested (${suggestion.why}):`);
    terminal.line(`    "cache": { "similarityThreshold": ${suggestion.similarityThreshold} }`);
    terminal.line(
      "  Similarities are those of the local cloud's stand-in for the embedding model. Cloudflare's own differ: there begin with shadow mode.",
    );
  }
}

function describeGuard(terminal: Terminal, { guard, missed, held, heldAlone }: GuardRow): void {
  terminal.line(
    `    ${guard.padEnd(13)} ${String(missed.length).padStart(5)} missed ${String(held).padStart(6)} held (${heldAlone} alone)`,
  );
  for (const each of missed.slice(0, EXAMPLES)) {
    const seen = each.decision.reasons
      .filter((reason) => reason.guard === guard)
      .map(({ asked, candidate }) => `${asked || "–"} / ${candidate || "–"}`);
    terminal.line(`      ${spoken(each)} [${seen.join("; ")}]`);
  }
}

function describeCurve(terminal: Terminal, { curve, same, different }: Measured): void {
  terminal.line("\n  cosine ≥   hits with guards   false hits   by the threshold alone: hits   false hits");
  for (const { threshold, hits, falseHits, hitsAlone, falseHitsAlone } of curve)
    terminal.line(
      `    ${threshold.toFixed(2)} ${percent(hits, same).padStart(18)} ${percent(falseHits, different).padStart(12)} ${percent(hitsAlone, same).padStart(30)} ${percent(falseHitsAlone, different).padStart(12)}`,
    );
}

function spoken({ pair, similarity }: Judged): string {
  const last = (messages: Judged["pair"]["asked"]) => shortened(messages.at(-1)?.content ?? "");
  return `line ${pair.line}: ${last(pair.asked)} | ${last(pair.candidate)}${similarity === undefined ? "" : ` (${similarity.toFixed(2)})`}`;
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`;
}
