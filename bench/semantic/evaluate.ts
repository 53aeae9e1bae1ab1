import { writeFileSync } from "node:fs";
import path from "node:path";
import { upperBound } from "@tenner/cli/binomial-bound";
import type { Guard } from "../../templates/edge-cache/src/domain/semantic/compare-readings.ts";
import { decide } from "../../templates/edge-cache/src/domain/semantic/decide.ts";
import { embed } from "./embed.ts";
import { type Learning, simulate } from "./learning.ts";
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
const last = (messages: Pair["asked"]) => messages.at(-1)?.content ?? "";
const vectors = await embed(
  report
    .filter(({ group }) => group !== "conversation")
    .flatMap(({ asked, candidate }) => [last(asked), last(candidate)]),
);
/** A large model asked yes or no about a pair says yes to so many of the same and to so many of the different (facts of others' measurements). */
const JUDGE_SAME = 0.98;
const learned = learning();
const served = learned.hits + learned.twins;

const sections = [
  `# Does the cache know the same question when it sees it?

Written by \`node bench/semantic/evaluate.ts\`, ${new Date().toISOString().slice(0, 10)}. ${count(all, () => true)} pairs of conversations (${all.filter(({ group }) => group === "conversation").length} of them
with a history), labelled *same* or *different* by the way they were made: generators in \`generated-pairs.ts\`, questions written by hand in
\`natural-pairs.ts\` and \`everyday-pairs.ts\`. One half, by the hash of the template or question a pair comes from, was looked at while the rules were made
(\`show-misses.ts\` prints what they get wrong there); the figures are of the other half. One hand wrote rules and pairs, so read them as an upper bound
for pairs written elsewhere. No model judges: the decision is \`templates/edge-cache/src/domain/semantic\` alone.`,
  `## Goals

| goal | wanted | the half for tuning | the half for the report |
|---|---|---|---|
| false hits among hard negatives | 0 in 1,000 | ${falseHits("tune")} | **${falseHits("report")}** |
| near repeats hit | ≥ 95 % | ${hits("tune", "near repeat")} | **${hits("report", "near repeat")}** |
| natural rephrasings hit, first set | ≥ 50 % | ${hits("tune", "natural rephrasing")} | **${hits("report", "natural rephrasing")}** |
| natural rephrasings hit, second set | ≥ 50 % | ${hits("tune", "everyday rephrasing")} | **${hits("report", "everyday rephrasing")}** |
| both sets together | ≥ 50 % | ${both("tune")} | **${both("report")}** |
| a third set, only for practice | | ${hits("tune", "practice rephrasing")} | – |
| same conversation, last message politer | | ${hits("tune", "conversation")} | **${hits("report", "conversation")}** |`,
  `## How much there is

| | single questions | conversations with a history |
|---|---|---|
| same | ${count(all, (pair) => pair.class === "same" && pair.group !== "conversation")} | ${count(all, (pair) => pair.class === "same" && pair.group === "conversation")} |
| different | ${count(all, (pair) => pair.class === "different" && pair.group !== "conversation")} | ${count(all, (pair) => pair.class === "different" && pair.group === "conversation")} |

The second set (\`everyday-pairs.ts\`: 180 questions, 556 rephrasings, 2,216 pairs of ways to ask with questions that look alike) was written before
the rules were widened, in one go and with the labels that it has; before, they hit 19.8 % of either half of it, and 27.6 % of the first set's report half. One label was
mended before the first run ("the cheapest way to send money" had stood under *same*). The third (\`practice-pairs.ts\`) was written afterwards, to practise on.`,
  `## What is not reached

**Half of the natural rephrasings.** Rules of language bring about two in five. What they cannot see is that one "recognises" diabetes by its
symptoms, that a "business" is a "company" here, or that "what happens in Hamlet" asks for the plot. What was learned from the halves for tuning carries over in part only: compare the columns.
Such pairs are *uncertain*: a miss that can be learned from. Natural pairs judged *different* though they are the same, which are not learned either: ${refused("report")} in the half for the report.

**Read the 0 with care.** It holds for negatives of the sorts that are here. Four lists of pairs were written to break the rules (\`probe-pairs.ts\`, 145, 146, 270 and 138) and did so at first
contact: 18, 24, 6 and 7 false hits, one in twenty of the last. The rules were mended after each, so all four now count to the half for tuning, where those that are left are debatable ("cost of living" and "price of
living"). Whoever writes a fifth list will find more.

**How closed the report is.** Of the first set it was opened four times when the rules were first made; both sets were opened eight times, as sums only, when they were widened. No rule was changed for a pair seen in it.
But one hand wrote rules and pairs, and whoever widened the rules had the first set's questions on the screen once, both halves, before beginning. The practice set, at first contact with the
rules as they were then, was hit at 35 %: expect about that, or two in five, of pairs that others write.`,
  `## Learning

What becomes of the ${learned.asked} natural rephrasings of the report half when their questions are kept among ${learned.kept} questions (all that look alike are kept too): the run time's
own rule, the 5 nearest at a cosine of 0.5 or more by the local cloud's embeddings, then the decision.

| | rephrasings | |
|---|---|---|
| served at once, by their own question's answer | ${learned.hits} | ${percent(learned.hits, learned.asked)} |
| served at once, by the answer to a twin of its question | ${learned.twins} | ${percent(learned.twins, learned.asked)} |
| served at once, by the answer to another question | ${learned.wrong} | ${percent(learned.wrong, learned.asked)} |
| left open, so learned from | ${learned.learnable} | ${percent(learned.learnable, learned.asked)} |
| called different, so never learned | ${learned.refused} | ${percent(learned.refused, learned.asked)} |
| not among the candidates | ${learned.notFound} | ${percent(learned.notFound, learned.asked)} |

A twin is a kept question that the rules call the same as its own. Those here were looked at, the only verdicts of this half that were looked at one by one: two questions stand in both sets
("how much water a day", "how do vaccines work"), and their rephrasings fit either.

A rephrasing that comes again *word for word* while its own answer is kept is an exact hit anyway, learned or not. Served by its question's answer the second time can be at most ${percent(served + learned.learnable, learned.asked)}
(hits and all that is left open); with a judge that says yes to ${(100 * JUDGE_SAME).toFixed(0)} % of the same, as others have measured of large models, about ${percent(served + JUDGE_SAME * learned.learnable, learned.asked)}.
**≥ 90 % is ${served + JUDGE_SAME * learned.learnable >= 0.9 * learned.asked ? "within reach with such a judge" : "not reached"}.** How much the comparison of answers alone (no judge) learns depends on the model that answers;
without a real model it cannot be measured here, and is not claimed.`,
  `## By kind

| class | group | kind | pairs | same | different | uncertain |
|---|---|---|---|---|---|---|
${byKind()}`,
  `## What each guard is worth

Without the guard: false hits among the ${different.length} hard negatives. A guard whose absence costs nothing here is covered by another, or by the rule
that every word left over has to agree. Without the guard for names fewer repeats in small letters are hit: there the name is an ordinary word, which stays.

| without | false hits | all that are the same hit |
|---|---|---|
${ablation()}`,
  `## Time

${time()}`,
  `## A threshold alone

The same pairs by the cosine of the local cloud's embeddings (Universal Sentence Encoder Lite) of the last messages; pairs with a history are left out, they agree there.

| cosine ≥ | near repeats | natural rephrasings | false hits |
|---|---|---|---|
${thresholds()}`,
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

function both(side: Pair["side"]): string {
  const pairs = all.filter((pair) => pair.side === side && /^(?:natural|everyday) rephrasing$/.test(pair.group));
  const found = count(pairs, (pair) => isSame(pair));
  return `${percent(found, pairs.length)} (${found} of ${pairs.length})`;
}

function refused(side: Pair["side"]): string {
  const pairs = all.filter((pair) => pair.side === side && /^(?:natural|everyday) rephrasing$/.test(pair.group));
  return `${count(pairs, (pair) => decide(pair.asked, pair.candidate).verdict === "different")} of ${pairs.length}`;
}

function learning(): Learning {
  const ours = report.filter(({ group }) => /^(?:natural|everyday) /.test(group));
  const kept = new Set(ours.map(({ class: kindOf, asked, candidate }) => last(kindOf === "same" ? asked : candidate)));
  return simulate(
    ours.filter((pair) => pair.class === "same"),
    [...kept],
    vectors,
  );
}

function thresholds(): string {
  const single = report.filter(({ group }) => group !== "conversation");
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
      `| ${threshold.toFixed(2)} | ${passed(threshold, ({ group }) => group === "near repeat")} | ${passed(threshold, ({ group }) => /^(?:natural|everyday) rephrasing$/.test(group))} | ${passed(threshold, (pair) => pair.class === "different")} |`,
  ).join("\n");
}

function dot(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
}
