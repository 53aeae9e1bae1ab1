import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Guard } from "../../templates/edge-cache/src/domain/semantic/compare-readings.ts";
import { decide } from "../../templates/edge-cache/src/domain/semantic/decide.ts";
import { upperBound } from "./binomial-bound.ts";
import { embed } from "./embed.ts";
import { makePairs, type Pair } from "./pairs.ts";

const GUARDS: readonly Guard[] = [
  "conversation",
  "number",
  "unit",
  "date",
  "identifier",
  "code",
  "name",
  "negation",
  "quantity",
  "comparison",
  "format",
  "audience",
  "person",
  "kind",
  "tense",
  "direction",
];
const THRESHOLDS = [0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99];

const all = makePairs();
const report = all.filter(({ side }) => side === "report");
const same = report.filter((pair) => pair.class === "same");
const different = report.filter((pair) => pair.class === "different");

const sections = [
  `# Does the cache know the same question when it sees it?

Written by \`node bench/semantic/evaluate.ts\`, ${new Date().toISOString().slice(0, 10)}. ${count(all, () => true)} pairs of conversations (${all.filter(({ group }) => group === "conversation").length} of them
with a history), labelled *same* or *different* by the way they were made: generators in \`generated-pairs.ts\`, questions written by hand in
\`natural-pairs.ts\`. One half, by the hash of the template or question a pair comes from, was looked at while the rules were made
(\`show-misses.ts\` prints what they get wrong there); the figures are of the other half. One hand wrote rules and pairs, so read them as an upper bound
for pairs written elsewhere. No model judges: the decision is \`templates/edge-cache/src/domain/semantic\` alone.`,
  `## Goals

| goal | wanted | the half for tuning | the half for the report |
|---|---|---|---|
| false hits among hard negatives | 0 in 1,000 | ${falseHits("tune")} | **${falseHits("report")}** |
| near repeats hit | ≥ 95 % | ${hits("tune", "near repeat")} | **${hits("report", "near repeat")}** |
| natural rephrasings hit | ≥ 50 % | ${hits("tune", "natural rephrasing")} | **${hits("report", "natural rephrasing")}** |
| same conversation, last message politer | | ${hits("tune", "conversation")} | **${hits("report", "conversation")}** |`,
  `## What is not reached

**Read the 0 with care.** It holds for negatives of the sorts that the generators make. Two lists of pairs written to break the rules (\`probe-pairs.ts\`, 145 and 146) did break them at first
contact: 18 and 24 false hits. The rules were mended after each, so both now count to the half for tuning, where those that are left are debatable ("cost of living" and "price of living").
Whoever writes a third list will find more. The report was opened four times, as sums only; nothing was changed for a pair seen in it.

Natural rephrasings stay below the goal: the rules see the same words, known synonyms and known frames; they do not see that "what happens in Hamlet" asks for the plot, or that
one "recognises" diabetes by its symptoms. Such pairs are *uncertain*: a miss that can be learned from. Several rephrasings written by hand are also looser than a cached answer
should be trusted with ("can I eat it raw" for "is it safe to eat raw"). Natural pairs judged *different* though they are the same: ${count(report, (pair) => pair.group === "natural rephrasing" && decide(pair.asked, pair.candidate).verdict === "different")} of ${count(report, ({ group }) => group === "natural rephrasing")}: those will not be learned either.`,
  `## By kind

| class | group | kind | pairs | same | different | uncertain |
|---|---|---|---|---|---|---|
${byKind()}`,
  `## What each guard is worth

Without the guard: false hits among the ${different.length} hard negatives. A guard whose absence costs nothing here is covered by another, or by the rule
that every word left over has to agree. Without the guard for names fewer repeats in small letters are hit: there the name is an ordinary word, which stays.

| without | false hits | natural rephrasings and near repeats hit |
|---|---|---|
${ablation()}`,
  `## Time

${time()}`,
  `## A threshold alone

The same pairs by the cosine of the local cloud's embeddings (Universal Sentence Encoder Lite) of the last messages; pairs with a history are left out, they agree there.

| cosine ≥ | near repeats | natural rephrasings | false hits |
|---|---|---|---|
${await thresholds()}`,
];
const page = `${sections.join("\n\n")}\n`;
writeFileSync(path.join(import.meta.dirname, "README.md"), page);
process.stdout.write(page);

function isSame(pair: Pair, without?: ReadonlySet<Guard>): boolean {
  return decide(pair.asked, pair.candidate, without).verdict === "same";
}

function count(pairs: readonly Pair[], fits: (pair: Pair) => boolean): number {
  return pairs.filter(fits).length;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`;
}

function falseHits(side: Pair["side"]): string {
  const pairs = all.filter((pair) => pair.side === side && pair.class === "different");
  const found = count(pairs, (pair) => isSame(pair));
  return `${found} of ${pairs.length} (95 % sure: below ${(100 * upperBound(found, pairs.length)).toFixed(2)} %)`;
}

function hits(side: Pair["side"], group: Pair["group"]): string {
  const pairs = all.filter((pair) => pair.side === side && pair.group === group && pair.class === "same");
  const found = count(pairs, (pair) => isSame(pair));
  return `${percent(found, pairs.length)} (${found} of ${pairs.length})`;
}

function byKind(): string {
  const groups = Map.groupBy(report, ({ class: kindOf, group, kind }) => `${kindOf} | ${group} | ${kind}`);
  return [...groups]
    .map(([name, pairs]) => {
      const verdicts = pairs.map(({ asked, candidate }) => decide(asked, candidate).verdict);
      const of = (wanted: string) => verdicts.filter((verdict) => verdict === wanted).length;
      return `| ${name} | ${pairs.length} | ${of("same")} | ${of("different")} | ${of("uncertain")} |`;
    })
    .join("\n");
}

function ablation(): string {
  return [undefined, ...GUARDS]
    .map((guard) => {
      const without = guard === undefined ? undefined : new Set([guard]);
      return `| ${guard ?? "nothing: all guards stand"} | ${count(different, (pair) => isSame(pair, without))} | ${percent(
        count(same, (pair) => isSame(pair, without)),
        same.length,
      )} |`;
    })
    .join("\n");
}

function time(): string {
  // Each pair's middle one of five: the machine's own pauses say nothing about the decision.
  const times = report
    .map(({ asked, candidate }) => {
      const runs = Array.from({ length: 5 }, () => {
        const start = performance.now();
        decide(asked, candidate);
        return performance.now() - start;
      });
      return runs.sort((one, other) => one - other)[2] ?? 0;
    })
    .sort((one, other) => one - other);
  const at = (part: number) => (times[Math.floor(part * (times.length - 1))] ?? 0).toFixed(3);
  const long = [{ role: "user", content: "in on for with ".repeat(39) }];
  const longer = [{ role: "user", content: `${"in on for with ".repeat(39)}it` }];
  const start = performance.now();
  decide(long, longer);
  const worst = (performance.now() - start).toFixed(1);
  return `${times.length} decisions, warm, both sides read anew each time: median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms (Node ${process.versions.node}). Of the longest text that is
read at all (600 characters), made of nothing but prepositions: ${worst} ms. Longer messages are only compared as they are.`;
}

async function thresholds(): Promise<string> {
  const single = report.filter(({ group }) => group !== "conversation");
  const last = (messages: Pair["asked"]) => messages.at(-1)?.content ?? "";
  const vectors = await embed(single.flatMap(({ asked, candidate }) => [last(asked), last(candidate)]));
  const cosines = single.map((pair) => ({
    pair,
    cosine: dot(vectors.get(last(pair.asked)) ?? [], vectors.get(last(pair.candidate)) ?? []),
  }));
  const passed = (threshold: number, fits: (pair: Pair) => boolean) => {
    const fitting = cosines.filter(({ pair }) => fits(pair));
    return percent(fitting.filter(({ cosine }) => cosine >= threshold).length, fitting.length);
  };
  return THRESHOLDS.map(
    (threshold) =>
      `| ${threshold.toFixed(2)} | ${passed(threshold, ({ group }) => group === "near repeat")} | ${passed(threshold, ({ group }) => group === "natural rephrasing")} | ${passed(threshold, (pair) => pair.class === "different")} |`,
  ).join("\n");
}

function dot(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
}
